package io.agentlog.insight.handler;

import io.agentlog.insight.page.Age;
import io.agentlog.insight.page.AgentsPage;
import io.agentlog.insight.page.Filters;
import io.agentlog.insight.page.Format;
import io.agentlog.insight.page.LivePage.Figure;
import io.agentlog.insight.page.Summary;
import io.agentlog.insight.page.Window;
import io.agentlog.insight.query.RollupState;
import io.agentlog.insight.query.RollupState.Duty;
import io.agentlog.insight.query.Totals;
import io.agentlog.insight.query.TrendQuery;
import io.agentlog.insight.web.BadRequestException;
import io.agentlog.insight.web.Request;
import io.agentlog.sink.SinkUnavailableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** The list of agents. */
final class AgentsPages {
  /** Agents that are listed. */
  static final int LISTED_MAX = 200;

  private static final Duration USUAL = Duration.ofHours(24);

  private final TrendViews views;
  private final RollupState state;
  private final TrendQuery trends;

  AgentsPages(TrendViews views, RollupState state, TrendQuery trends) {
    this.views = views;
    this.state = state;
    this.trends = trends;
  }

  AgentsPage list(Request request) throws BadRequestException, SinkUnavailableException {
    Parameters parameters = new Parameters(request);
    Window asked = parameters.window(USUAL);
    String agent = parameters.text("agent");
    String sort = parameters.choice("sort", AgentsPage.ORDERS);
    String order = sort == null ? AgentsPage.ORDERS.get(0) : sort;
    Age age = state.read(Duty.EXECUTIONS);
    TrendQuery.Found found =
        age.problem() == null
            ? trends.all(asked, parameters.text("project"))
            : TrendQuery.nothing(asked);
    List<TrendQuery.OfAgent> shown =
        found.agents().stream()
            .filter(one -> agent == null || agent.equals(one.agent()))
            .sorted(order(order))
            .toList();
    TrendQuery.Found part =
        new TrendQuery.Found(found.window(), shown, found.projects(), found.cut());
    Filters filters =
        views.filters(
            request,
            "/agents",
            "24h",
            found.agents().stream().map(TrendQuery.OfAgent::agent).toList(),
            List.copyOf(found.projects()),
            sort == null ? Map.of() : Map.of("sort", sort));
    return new AgentsPage(
        views.view(request, "Agents", "agents", found.window().window(), found.window().by(), age),
        filters,
        found.window().window(),
        found.window().by(),
        age,
        part.all().summary(),
        figures(part),
        shown.stream().limit(LISTED_MAX).map(AgentsPages::row).toList(),
        order,
        Math.max(0, shown.size() - LISTED_MAX),
        TrendViews.note(
            age.problem(), age.warning(), age.missing(found.window().window()), cut(found)));
  }

  /** Agents without the value come last; those with the same one as the busiest first. */
  private static Comparator<TrendQuery.OfAgent> order(String order) {
    Function<Summary, @Nullable Double> value =
        switch (order) {
          case "failures" -> summary -> (double) summary.failed();
          case "p95" -> AgentsPages::p95Millis;
          case "tokens" -> summary -> doubleOf(summary.used().usage().tokens());
          case "cost" -> summary -> doubleOf(summary.used().usage().cost());
          default -> summary -> (double) summary.ended();
        };
    Comparator<TrendQuery.OfAgent> byValue =
        Comparator.comparingDouble(
            one -> {
              Double of = value.apply(one.total().summary());
              return of == null ? Double.POSITIVE_INFINITY : -of;
            });
    return byValue.thenComparingLong(one -> -one.total().ended());
  }

  private static @Nullable Double doubleOf(@Nullable Number number) {
    return number == null ? null : (Double) number.doubleValue();
  }

  static @Nullable String cut(TrendQuery.Found found) {
    return found.cut()
        ? "The window has more than %s rows; the oldest are left out. Choose a shorter window."
            .formatted(Format.count(TrendQuery.ROWS_MAX))
        : null;
  }

  private static AgentsPage.Row row(TrendQuery.OfAgent agent) {
    List<@Nullable Summary> points = summaries(agent.points());
    return new AgentsPage.Row(
        agent.agent(),
        agent.total().summary(),
        counts(points, Summary::ended),
        line(points, AgentsPages::failurePercent),
        line(points, AgentsPages::p95Millis),
        line(points, Summary::qualityMean));
  }

  static List<Figure> figures(TrendQuery.Found found) {
    Summary all = found.all().summary();
    List<@Nullable Summary> points = summaries(found.points());
    if (all.ended() + all.provisional() == 0) {
      return List.of();
    }
    List<Figure> figures =
        new ArrayList<>(
            List.of(
                new Figure(
                    "Executions",
                    Format.count(all.ended()),
                    "",
                    Format.count(all.roots()) + " requests",
                    counts(points, Summary::ended)),
                new Figure(
                    "Failure rate",
                    all.failureRate() == null ? "–" : Format.decimals(100 * all.failureRate(), 2),
                    "%",
                    "95 %: " + all.failureRange(),
                    line(points, AgentsPages::failurePercent)),
                new Figure(
                    "p95",
                    Format.micros(all.p95Micros()),
                    "",
                    "p50 %s, p99 %s"
                        .formatted(Format.micros(all.p50Micros()), Format.micros(all.p99Micros())),
                    line(points, AgentsPages::p95Millis)),
                new Figure(
                    "Quality",
                    all.qualityMean() == null ? "–" : Format.decimals(all.qualityMean(), 3),
                    "",
                    Format.percent(all.scored(), all.ended()) + " scored",
                    line(points, Summary::qualityMean)),
                new Figure(
                    "Not ended by themselves",
                    Format.count(all.cancelled() + all.provisional()),
                    "",
                    "%s cancelled, %s provisional"
                        .formatted(Format.count(all.cancelled()), Format.count(all.provisional())),
                    counts(points, point -> point.cancelled() + point.provisional()))));
    figures.addAll(all.used().figures(points));
    return figures;
  }

  static List<@Nullable Summary> summaries(List<@Nullable Totals> points) {
    List<@Nullable Summary> list = new ArrayList<>();
    for (Totals point : points) {
      list.add(point == null ? null : point.summary());
    }
    return list;
  }

  static List<@Nullable Double> line(
      List<@Nullable Summary> points, Function<Summary, @Nullable Double> value) {
    List<@Nullable Double> line = new ArrayList<>();
    for (Summary point : points) {
      line.add(point == null ? null : value.apply(point));
    }
    return line;
  }

  /** Returns how many there were at each point; none where nothing ended. */
  static List<@Nullable Double> counts(
      List<@Nullable Summary> points, ToDoubleFunction<Summary> value) {
    List<@Nullable Double> line = new ArrayList<>();
    for (Summary point : points) {
      line.add(point == null ? 0.0 : value.applyAsDouble(point));
    }
    return line;
  }

  static @Nullable Double failurePercent(Summary point) {
    return point.failureRate() == null ? null : 100 * point.failureRate();
  }

  static @Nullable Double p95Millis(Summary point) {
    return point.p95Micros() == null ? null : point.p95Micros() / 1e3;
  }
}
