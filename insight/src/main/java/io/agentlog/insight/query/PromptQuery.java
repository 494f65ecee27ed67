package io.agentlog.insight.query;

import io.agentlog.insight.page.PromptPage;
import io.agentlog.insight.page.PromptsPage;
import io.agentlog.insight.page.Window;
import io.agentlog.insight.query.RollupState.Duty;
import io.agentlog.sink.SinkUnavailableException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads the prompts that agents had repeatedly. Thread-safe. */
public final class PromptQuery {
  /** Prompts that are listed. */
  public static final int LISTED_MAX = 100;

  /** Executions of one prompt that are listed. */
  public static final int EXECUTIONS_MAX = 100;

  private static final int LINE_LENGTH_MAX = 240;

  private static final String SUMS =
      """
      prompt_sha256, sum(times) AS times, sum(succeeded) AS succeeded, sum(failed) AS failed, sum(cancelled) AS cancelled,
             min(first_seen) AS first_seen, max(last_seen) AS last_seen,
             left(string_agg(DISTINCT agent_name, ', ' ORDER BY agent_name), 1000) AS agents,
             sum(quality_n) AS quality_n, sum(quality_sum) AS quality_sum, min(quality_min) AS quality_min, max(quality_max) AS quality_max,
             sum(duration_n) AS duration_n, sum(duration_us) AS duration_us, min(duration_us_min) AS duration_us_min,
             max(duration_us_max) AS duration_us_max, max(routes) AS routes, (array_agg(examples[1] ORDER BY last_seen DESC))[1] AS example
      FROM agent_insight_prompts""";

  private static final String LIST =
      "SELECT "
          + SUMS
          + " WHERE bucket >= ? AND bucket < ? AND (?::text IS NULL OR agent_name = ?)"
          + " AND (?::text IS NULL OR project_name = ?)"
          + " GROUP BY prompt_sha256 ORDER BY times DESC, last_seen DESC LIMIT ?";

  private static final String ONE =
      "SELECT " + SUMS + " WHERE prompt_sha256 = ? GROUP BY prompt_sha256";

  private static final String EXECUTIONS =
      """
      SELECT e.execution_id, %s, e.started_at, coalesce(e.duration_us, e.duration_ms * 1000::bigint) AS micros,
             e.quality_score, %s
      FROM (SELECT DISTINCT x.id FROM agent_insight_prompts p, unnest(p.examples) AS x (id) WHERE p.prompt_sha256 = ?) AS known
        JOIN agent_execution_logs e ON e.execution_id = known.id LEFT JOIN agent_routing_decisions d ON d.id = e.routing_decision_id
      WHERE e.user_prompt_sha256 = ? ORDER BY e.started_at DESC LIMIT ?"""
          .formatted(
              Columns.names("e.", "agent_name", "status", "error_type"),
              Columns.names("d.", "selected_agent"));

  private static final String TEXTS =
      "SELECT execution_id, CASE WHEN ? THEN user_prompt ELSE left(user_prompt, "
          + LINE_LENGTH_MAX
          + ") END AS prompt FROM agent_execution_logs WHERE execution_id = ANY (?::uuid[])";

  private final Database database;
  private final KnownAnswers<List<PromptsPage.Row>> known;

  public PromptQuery(Database database) {
    this.database = database;
    known = new KnownAnswers<>(database, Duty.PROMPTS);
  }

  /** Returns the prompts of a window's days, the most frequent first. */
  public List<PromptsPage.Row> list(Window days, @Nullable String agent, @Nullable String project)
      throws SinkUnavailableException {
    return known.get(
        Arrays.asList(days, agent, project),
        () ->
            database.list(
                LIST,
                PromptQuery::row,
                days.from(),
                days.to(),
                agent,
                agent,
                project,
                project,
                LISTED_MAX));
  }

  /** Returns a prompt over all days; null if it is not among those that were repeated. */
  public PromptsPage.@Nullable Row one(String sha256) throws SinkUnavailableException {
    List<PromptsPage.Row> rows = database.list(ONE, PromptQuery::row, sha256);
    return rows.isEmpty() ? null : rows.get(0);
  }

  private static PromptsPage.Row row(ResultSet row) throws SQLException {
    long scored = row.getLong("quality_n");
    long timed = row.getLong("duration_n");
    return new PromptsPage.Row(
        row.getString("prompt_sha256"),
        null,
        row.getLong("times"),
        row.getLong("succeeded"),
        row.getLong("failed"),
        row.getLong("cancelled"),
        Database.time(row, "first_seen"),
        Database.time(row, "last_seen"),
        row.getString("agents"),
        scored,
        scored == 0 ? null : row.getDouble("quality_sum") / scored,
        Database.decimal(row, "quality_min"),
        Database.decimal(row, "quality_max"),
        timed == 0 ? null : Math.round(row.getDouble("duration_us") / timed),
        row.getObject("duration_us_min", Long.class),
        row.getObject("duration_us_max", Long.class),
        row.getInt("routes"),
        Objects.requireNonNull(Database.id(row, "example")));
  }

  /** Returns executions of a prompt, those that the tables know by ID, the latest first. */
  public List<PromptPage.One> executions(String sha256) throws SinkUnavailableException {
    return database.list(
        EXECUTIONS,
        row ->
            new PromptPage.One(
                Objects.requireNonNull(Database.id(row, "execution_id")),
                Objects.requireNonNullElse(row.getString("agent_name"), ""),
                Objects.requireNonNullElse(row.getString("status"), ""),
                Database.time(row, "started_at"),
                row.getObject("micros", Long.class),
                Database.decimal(row, "quality_score"),
                row.getString("error_type"),
                row.getString("selected_agent")),
        sha256,
        sha256,
        EXECUTIONS_MAX);
  }

  /**
   * Returns the prompts of executions.
   *
   * @param whole false for the begin of each
   */
  public Map<UUID, String> texts(Collection<UUID> executions, boolean whole)
      throws SinkUnavailableException {
    Map<UUID, String> texts = new HashMap<>();
    String ids = executions.stream().map(UUID::toString).collect(Collectors.joining(",", "{", "}"));
    database.list(
        TEXTS,
        row -> {
          String text = row.getString("prompt");
          if (text != null) {
            texts.put(Objects.requireNonNull(Database.id(row, "execution_id")), text);
          }
          return true;
        },
        whole,
        ids);
    return texts;
  }
}
