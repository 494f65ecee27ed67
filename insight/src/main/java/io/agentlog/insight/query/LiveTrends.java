package io.agentlog.insight.query;

import io.agentlog.insight.page.Age;
import io.agentlog.insight.page.Format;
import io.agentlog.insight.page.LivePage.Figure;
import io.agentlog.insight.page.Summary;
import io.agentlog.insight.page.Window;
import io.agentlog.sink.SinkUnavailableException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The last hour and day as the live page shows them. What is not known, because the tables of the
 * trends are missing, say, is left out, and {@link #note} says why. Thread-safe.
 */
public final class LiveTrends {
  /** Age at which the figures of the last hour are read again. */
  static final Duration FIGURES_AGE_MAX = Duration.ofSeconds(10);

  /** Age at which the usual durations are read again. */
  static final Duration USUAL_AGE_MAX = Duration.ofSeconds(60);

  /** Running executions that are counted. */
  static final int RUNNING_MAX = 10_000;

  private static final String RUNNING =
      "SELECT count(*) AS n FROM (SELECT FROM agent_execution_logs WHERE status = 'in_progress'"
          + " LIMIT ?) AS running";

  private final Database database;
  private final RollupState state;
  private final TrendQuery trends;

  private Map<String, Long> usual = Map.of();
  private List<Figure> figures = List.of();
  private @Nullable String note;
  private Instant usualAt = Instant.MIN;
  private Instant figuresAt = Instant.MIN;

  public LiveTrends(Database database) {
    this.database = database;
    this.state = new RollupState(database);
    this.trends = new TrendQuery(database);
  }

  /** Returns the usual longest duration by agent: the p95 of a day, in microseconds. */
  public synchronized Map<String, Long> usual() throws SinkUnavailableException {
    Instant now = Instant.now();
    if (usualAt.plus(USUAL_AGE_MAX).isBefore(now)) {
      usual = state.read(RollupState.Duty.EXECUTIONS).problem() == null ? readUsual(now) : Map.of();
      usualAt = now;
    }
    return usual;
  }

  private Map<String, Long> readUsual(Instant now) throws SinkUnavailableException {
    Map<String, Long> read = new HashMap<>();
    Window day = new Window(now.minus(Duration.ofHours(24)), now);
    for (TrendQuery.OfAgent agent : trends.all(day, null).agents()) {
      Long p95 = agent.total().summary().p95Micros();
      if (p95 != null) {
        read.put(agent.agent(), p95);
      }
    }
    return Map.copyOf(read);
  }

  /** Returns figures of the last hour; empty if they are not known. */
  public synchronized List<Figure> figures() throws SinkUnavailableException {
    Instant now = Instant.now();
    if (figuresAt.plus(FIGURES_AGE_MAX).isBefore(now)) {
      Age age = state.read(RollupState.Duty.EXECUTIONS);
      note = age.problem() == null ? age.warning() : age.problem();
      figures = age.problem() == null ? readFigures(now) : List.of();
      figuresAt = now;
    }
    return figures;
  }

  private List<Figure> readFigures(Instant now) throws SinkUnavailableException {
    long running = database.list(RUNNING, row -> row.getLong("n"), RUNNING_MAX).get(0);
    TrendQuery.Found hour = trends.lastMinutes(new Window(now.minus(Duration.ofMinutes(60)), now));
    Summary all = hour.all().summary();
    List<@Nullable Summary> points = new ArrayList<>();
    for (Totals point : hour.points()) {
      points.add(point == null ? null : point.summary());
    }
    List<Figure> read =
        new ArrayList<>(
            List.of(
                new Figure(
                    "Running",
                    (running == RUNNING_MAX ? "over " : "") + Format.count(running),
                    "",
                    "at this moment",
                    List.of()),
                new Figure(
                    "Executions",
                    Format.count(all.ended()),
                    "",
                    "ended in the last hour",
                    line(points, point -> (double) point.ended(), 0.0)),
                new Figure(
                    "Failure rate",
                    all.failureRate() == null ? "–" : Format.decimals(100 * all.failureRate(), 1),
                    all.failureRate() == null ? "" : "%",
                    "%s failed; 95 %%: %s"
                        .formatted(
                            Format.count(all.failed()),
                            all.failureRange().isEmpty() ? "–" : all.failureRange()),
                    line(points, point -> (double) point.failed(), 0.0)),
                new Figure(
                    "p95",
                    Format.micros(all.p95Micros()),
                    "",
                    "p50 " + Format.micros(all.p50Micros()),
                    line(
                        points,
                        point -> point.p95Micros() == null ? null : point.p95Micros() / 1e3,
                        null))));
    read.addAll(all.used().figures(points));
    return read;
  }

  private static List<@Nullable Double> line(
      List<@Nullable Summary> points,
      Function<Summary, @Nullable Double> value,
      @Nullable Double empty) {
    List<@Nullable Double> line = new ArrayList<>();
    for (Summary point : points) {
      line.add(point == null ? empty : value.apply(point));
    }
    return line;
  }

  /** Returns what is missing, and what to do; null if nothing is. */
  public synchronized @Nullable String note() {
    return note;
  }
}
