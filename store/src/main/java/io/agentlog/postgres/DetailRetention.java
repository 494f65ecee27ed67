package io.agentlog.postgres;

import static java.util.stream.Collectors.joining;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Removes details that no execution has, and texts that no prompt refers to. Details of executions
 * go with them, in the statement of {@link Retention}. A table that the database does not have is
 * named by no statement: one that an older agentlog made has no calls of models.
 *
 * <p>Details without an execution are found by the time in their key, which is of version 7, so no
 * index is needed: below the age are nothing but these and the details of executions that are still
 * in progress. Rows whose key is of another version are not agentlog's and stay.
 *
 * <p>A text is removed a day after it was last seen, by the database's clock. A writer leaves a
 * text alone that was seen in the last hour, so a text that a transaction refers to is never
 * removed, unless the transaction takes most of a day.
 *
 * <p>Not thread-safe.
 */
final class DetailRetention {
  private static final String NIL = "00000000-0000-0000-0000-000000000000";

  private static final String TEXTS =
      """
      WITH old AS (
        SELECT t.sha256 FROM agent_prompt_texts t
        WHERE t.sha256 > ? AND t.last_seen_at < pg_catalog.now() - pg_catalog.make_interval(days => 1)
        ORDER BY t.sha256 LIMIT ? FOR UPDATE SKIP LOCKED
      ), gone AS (
        DELETE FROM agent_prompt_texts t USING old
        WHERE t.sha256 = old.sha256 AND t.last_seen_at < pg_catalog.now() - pg_catalog.make_interval(days => 1)
          AND NOT EXISTS (SELECT FROM agent_prompts p WHERE p.agent_instructions_hash = old.sha256)
      )
      SELECT pg_catalog.count(*), pg_catalog.max(sha256) FROM old\
      """;

  /** The first 48 bits of a key of version 7 are milliseconds since the epoch. */
  private static final String BELOW_AGE =
      """
      < pg_catalog.rpad(pg_catalog.lpad(pg_catalog.to_hex((1000::double precision * pg_catalog.date_part('epoch', pg_catalog.now() - pg_catalog.make_interval(secs => ?)))::bigint), 12, '0'), 32, '0')::uuid\
      """;

  /** Each execution's calls lie together in the key, so that a run goes on behind one of them. */
  private static final String MODEL_CALLS =
      """
      WITH old AS (
        SELECT c.execution_id, c.seq FROM agent_model_calls c
        WHERE (c.execution_id, c.seq) > (pg_catalog.split_part(?, ' ', 1)::uuid, pg_catalog.split_part(?, ' ', 2)::integer)
          AND c.execution_id %s%%s
          AND pg_catalog.substr(c.execution_id::text, 15, 1) = '7' AND c.created_at < pg_catalog.now() - pg_catalog.make_interval(secs => ?)
        ORDER BY c.execution_id, c.seq LIMIT ? FOR UPDATE SKIP LOCKED
      ), gone AS (
        DELETE FROM agent_model_calls c USING old
        WHERE c.execution_id = old.execution_id AND c.seq = old.seq%%s
          AND NOT EXISTS (SELECT FROM agent_execution_logs e WHERE e.execution_id = old.execution_id%%s)
      )
      SELECT pg_catalog.count(*),
             (SELECT pg_catalog.concat(execution_id, ' ', seq) FROM old ORDER BY execution_id DESC, seq DESC LIMIT 1) FROM old\
      """
          .formatted(BELOW_AGE);

  /**
   * A statement of a run, whose parameters are a key, the age in seconds and the most rows.
   *
   * @param first before every key
   * @param keys how often the key is a parameter
   * @param ages how often the age is
   */
  private record Sweep(String sql, String first, int keys, int ages) {}

  private final Duration age;
  private final List<Sweep> sweeps = new ArrayList<>();
  private String from = "";
  private int begun = -1;

