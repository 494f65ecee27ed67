package io.agentlog.postgres;

import io.agentlog.config.Config;
import io.agentlog.event.Identifier;
import io.agentlog.postgres.TraceTables.Detail;
import io.agentlog.sink.SinkUnavailableException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads what happened in one execution and those that it called, or in all that share a correlation
 * ID, in order of time: stages, decisions, and where the database has the whole trace also
 * instructions, file operations and used knowledge. All of it is of one moment of the database.
 */
public final class Timeline {
  /** Most entries read; a longer timeline is cut there. */
  public static final int ENTRIES_MAX = 10_000;

  /** Most executions of one request that are looked at. */
  private static final int EXECUTIONS_MAX = 15_000;

  /** Agents whose versions of instructions are counted. */
  private static final int AGENTS_MAX = 20;

  /** Place of what has no number, among the entries of the same time: after a start. */
  private static final int FIRST = 1;

  /**
   * Finds executions by the primary key and {@code _correlation}. A child has the correlation ID of
   * its caller.
   */
  private static final String EXECUTIONS =
      """
      SELECT execution_id, correlation_id, metadata ->> 'correlation_id_raw' AS given, parent_execution_id, agent_name,
             status, started_at, coalesce(duration_us, duration_ms * 1000::bigint) AS micros, quality_score
      FROM agent_execution_logs
      WHERE execution_id = ? OR correlation_id = ?
        OR correlation_id = (SELECT correlation_id FROM agent_execution_logs WHERE execution_id = ?)
      LIMIT ?\
      """;

  private static final String SQL =
      """
      WITH wanted AS (
        SELECT * FROM agent_execution_logs WHERE execution_id = ANY (?::uuid[]))
      SELECT * FROM (
        SELECT w.started_at AS at, 0 AS place, 'started' AS event, w.agent_name AS agent, w.execution_id,
               w.parent_execution_id, CASE WHEN ? THEN w.user_prompt END AS detail, NULL::bigint AS micros,
               w.user_prompt_length, w.user_prompt_sha256, NULL::numeric AS quality_score
        FROM wanted w
        UNION ALL
        SELECT p.occurred_at, p.seq, 'progress', w.agent_name, w.execution_id, w.parent_execution_id,
               concat_ws(' ', p.stage, p.percent || '%'), NULL, NULL, NULL, NULL
        FROM wanted w JOIN agent_execution_progress p ON p.execution_id = w.execution_id
        UNION ALL
        SELECT d.created_at, 1, 'decision', d.selected_agent, NULL, NULL,
               concat_ws(', ', 'confidence ' || d.confidence_score, CASE WHEN ? THEN d.reasoning END), NULL, NULL, NULL, NULL
        FROM agent_routing_decisions d
        WHERE d.correlation_id = ? OR d.id IN (SELECT routing_decision_id FROM wanted)
        UNION ALL
        SELECT w.completed_at, 2147483647, w.status, w.agent_name, w.execution_id, w.parent_execution_id,
               concat_ws(': ', w.error_type, CASE WHEN ? THEN w.error_message END), w.duration_us, NULL, NULL, w.quality_score
        FROM wanted w WHERE w.completed_at IS NOT NULL) AS e
      ORDER BY at NULLS FIRST, place
      LIMIT ?\
      """;

  private static final Comparator<Placed> IN_TIME =
      Comparator.comparing(
              (Placed placed) -> placed.entry().at(),
              Comparator.nullsFirst(Comparator.naturalOrder()))
          .thenComparingInt(Placed::place);

  private final PostgresTarget target;

  /** Does no I/O. The configuration names the database. */
  public Timeline(Config config) {
    this.target = PostgresTarget.of(config);
  }

  /**
   * One thing that happened.
   *
   * @param at null in rows without a time, which an older logger wrote
   * @param seq of the execution's one sequence; null where the tables have none
   * @param event {@code started}, {@code progress}, {@code decision}, {@code prompt}, {@code
   *     file_operation}, {@code intelligence_usage} or the status at the end
   * @param agent name of the execution's agent, for a decision of the chosen one
   * @param executionId null for a decision, and for a row that names its request alone
   * @param detail prompt, stage and percent, confidence and reasoning, or error
   * @param durationMicros duration in an end, otherwise null
   * @param values further values that are not null, by the name of their column, and {@code
   *     instructions_version}; immutable
   */
  public record Entry(
      @Nullable Instant at,
      @Nullable Integer seq,
      String event,
      @Nullable String agent,
      @Nullable UUID executionId,
      @Nullable UUID parentId,
      @Nullable String detail,
      @Nullable Long durationMicros,
      Map<String, Object> values) {}

