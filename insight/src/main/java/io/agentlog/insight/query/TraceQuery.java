package io.agentlog.insight.query;

import io.agentlog.insight.page.AgentPage.Version;
import io.agentlog.insight.page.AgentPage.Versions;
import io.agentlog.insight.page.ExecutionPage.Execution;
import io.agentlog.insight.page.Window;
import io.agentlog.postgres.TraceTables;
import io.agentlog.postgres.TraceTables.Detail;
import io.agentlog.sink.SinkUnavailableException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Reads the whole trace: prompts with their instructions, file operations and used knowledge. A
 * database without these tables has none. Thread-safe.
 */
public final class TraceQuery {
  /** Details of an execution that are read of each table. */
  public static final int DETAILS_MAX = 1_000;

  /** Executions that are looked at of each version, the latest of the window. */
  public static final int EXECUTIONS_MAX = 500;

  /** Versions of an agent that are listed. */
  static final int VERSIONS_LISTED = 20;

  /** Characters that are read of a prompt, and of every other text of a user. */
  private static final int TEXT_MAX = 20_000;

  /**
   * The index {@code agent_prompts_versions} for each version, then the primary key: with the
   * offset PostgreSQL can't join to the whole table instead. The executions of a version are the
   * latest of the window.
   */
  static final String STATISTICS =
      """
      SELECT v.hash, v.version, v.first_at, v.n, s.executions, s.ended, s.succeeded, s.scored, s.quality, s.latest
      FROM (SELECT a.*, count(*) OVER () AS n FROM (%s) AS a ORDER BY version DESC LIMIT %s) AS v
        CROSS JOIN LATERAL (
          SELECT count(*) AS executions, count(*) FILTER (WHERE e.status <> 'in_progress') AS ended,
                 count(*) FILTER (WHERE e.status = 'success') AS succeeded, count(e.quality_score) AS scored,
                 avg(e.quality_score)::float8 AS quality, (array_agg(e.execution_id ORDER BY e.started_at DESC))[1] AS latest
          FROM (SELECT DISTINCT x.execution_id FROM (
              SELECT p.execution_id FROM agent_prompts p
              WHERE p.agent_name = ? AND p.agent_instructions_hash = v.hash AND p.created_at >= ? AND p.created_at < ?
              ORDER BY p.created_at DESC LIMIT %s) AS x) AS had
            CROSS JOIN LATERAL (
              SELECT l.execution_id, l.status, l.quality_score, l.started_at, l.project_name
              FROM agent_execution_logs l WHERE l.execution_id = had.execution_id OFFSET 0) AS e
          WHERE ?::text IS NULL OR e.project_name = ?) AS s
      ORDER BY v.version DESC\
      """
          .formatted(TraceTables.VERSIONS, VERSIONS_LISTED + 1, EXECUTIONS_MAX);

  private final Database database;
  private final boolean texts;

  /**
   * @param texts whether prompts, instructions, queries and error messages may be read
   */
  public TraceQuery(Database database, boolean texts) {
    this.database = database;
    this.texts = texts;
  }

  /**
   * The details of one execution.
   *
   * @param details in the order of each table; more than {@link #DETAILS_MAX} of a table if there
   *     are more
   * @param versions numbers of the agent's instructions by their hash
   * @param unreadable tables that the dashboard's user may not read
   */
  public record Found(
      List<Detail> details, Map<String, Integer> versions, List<String> unreadable) {}

  private record Numbered(@Nullable String hash, int number) {}

  /** Returns the details of an execution, and those that name its request alone. */
  public Found of(Execution execution) throws SinkUnavailableException {
    TraceTables tables = tables();
    List<Detail> details = new ArrayList<>();
    for (String sql : tables.statements(texts, TEXT_MAX)) {
      details.addAll(
          database.list(
              sql,
              TraceTables::detail,
              "{" + execution.id() + "}",
              execution.request(),
              DETAILS_MAX + 1));
    }
    Map<String, Integer> versions = new HashMap<>();
    String agent = execution.agent();
    boolean isNeeded =
        details.stream().anyMatch(detail -> detail.values().containsKey("agent_instructions_hash"));
    if (isNeeded && agent != null && tables.hasVersions()) {
      List<Numbered> found =
          database.list(
              TraceTables.VERSIONS,
              row -> new Numbered(row.getString("hash"), row.getInt("version")),
              agent,
              agent);
      if (found.size() <= TraceTables.VERSIONS_MAX) {
        found.forEach(one -> versions.put(String.valueOf(one.hash()), one.number()));
      }
    }
    return new Found(details, versions, tables.unreadable());
  }

  /** Returns what is missing of these tables and the remedy; null if there are none. */
  public static @Nullable String rightMissing(List<String> unreadable) {
    return unreadable.isEmpty()
        ? null
        : "What is in %s is missing: the dashboard's user may not read it. As the owner, run: GRANT SELECT ON %1$s to the dashboard's user."
            .formatted(String.join(", ", unreadable));
  }

  /** Returns the versions of an agent's instructions with the executions of a window. */
  public Versions versions(String agent, Window window, @Nullable String project)
      throws SinkUnavailableException {
    TraceTables tables = tables();
    if (!tables.hasVersions()) {
      return new Versions(List.of(), false, rightMissing(tables.unreadable()));
    }
    List<Version> rows = new ArrayList<>();
    List<Long> counts =
        database.list(
            STATISTICS,
            row -> {
              rows.add(version(row));
              return row.getLong("n");
            },
            agent,
            agent,
            agent,
            window.from(),
            window.to(),
            project,
            project);
    if (!counts.isEmpty() && counts.get(0) > TraceTables.VERSIONS_MAX) {
      return new Versions(
          List.of(),
          false,
          "The agent had over %s different instructions, so they are not told apart as versions. A part of them may change with each execution, such as a date."
              .formatted(TraceTables.VERSIONS_MAX));
    }
    boolean isMore = rows.size() > VERSIONS_LISTED;
    return new Versions(isMore ? rows.subList(0, VERSIONS_LISTED) : rows, isMore, null);
  }

  private static Version version(ResultSet row) throws SQLException {
    return new Version(
        row.getInt("version"),
        Objects.requireNonNullElse(row.getString("hash"), ""),
        Database.time(row, "first_at"),
        row.getLong("executions"),
        row.getLong("ended"),
        row.getLong("succeeded"),
        row.getLong("scored"),
        Database.decimal(row, "quality"),
        Database.id(row, "latest"));
  }

  private TraceTables tables() throws SinkUnavailableException {
    return new TraceTables(database.list(TraceTables.FIND, TraceTables::table));
  }
}
