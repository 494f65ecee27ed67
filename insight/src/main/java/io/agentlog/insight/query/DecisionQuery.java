package io.agentlog.insight.query;

import io.agentlog.insight.page.ConfidentFailure;
import io.agentlog.insight.page.Window;
import io.agentlog.insight.query.RollupState.Duty;
import io.agentlog.insight.statistics.Calibration.Sums;
import io.agentlog.sink.SinkUnavailableException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Reads what routers decided, and what became of it. Thread-safe. */
public final class DecisionQuery {
  /** Failures among which those of confident decisions are looked for, the latest. */
  public static final int FAILURES_MAX = 1_000;

  /** Failures that are listed. */
  public static final int LISTED_MAX = 20;

  /** Longest window that is read by the hour; there are up to 100 rows a strategy and agent. */
  private static final Duration BY_HOUR_MAX = Duration.ofHours(12);

  private static final Duration HOURS_KEPT = Duration.ofDays(89);
  private static final int POINTS = 1;

  private static final String CELLS =
      """
      SELECT strategy, selected_agent, bin, sum(decisions) AS decisions, sum(n) AS n, sum(succeeded) AS succeeded,
             sum(confidence_sum) AS confidence_sum, sum(confidence_sq_sum) AS confidence_sq_sum,
             sum(confidence_succeeded_sum) AS confidence_succeeded_sum, sum(quality_n) AS quality_n,
             sum(quality_sum) AS quality_sum, sum(confidence_quality_sum) AS confidence_quality_sum,
             sum(left_no_outcome) AS left_no_outcome, sum(left_running) AS left_running,
             sum(left_cancelled) AS left_cancelled, sum(left_provisional) AS left_provisional,
             sum(trigger_n) AS trigger_n, sum(trigger_sum) AS trigger_sum, sum(context_n) AS context_n, sum(context_sum) AS context_sum,
             sum(capability_n) AS capability_n, sum(capability_sum) AS capability_sum,
             sum(historical_n) AS historical_n, sum(historical_sum) AS historical_sum
      FROM agent_insight_decisions WHERE level = ? AND bucket >= ? AND bucket < ?
      GROUP BY strategy, selected_agent, bin ORDER BY bin""";

  // One request has few executions: with the names as an expression, the server looks them up by
  // the
  // correlation ID alone.
  // The outcome as the rollup finds it: the first execution of the selected agent within an hour
  // after the decision, otherwise
  // the execution that decided.
  private static final String FAILURES =
      """
      WITH failures AS MATERIALIZED (
        SELECT execution_id, correlation_id, agent_name, started_at, error_type, routing_decision_id, seen FROM agent_execution_logs
        WHERE status = 'failed' AND started_at >= ? AND started_at < ? ORDER BY started_at DESC LIMIT ?)
      SELECT d.id, d.confidence_score, %s, CASE WHEN ? THEN left(d.reasoning, 300) END AS reasoning,
             f.execution_id, f.started_at, %s
      FROM failures f JOIN agent_routing_decisions d ON d.correlation_id = f.correlation_id
      WHERE (f.seen & 56) = 0 AND d.confidence_score >= ? AND d.confidence_score <= 1.0 AND (?::text IS NULL OR coalesce(d.selected_agent, '') = ?)
        AND (?::text IS NULL OR coalesce(d.routing_strategy, '') = ?)
        AND CASE WHEN d.selected_agent = f.agent_name AND f.started_at >= d.created_at
            AND f.started_at <= least(d.created_at, timestamptz '9999-01-01') + interval '1 hour'
          THEN NOT EXISTS (SELECT FROM agent_execution_logs o WHERE o.correlation_id = d.correlation_id AND o.agent_name || '' = d.selected_agent
            AND o.started_at >= d.created_at AND o.started_at < f.started_at)
          ELSE d.id = f.routing_decision_id AND NOT EXISTS (SELECT FROM agent_execution_logs o WHERE o.correlation_id = d.correlation_id
            AND o.agent_name || '' = d.selected_agent AND o.started_at >= d.created_at
            AND o.started_at <= least(d.created_at, timestamptz '9999-01-01') + interval '1 hour') END
      ORDER BY d.confidence_score DESC, f.started_at DESC LIMIT ?"""
          .formatted(
              Columns.names("d.", "selected_agent", "routing_strategy"),
              Columns.names("f.", "agent_name", "error_type"));

