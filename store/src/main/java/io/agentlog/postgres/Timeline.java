package io.agentlog.postgres;

import static io.agentlog.postgres.TimelineRows.list;

import io.agentlog.config.Config;
import io.agentlog.event.Identifier;
import io.agentlog.postgres.TimelineRows.Placed;
import io.agentlog.postgres.TraceTables.Detail;
import io.agentlog.sink.SinkUnavailableException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads what happened in one execution and those that it called, or in all that share a correlation
 * ID, in order of time: stages, decisions, calls of models, and where the database has the whole
 * trace also instructions, file operations and used knowledge. All of it is of one moment of the
 * database.
 */
public final class Timeline {
  /** Most entries read; a longer timeline is cut there. */
  public static final int ENTRIES_MAX = 10_000;

  /** Most executions of one request that are looked at. */
  private static final int EXECUTIONS_MAX = 15_000;

  /** Agents whose versions of instructions are counted. */
  private static final int AGENTS_MAX = 20;

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
   *     file_operation}, {@code intelligence_usage}, {@code model_call} or the status at the end
   * @param agent name of the execution's agent, for a decision of the chosen one
   * @param executionId null for a decision, and for a row that names its request alone
   * @param detail prompt, stage and percent, confidence and reasoning, or error
   * @param durationMicros duration in an end and in a call of a model, otherwise null
   * @param values further values that are not null, by the name of their column, and {@code
   *     instructions_version}; in an end also what the execution has used; immutable
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
   * @param usage what its own calls of models and tools have used, by the name of the column; empty
   *     if there were none; immutable
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
      @Nullable Double quality,
      Map<String, Object> usage) {
    private Execution with(Map<String, Object> used) {
      return new Execution(
          id,
          correlationId,
          correlation,
          parentId,
          agent,
          status,
          startedAt,
          durationMicros,
          quality,
          used);
    }
  }

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
        list(
            connection,
            TimelineRows.EXECUTIONS,
            TimelineRows::execution,
            key,
            key,
            key,
            EXECUTIONS_MAX);
    List<Execution> wanted = wanted(related, key);
    String ids =
        wanted.stream().map(one -> one.id().toString()).collect(Collectors.joining(",", "{", "}"));
    boolean isRequest = related.stream().anyMatch(one -> key.equals(one.correlationId()));
    List<Placed> placed =
        list(
            connection,
            TimelineRows.SQL,
            TimelineRows::entry,
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
    Map<UUID, Map<String, Object>> usage = usage(connection, tables, ids, wanted.size());
    placed.replaceAll(one -> withUsage(one, usage));
    placed.sort(TimelineRows.IN_TIME);
    return new Found(
        wanted.stream().map(one -> one.with(usage.getOrDefault(one.id(), Map.of()))).toList(),
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

  /** Returns what each execution has used, of those that called a model or a tool. */
  private static Map<UUID, Map<String, Object>> usage(
      Connection connection, TraceTables tables, String ids, int most) throws SQLException {
    Map<UUID, Map<String, Object>> usage = new HashMap<>();
    String sql = tables.usage();
    if (sql != null) {
      for (Detail row : list(connection, sql, TraceTables::detail, ids, most)) {
        if (row.executionId() != null) {
          usage.put(row.executionId(), Collections.unmodifiableMap(row.values()));
        }
      }
    }
    return usage;
  }

  /** Adds what the execution has used to its end. */
  private static Placed withUsage(Placed placed, Map<UUID, Map<String, Object>> usage) {
    Entry entry = placed.entry();
    UUID id = entry.executionId();
    Map<String, Object> used = id == null ? null : usage.get(id);
    if (used == null || placed.place() != TimelineRows.END) {
      return placed;
    }
    Map<String, Object> values = new LinkedHashMap<>(entry.values());
    values.putAll(used);
    Entry more =
        new Entry(
            entry.at(),
            entry.seq(),
            entry.event(),
            entry.agent(),
            id,
            entry.parentId(),
            entry.detail(),
            entry.durationMicros(),
            Collections.unmodifiableMap(values));
    return new Placed(more, placed.place());
  }

  private static void addDetails(
      List<Placed> placed, List<Detail> details, Map<String, Long> versions) {
    for (Detail detail : details) {
      Map<String, Object> values = new LinkedHashMap<>(detail.values());
      Long version = versions.get(detail.agent() + '\0' + values.get("agent_instructions_hash"));
      if (version != null) {
        values.put("instructions_version", version);
      }
      Object micros = values.remove("duration_us");
      Entry entry =
          new Entry(
              detail.at(),
              detail.seq(),
              detail.event(),
              detail.agent(),
              detail.executionId(),
              null,
              null,
              micros instanceof Number number ? number.longValue() : null,
              Collections.unmodifiableMap(values));
      placed.add(new Placed(entry, detail.seq() == null ? TimelineRows.FIRST : detail.seq()));
    }
  }

  /** A version of instructions. */
  private record Version(@Nullable String hash, long number) {}
}
