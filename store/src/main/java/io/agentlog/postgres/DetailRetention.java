package io.agentlog.postgres;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;

/**
 * Removes details that no execution has, and texts that no prompt refers to. Details of executions
 * go with them, in the statement of {@link Retention}.
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
  /** Number of statements of a run. */
  static final int COUNT = 4;

  /** Part of a statement that removes the details of the executions in {@code old}. */
  static final String OF_EXECUTIONS =
      """
      prompts AS (
          DELETE FROM agent_prompts c USING old WHERE c.execution_id = old.execution_id
        ), operations AS (
          DELETE FROM agent_file_operations c USING old WHERE c.execution_id = old.execution_id
        ), intelligence AS (
          DELETE FROM agent_intelligence_usage c USING old WHERE c.execution_id = old.execution_id
        ),
      """;

  private static final List<String> STATEMENTS =
      List.of(
          orphans("agent_intelligence_usage"),
          orphans("agent_file_operations"),
          orphans("agent_prompts"),
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
          """);

  /** Before every key of its statement. */
  private static final List<String> FROM_THE_START =
      List.of(
          "00000000-0000-0000-0000-000000000000",
          "00000000-0000-0000-0000-000000000000",
          "00000000-0000-0000-0000-000000000000",
          "");

  private final Duration age;
  private String from = "";
  private int begun = -1;

  DetailRetention(Duration age) {
    this.age = age;
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
    if (begun != statement) {
      begun = statement;
      from = FROM_THE_START.get(statement);
    }
    try (PreparedStatement delete = connection.prepareStatement(STATEMENTS.get(statement))) {
      set(delete, statement, from, rows);
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
    for (int i = 0; i < COUNT; i++) {
      remove(connection, i, 0);
    }
  }

  private void set(PreparedStatement delete, int statement, String from, int rows)
      throws SQLException {
    int index = 1;
    delete.setString(index++, from);
    if (statement < COUNT - 1) {
      delete.setDouble(index++, age.toMillis() / 1e3);
      delete.setDouble(index++, age.toMillis() / 1e3);
    }
    delete.setInt(index, rows);
  }

  /** The first 48 bits of a key of version 7 are milliseconds since the epoch. */
  private static String orphans(String table) {
    return """
    WITH old AS (
      SELECT c.id, c.execution_id, c.created_at FROM %1$s c
      WHERE c.id > ?::uuid
        AND c.id < pg_catalog.rpad(pg_catalog.lpad(pg_catalog.to_hex((1000::double precision * pg_catalog.date_part('epoch', pg_catalog.now() - pg_catalog.make_interval(secs => ?)))::bigint), 12, '0'), 32, '0')::uuid
        AND pg_catalog.substr(c.id::text, 15, 1) = '7' AND c.created_at < pg_catalog.now() - pg_catalog.make_interval(secs => ?)
      ORDER BY c.id LIMIT ? FOR UPDATE SKIP LOCKED
    ), gone AS (
      DELETE FROM %1$s c USING old
      WHERE c.id = old.id
        AND NOT EXISTS (SELECT FROM agent_execution_logs e WHERE e.execution_id = old.execution_id)
    )
    SELECT pg_catalog.count(*), (SELECT id::text FROM old ORDER BY id DESC LIMIT 1) FROM old\
    """
        .formatted(table);
  }
}