  private final Database database;
  private final boolean texts;
  private final KnownAnswers<List<Cell>> knownCells;
  private final KnownAnswers<List<ConfidentFailure>> knownFailures;

  /**
   * @param texts whether the reasons of decisions are read
   */
  public DecisionQuery(Database database, boolean texts) {
    this.database = database;
    this.texts = texts;
    knownCells = new KnownAnswers<>(database, Duty.DECISIONS);
    knownFailures = new KnownAnswers<>(database, Duty.DECISIONS);
  }

  /**
   * The decisions of one strategy, agent and bin.
   *
   * @param bin hundredths of the confidence; −1 without a confidence
   * @param components trigger, context, capability, historical: number and sum of each
   */
  public record Cell(
      String strategy,
      String agent,
      int bin,
      long decisions,
      Sums sums,
      long leftNoOutcome,
      long leftRunning,
      long leftCancelled,
      long leftProvisional,
      List<Double> components) {}

  /** Returns the buckets that answer for a window. */
  public static TrendWindow window(Window asked) {
    boolean byHour =
        asked.length().compareTo(BY_HOUR_MAX) <= 0
            && Duration.between(asked.from(), Instant.now()).compareTo(HOURS_KEPT) < 0;
    return TrendWindow.of(asked, byHour ? TrendWindow.HOUR : TrendWindow.DAY, POINTS);
  }

  /** Returns all decisions of a window, by ascending confidence. */
  public List<Cell> cells(TrendWindow window) throws SinkUnavailableException {
    Window span = window.window();
    return knownCells.get(
        List.of(window),
        () -> database.list(CELLS, DecisionQuery::cell, window.level(), span.from(), span.to()));
  }

  private static Cell cell(ResultSet row) throws SQLException {
    return new Cell(
        row.getString("strategy"),
        row.getString("selected_agent"),
        row.getInt("bin"),
        row.getLong("decisions"),
        new Sums(
            row.getLong("n"),
            row.getLong("succeeded"),
            row.getDouble("confidence_sum"),
            row.getDouble("confidence_sq_sum"),
            row.getDouble("confidence_succeeded_sum"),
            row.getLong("quality_n"),
            row.getDouble("quality_sum"),
            row.getDouble("confidence_quality_sum")),
        row.getLong("left_no_outcome"),
        row.getLong("left_running"),
        row.getLong("left_cancelled"),
        row.getLong("left_provisional"),
        List.of(
            row.getDouble("trigger_n"), row.getDouble("trigger_sum"),
            row.getDouble("context_n"), row.getDouble("context_sum"),
            row.getDouble("capability_n"), row.getDouble("capability_sum"),
            row.getDouble("historical_n"), row.getDouble("historical_sum")));
  }

  /**
   * Returns failures whose decision was confident, the most confident first, as of when the figures
   * were computed.
   */
  public List<ConfidentFailure> confidentFailures(
      Window window, double confidence, @Nullable String agent, @Nullable String strategy)
      throws SinkUnavailableException {
    return knownFailures.get(
        Arrays.asList(window, confidence, agent, strategy),
        () -> readFailures(window, confidence, agent, strategy));
  }

  private List<ConfidentFailure> readFailures(
      Window window, double confidence, @Nullable String agent, @Nullable String strategy)
      throws SinkUnavailableException {
    return database.list(
        FAILURES,
        row ->
            new ConfidentFailure(
                Objects.requireNonNull(Database.id(row, "execution_id")),
                Objects.requireNonNullElse(row.getString("agent_name"), ""),
                Objects.requireNonNullElse(row.getString("selected_agent"), ""),
                Objects.requireNonNullElse(row.getString("routing_strategy"), ""),
                row.getDouble("confidence_score"),
                Database.time(row, "started_at"),
                row.getString("error_type"),
                row.getString("reasoning")),
        window.from(),
        window.to(),
        FAILURES_MAX,
        texts,
        confidence,
        agent,
        agent,
        strategy,
        strategy,
        LISTED_MAX);
  }

  /** Returns the agents among the cells. */
  public static Set<String> agents(List<Cell> cells) {
    return new TreeSet<>(cells.stream().map(Cell::agent).toList());
  }
}
