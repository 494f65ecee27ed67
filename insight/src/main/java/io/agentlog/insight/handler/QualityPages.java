package io.agentlog.insight.handler;

import io.agentlog.insight.page.Age;
import io.agentlog.insight.page.Format;
import io.agentlog.insight.page.LivePage.Figure;
import io.agentlog.insight.page.QualityPage;
import io.agentlog.insight.page.Summary;
import io.agentlog.insight.page.Window;
import io.agentlog.insight.query.AssessmentQuery;
import io.agentlog.insight.query.QualityQuery;
import io.agentlog.insight.query.RollupState;
import io.agentlog.insight.query.RollupState.Duty;
import io.agentlog.insight.query.Totals;
import io.agentlog.insight.query.TrendQuery;
import io.agentlog.insight.statistics.Bins;
import io.agentlog.insight.statistics.Scales;
import io.agentlog.insight.web.BadRequestException;
import io.agentlog.insight.web.Request;
import io.agentlog.sink.SinkUnavailableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Scores, and the stages that executions went through. */
final class QualityPages {
  private static final Duration USUAL = Duration.ofHours(24);
  private static final int BARS = 20;
  private static final int BINS = 200;

  static final String NOT_ASSESSED =
      "Nothing was assessed in this window. A rules file can declare the stages that executions should have, and how they are"
          + " scored: write patterns and scores into the file of --rules.";

  private final TrendViews views;
  private final RollupState state;
  private final TrendQuery trends;
  private final QualityQuery qualities;
  private final AssessmentQuery assessments;

  QualityPages(
      TrendViews views,
      RollupState state,
      TrendQuery trends,
      QualityQuery qualities,
      AssessmentQuery assessments) {
    this.views = views;
    this.state = state;
    this.trends = trends;
    this.qualities = qualities;
    this.assessments = assessments;
  }

  QualityPage page(Request request) throws BadRequestException, SinkUnavailableException {
    Parameters parameters = new Parameters(request);
    Window asked = parameters.window(USUAL);
    String agent = parameters.text("agent");
    Age age = state.read(Duty.EXECUTIONS);
    TrendQuery.Found found =
        age.problem() == null
            ? trends.all(asked, parameters.text("project"))
            : TrendQuery.nothing(asked);
    List<TrendQuery.OfAgent> shown =
        found.agents().stream().filter(one -> agent == null || agent.equals(one.agent())).toList();
    TrendQuery.Found part =
        new TrendQuery.Found(found.window(), shown, found.projects(), found.cut());
    Totals total = part.all();
    QualityQuery.Stages stages = qualities.stages(asked, agent);
    Map<String, @Nullable Double> means = new HashMap<>();
    shown.forEach(one -> means.put(one.agent(), one.total().summary().qualityMean()));
    AssessmentQuery.Found assessed = assessments.find(found.window(), agent, means);
    Window window = found.window().window();
    return new QualityPage(
        views.view(request, "Quality", "quality", window, found.window().by(), age),
        views.filters(
            request,
            "/quality",
            "24h",
            found.agents().stream().map(TrendQuery.OfAgent::agent).toList(),
            List.copyOf(found.projects()),
            Map.of()),
        window,
        found.window().by(),
        age,
        total.summary(),
        figures(part, total),
        distribution(total.qualities()),
        shown.stream()
            .filter(one -> one.total().qualities().total() > 0)
            .map(QualityPages::row)
            .sorted(Comparator.comparingDouble(row -> row.mean() == null ? 1 : row.mean()))
            .toList(),
        shown.stream()
            .filter(one -> one.total().qualities().total() == 0)
            .map(TrendQuery.OfAgent::agent)
            .toList(),
        stages.lookedAt(),
        stages.sequences(),
        stages.more(),
        qualities.lowest(asked, agent),
        assessed.assessed(),
        assessed.deviations(),
        assessed.problem() == null && assessed.assessed().isEmpty()
            ? NOT_ASSESSED
            : assessed.problem(),
        TrendViews.note(age.problem(), age.warning(), age.missing(window), AgentsPages.cut(found)));
  }

  private static QualityPage.Row row(TrendQuery.OfAgent agent) {
    Summary sum = agent.total().summary();
    Bins scores = agent.total().qualities();
    return new QualityPage.Row(
        agent.agent(),
        sum.ended(),
        sum.scored(),
        sum.qualityMean(),
        sum.qualityP10(),
        score(scores, 0.5),
        score(scores, 0.9),
        distribution(scores),
        AgentsPages.line(AgentsPages.summaries(agent.points()), Summary::qualityMean));
  }

  private static List<Figure> figures(TrendQuery.Found found, Totals total) {
    Summary all = total.summary();
    if (all.scored() == 0) {
      return List.of();
    }
    List<@Nullable Summary> points = AgentsPages.summaries(found.points());
    return List.of(
        new Figure(
            "Mean quality",
            all.qualityMean() == null ? "–" : Format.decimals(all.qualityMean(), 3),
            "",
            Format.count(all.scored()) + " scores",
            AgentsPages.line(points, Summary::qualityMean)),
        new Figure(
            "p10",
            all.qualityP10() == null ? "–" : Format.decimals(all.qualityP10(), 2),
            "",
            "nine of ten scores are higher",
            AgentsPages.line(points, Summary::qualityP10)),
        new Figure(
            "Scored",
            Format.percent(all.scored(), all.ended()),
            "",
            "of %s executions".formatted(Format.count(all.ended())),
            AgentsPages.line(
                points,
                point -> point.ended() == 0 ? null : 100.0 * point.scored() / point.ended())));
  }

  private static @Nullable Double score(Bins scores, double quantile) {
    Integer bin = scores.quantile(quantile);
    return bin == null ? null : Scales.quality(bin);
  }

  private static List<Long> distribution(Bins scores) {
    List<Long> bars = new ArrayList<>();
    for (int bar = 0; bar < BARS; bar++) {
      long sum = 0;
      for (int bin = bar * BINS / BARS; bin < (bar + 1) * BINS / BARS; bin++) {
        sum += scores.count(bin);
      }
      bars.add(sum);
    }
    return bars;
  }
}