  /** {@code tables} are those of details that the database has. */
  DetailRetention(Duration age, Set<String> tables, DayBounds bounds) {
    this.age = age;
    for (TableInsert<DetailRow> table :
        List.of(DetailTables.INTELLIGENCE, DetailTables.FILE_OPERATIONS, DetailTables.PROMPTS)) {
      if (tables.contains(table.table())) {
        sweeps.add(new Sweep(orphans(table.table(), bounds), NIL, 1, 2));
      }
    }
    String calls = DetailTables.MODEL_CALLS.table();
    if (tables.contains(calls)) {
      String sql =
          MODEL_CALLS.formatted(
              bounds.ofOld("c.execution_id", calls),
              bounds.ofOld("c.execution_id", calls),
              bounds.ofOld("e.execution_id", Tables.EXECUTIONS.table()));
      sweeps.add(new Sweep(sql, NIL + " 0", 2, 2));
    }
    if (tables.contains(DetailTables.PROMPTS.table())
        && tables.contains(DetailTables.PROMPT_TEXTS.table())) {
      sweeps.add(new Sweep(TEXTS, "", 1, 0));
    }
  }

  /**
   * Returns the part of a statement that removes the details of the executions in {@code old},
   * which are of a range.
   */
  static String ofExecutions(Set<String> tables, DayBounds bounds, int range) {
    return Track.DETAILS.names().stream()
        .filter(name -> tables.contains(name) && !name.equals(DetailTables.PROMPT_TEXTS.table()))
        .map(
            name ->
                "%1$s_gone AS (\n    DELETE FROM %1$s c USING old WHERE c.execution_id = old.execution_id%2$s\n  ), "
                    .formatted(
                        name,
                        name.equals(DetailTables.MODEL_CALLS.table())
                            ? bounds.ofExecutions(range, "c.execution_id")
                            : bounds.ofMoments(range, "c.id", name)))
        .collect(joining());
  }

  /** Returns the number of statements of a run. */
  int count() {
    return sweeps.size();
  }

  /** Begins a run. */
  void begin() {
    begun = -1;
  }

  /**
   * Looks at the next rows of a statement and removes those of them that are to go.
   *
   * @return rows looked at, so fewer than {@code rows} at the end
   */
  int remove(Connection connection, int statement, int rows) throws SQLException {
    Sweep sweep = sweeps.get(statement);
    if (begun != statement) {
      begun = statement;
      from = sweep.first;
    }
    try (PreparedStatement delete = connection.prepareStatement(sweep.sql)) {
      int index = 1;
      for (int i = 0; i < sweep.keys; i++) {
        delete.setString(index++, from);
      }
      for (int i = 0; i < sweep.ages; i++) {
        delete.setDouble(index++, age.toMillis() / 1e3);
      }
      delete.setInt(index, rows);
      try (ResultSet row = delete.executeQuery()) {
        row.next();
        String last = row.getString(2);
        if (last != null) {
          from = last;
        }
        return row.getInt(1);
      }
    }
  }

  /** Runs the statements for no row. */
  void tryOn(Connection connection) throws SQLException {
    for (int i = 0; i < count(); i++) {
      remove(connection, i, 0);
    }
  }

  private static String orphans(String table, DayBounds bounds) {
    return """
    WITH old AS (
      SELECT c.id, c.execution_id, c.created_at FROM %1$s c
      WHERE c.id > ?::uuid
        AND c.id %2$s%3$s
        AND pg_catalog.substr(c.id::text, 15, 1) = '7' AND c.created_at < pg_catalog.now() - pg_catalog.make_interval(secs => ?)
      ORDER BY c.id LIMIT ? FOR UPDATE SKIP LOCKED
    ), gone AS (
      DELETE FROM %1$s c USING old
      WHERE c.id = old.id%3$s
        AND NOT EXISTS (SELECT FROM agent_execution_logs e WHERE e.execution_id = old.execution_id%4$s)
    )
    SELECT pg_catalog.count(*), (SELECT id::text FROM old ORDER BY id DESC LIMIT 1) FROM old\
    """
        .formatted(
            table,
            BELOW_AGE,
            bounds.ofOld("c.id", table),
            bounds.ofTheirExecutions("e.execution_id"));
  }
}