  /**
   * An execution whose entries are shown.
   *
   * @param correlation as the application gave it, or its UUID
   * @param durationMicros null while it runs
   */
  public record Execution(
      UUID id,
      @Nullable UUID correlationId,
      @Nullable String correlation,
      @Nullable UUID parentId,
      @Nullable String agent,
      @Nullable String status,
      @Nullable Instant startedAt,
      @Nullable Long durationMicros,
      @Nullable Double quality) {}

  /**
   * Executions and what happened in them.
   *
   * @param executions the first to start first; empty if nothing has the ID
   * @param entries the first {@link #ENTRIES_MAX} in order of time
   * @param isCut whether there are more
   * @param unreadable tables that the user may not read, so their entries are missing
   */
  public record Found(
      List<Execution> executions, List<Entry> entries, boolean isCut, List<String> unreadable) {}

  /** Returns the database that is read, without secrets. */
  public String place() {
    return target.toString();
  }

  /**
   * Reads a timeline.
   *
   * @param id of an execution, or a correlation ID as the application gave it: a UUID or any text
   * @param withTexts true to read prompts, instructions, queries, reasons and error messages too
   * @throws SinkUnavailableException if the database can't be read; the message says what to do
   */
  public Found of(String id, boolean withTexts) throws SinkUnavailableException {
    if (!target.isUsable()) {
      throw new SinkUnavailableException(target.notUsable(), null);
    }
    UUID key = Identifier.of(id).id();
    try (Connection connection = new AgentDataSource(target).getConnection()) {
      connection.setReadOnly(true);
      connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      connection.setAutoCommit(false);
      return read(connection, key, withTexts);
    } catch (SQLException e) {
      throw SqlStates.outage(e, target, false);
    }
  }

  private static Found read(Connection connection, UUID key, boolean withTexts)
      throws SQLException {
    List<Execution> related =
        list(connection, EXECUTIONS, Timeline::execution, key, key, key, EXECUTIONS_MAX);
    List<Execution> wanted = wanted(related, key);
    String ids =
        wanted.stream().map(one -> one.id().toString()).collect(Collectors.joining(",", "{", "}"));
    boolean isRequest = related.stream().anyMatch(one -> key.equals(one.correlationId()));
    List<Placed> placed =
        list(
            connection,
            SQL,
            Timeline::entry,
            ids,
            withTexts,
            withTexts,
            key,
            withTexts,
            ENTRIES_MAX + 1);
    TraceTables tables = new TraceTables(list(connection, TraceTables.FIND, TraceTables::table));
    List<Detail> details = new ArrayList<>();
    for (String sql : tables.statements(withTexts, Integer.MAX_VALUE)) {
      details.addAll(
          list(
              connection,
              sql,
              TraceTables::detail,
              ids,
              isRequest || wanted.isEmpty() ? key : null,
              ENTRIES_MAX + 1));
    }
    addDetails(placed, details, versions(connection, tables, details));
    placed.sort(IN_TIME);
    return new Found(
        wanted,
        placed.stream().limit(ENTRIES_MAX).map(Placed::entry).toList(),
        placed.size() > ENTRIES_MAX || related.size() == EXECUTIONS_MAX,
        tables.unreadable());
  }

  /** Returns those of the request, or the one execution and all that it called. */
  private static List<Execution> wanted(List<Execution> related, UUID key) {
    Map<@Nullable UUID, List<Execution>> called = new HashMap<>();
    Map<UUID, Execution> found = new LinkedHashMap<>();
    List<Execution> todo = new ArrayList<>();
    for (Execution one : related) {
      called.computeIfAbsent(one.parentId(), parent -> new ArrayList<>()).add(one);
      if (one.id().equals(key) || key.equals(one.correlationId())) {
        todo.add(one);
      }
    }
    while (!todo.isEmpty()) {
      Execution next = todo.remove(todo.size() - 1);
      if (found.putIfAbsent(next.id(), next) == null) { // Two rows may name each other as caller.
        todo.addAll(called.getOrDefault(next.id(), List.of()));
      }
    }
    List<Execution> wanted = new ArrayList<>(found.values());
    wanted.sort(
        Comparator.comparing(Execution::startedAt, Comparator.nullsFirst(Comparator.naturalOrder()))
            .thenComparing(Execution::id));
    return wanted;
  }

