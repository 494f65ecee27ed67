package io.agentlog.insight.handler;

import io.agentlog.insight.page.Age;
import io.agentlog.insight.page.AgentPage;
import io.agentlog.insight.page.ChartFiles;
import io.agentlog.insight.page.Comparison;
import io.agentlog.insight.page.Filters;
import io.agentlog.insight.page.Links;
import io.agentlog.insight.page.Summary;
import io.agentlog.insight.page.UsageSum;
import io.agentlog.insight.page.Window;
import io.agentlog.insight.query.ModelCallQuery;
import io.agentlog.insight.query.RollupState;
import io.agentlog.insight.query.RollupState.Duty;
import io.agentlog.insight.query.Totals;
import io.agentlog.insight.query.TraceQuery;
import io.agentlog.insight.query.TrendQuery;
import io.agentlog.insight.statistics.Bins;
import io.agentlog.insight.statistics.Interval;
import io.agentlog.insight.web.BadRequestException;
import io.agentlog.insight.web.Request;
import io.agentlog.sink.SinkUnavailableException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One agent in two windows. */
final class AgentPages {
  static final String PREFIX = "/agents/";

  private static final Duration USUAL = Duration.ofHours(24);
  private static final Duration WEEK = Duration.ofDays(7);
  private static final List<String> COMPARE = List.of("previous", "week", "none");

  private final TrendViews views;
  private final RollupState state;
  private final TrendQuery trends;
  private final ModelCallQuery modelCalls;
  private final TraceQuery traces;
  private final ChartFiles charts;

  AgentPages(
      TrendViews views,
      RollupState state,
      TrendQuery trends,
      ModelCallQuery modelCalls,
      TraceQuery traces,
      ChartFiles charts) {
    this.views = views;
    this.state = state;
    this.trends = trends;
    this.modelCalls = modelCalls;
    this.traces = traces;
    this.charts = charts;
  }

  AgentPage page(Request request) throws BadRequestException, SinkUnavailableException {
    Parameters parameters = new Parameters(request);
    String inPath = Pages.below(request, PREFIX);
    String named = inPath.isEmpty() ? parameters.text("name") : null;
    String agent = named == null ? inPath : named;
    Window asked = parameters.window(USUAL);
    String project = parameters.text("project");
    String compare = compare(parameters);
    Age age = state.read(Duty.EXECUTIONS);
    TrendQuery.Found found;
    TrendQuery.Found other = null;
    if (age.problem() != null) {
      found = TrendQuery.nothing(asked);
    } else {
      found = trends.one(asked, before(parameters, compare, asked).from(), agent, project);
      if (!compare.equals("none")) {
        Window before = before(parameters, compare, found.window().window());
        other = trends.likewise(found.window(), before, agent, project);
      }
    }
    Totals total = found.all();
    Map<String, String> more = new LinkedHashMap<>();
    if (named != null) {
      more.put("name", named);
    }
    request
        .query()
        .forEach(
            (name, value) -> {
              if (name.startsWith("compare")) {
                more.put(name, value);
              }
            });
    String path = named == null ? PREFIX + Links.segment(agent) : PREFIX;
    Filters filters =
        views.filters(request, path, "24h", List.of(), List.copyOf(found.projects()), more);
    Window window = found.window().window();
    return new AgentPage(
        views.view(
            request,
            agent.isEmpty() ? "(no name)" : agent,
            "agents",
            window,
            found.window().by(),
            age),
        charts,
        filters,
        agent,
        window,
        found.window().by(),
        age,
        total.summary(),
        AgentsPages.figures(found),
        points(found),
        other == null ? null : comparison(compare, other, total),
        link("/executions", agent, window, project),
        link("/errors", agent, window, project),
        total.summary().used().usage().isKnown()
            ? modelCalls.models(agent, window, project)
            : AgentPage.Models.NONE,
        traces.versions(agent, window, project),
        TrendViews.note(age.problem(), age.warning(), age.missing(window), AgentsPages.cut(found)));
  }

  private static String compare(Parameters parameters) throws BadRequestException {
    String chosen = parameters.choice("compare", COMPARE);
    boolean isExplicit =
        parameters.text("compare_from") != null || parameters.text("compare_to") != null;
    return isExplicit ? "explicit" : chosen == null ? "previous" : chosen;
  }

  private static Window before(Parameters parameters, String compare, Window window)
      throws BadRequestException {
    return switch (compare) {
      case "explicit" -> parameters.window("compare_from", "compare_to", window.length());
      case "week" -> new Window(window.from().minus(WEEK), window.to().minus(WEEK));
      default -> window.before();
    };
  }

  private static Comparison comparison(String kind, TrendQuery.Found other, Totals total) {
    Totals earlier = other.all();
    Summary before = earlier.summary();
    Summary after = total.summary();
    return new Comparison(
        kind,
        other.window().window(),
        before,
        after,
        before.failureRate() == null || after.failureRate() == null
            ? null
            : after.failureRate() - before.failureRate(),
        Interval.ofDifference(before.failed(), before.ended(), after.failed(), after.ended()),
        Bins.cliffsDelta(earlier.durations(), total.durations()),
        Bins.cliffsDelta(earlier.qualities(), total.qualities()));
  }

  private static List<AgentPage.Point> points(TrendQuery.Found found) {
    List<@Nullable Summary> summaries = AgentsPages.summaries(found.points());
    List<AgentPage.Point> points = new ArrayList<>();
    for (int i = 0; i < summaries.size(); i++) {
      Summary sum = summaries.get(i);
      Instant at = found.window().begin(i);
      points.add(
          sum == null
              ? new AgentPage.Point(at, 0, null, null, null, null, null, UsageSum.NONE)
              : new AgentPage.Point(
                  at,
                  sum.ended(),
                  AgentsPages.failurePercent(sum),
                  sum.p50Micros(),
                  sum.p95Micros(),
                  sum.p99Micros(),
                  sum.qualityMean(),
                  sum.used()));
    }
    return points;
  }

  private String link(String path, String agent, Window window, @Nullable String project) {
    Map<String, @Nullable String> parameters = new LinkedHashMap<>();
    parameters.put("agent", agent);
    parameters.put("project", project);
    parameters.put("from", window.from().toString());
    parameters.put("to", window.to().toString());
    return Links.of(views.basePath() + path, parameters);
  }
}