  /** Returns the number of each version by its agent and hash. */
  private static Map<String, Long> versions(
      Connection connection, TraceTables tables, List<Detail> details) throws SQLException {
    Map<String, Long> versions = new HashMap<>();
    if (!tables.hasVersions()) {
      return versions;
    }
    Set<String> agents = new TreeSet<>();
    for (Detail detail : details) {
      if (detail.agent() != null && detail.values().containsKey("agent_instructions_hash")) {
        agents.add(detail.agent());
      }
    }
    for (String agent : agents.stream().limit(AGENTS_MAX).toList()) {
      List<Version> found =
          list(
              connection,
              TraceTables.VERSIONS,
              row -> new Version(row.getString("hash"), row.getLong("version")),
              agent,
              agent);
      if (found.size() <= TraceTables.VERSIONS_MAX) {
        found.forEach(one -> versions.put(agent + '\0' + one.hash(), one.number()));
      }
    }
    return versions;
  }

  private static void addDetails(
      List<Placed> placed, List<Detail> details, Map<String, Long> versions) {
    for (Detail detail : details) {
      Map<String, Object> values = new LinkedHashMap<>(detail.values());
      Long version = versions.get(detail.agent() + '\0' + values.get("agent_instructions_hash"));
      if (version != null) {
        values.put("instructions_version", version);
      }
      Entry entry =
          new Entry(
              detail.at(),
              detail.seq(),
              detail.event(),
              detail.agent(),
              detail.executionId(),
              null,
              null,
              null,
              Collections.unmodifiableMap(values));
      placed.add(new Placed(entry, detail.seq() == null ? FIRST : detail.seq()));
    }
  }

  /** Makes an object of a row. */
  @FunctionalInterface
  private interface Row<T> {
    T of(ResultSet row) throws SQLException;
  }

  /** An entry, and where it stands among those of the same time. */
  private record Placed(Entry entry, int place) {}

  /** A version of instructions. */
  private record Version(@Nullable String hash, long number) {}

  private static <T> List<T> list(
      Connection connection, String sql, Row<T> row, @Nullable Object... parameters)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < parameters.length; i++) {
        statement.setObject(i + 1, parameters[i]);
      }
      List<T> list = new ArrayList<>();
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          list.add(row.of(rows));
        }
      }
      return list;
    }
  }

  private static Execution execution(ResultSet row) throws SQLException {
    UUID correlationId = row.getObject("correlation_id", UUID.class);
    String given = row.getString("given");
    double quality = row.getDouble("quality_score");
    boolean hasQuality = !row.wasNull();
    return new Execution(
        Objects.requireNonNull(row.getObject("execution_id", UUID.class)),
        correlationId,
        given != null || correlationId == null ? given : correlationId.toString(),
        row.getObject("parent_execution_id", UUID.class),
        row.getString("agent_name"),
        row.getString("status"),
        time(row, "started_at"),
        row.getObject("micros", Long.class),
        hasQuality ? quality : null);
  }

  private static Placed entry(ResultSet row) throws SQLException {
    String event = row.getString("event");
    int place = row.getInt("place");
    boolean isDecision = event.equals("decision");
    Map<String, Object> values = new LinkedHashMap<>();
    for (String column : List.of("user_prompt_length", "user_prompt_sha256", "quality_score")) {
      Object value = row.getObject(column);
      if (value != null) {
        values.put(column, value);
      }
    }
    Entry entry =
        new Entry(
            time(row, "at"),
            event.equals("progress") ? place : null,
            event,
            row.getString("agent"),
            row.getObject("execution_id", UUID.class),
            row.getObject("parent_execution_id", UUID.class),
            row.getString("detail"),
            row.getObject("micros", Long.class),
            Collections.unmodifiableMap(values));
    return new Placed(entry, isDecision ? FIRST : place);
  }

  private static @Nullable Instant time(ResultSet row, String column) throws SQLException {
    OffsetDateTime at = row.getObject(column, OffsetDateTime.class);
    return at == null ? null : at.toInstant();
  }
}
