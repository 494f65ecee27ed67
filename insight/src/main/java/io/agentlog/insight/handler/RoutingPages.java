package io.agentlog.insight.handler;

import io.agentlog.insight.page.Age;
import io.agentlog.insight.page.ConfidentFailure;
import io.agentlog.insight.page.Filters;
import io.agentlog.insight.page.Format;
import io.agentlog.insight.page.RoutingPage;
import io.agentlog.insight.page.RoutingPage.Component;
import io.agentlog.insight.page.RoutingPage.Finding;
import io.agentlog.insight.page.RoutingPage.LeftOut;
import io.agentlog.insight.page.RoutingPage.Part;
import io.agentlog.insight.query.DecisionQuery;
import io.agentlog.insight.query.DecisionQuery.Cell;
import io.agentlog.insight.query.RollupState;
import io.agentlog.insight.query.RollupState.Duty;
import io.agentlog.insight.query.TrendWindow;
import io.agentlog.insight.statistics.Calibration;
import io.agentlog.insight.statistics.Calibration.Sums;
import io.agentlog.insight.statistics.Interval;
import io.agentlog.insight.web.BadRequestException;
import io.agentlog.insight.web.Request;
import io.agentlog.sink.SinkUnavailableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** The calibration of routers. */
final class RoutingPages {
  private static final String PATH = "/routing";
  private static final Duration USUAL = Duration.ofDays(7);
  private static final double THRESHOLD = 0.7;
  private static final List<String> COMPONENTS =
      List.of("trigger", "context", "capability", "historical");

  private final TrendViews views;
  private final RollupState state;
  private final DecisionQuery decisions;

  RoutingPages(TrendViews views, RollupState state, DecisionQuery decisions) {
    this.views = views;
    this.state = state;
    this.decisions = decisions;
  }

  RoutingPage page(Request request) throws BadRequestException, SinkUnavailableException {
    Parameters parameters = new Parameters(request);
    TrendWindow window = DecisionQuery.window(parameters.window(USUAL));
    Double given = parameters.number("threshold", 0, 1);
    double threshold = given == null ? THRESHOLD : given;
    String agent = parameters.text("agent");
    String strategy = parameters.text("strategy");
    Age age = state.read(Duty.DECISIONS);
    boolean isReadable = age.problem() == null;
    List<Cell> all = isReadable ? decisions.cells(window) : List.of();
    List<Cell> cells =
        all.stream()
            .filter(cell -> agent == null || agent.equals(cell.agent()))
            .filter(cell -> strategy == null || strategy.equals(cell.strategy()))
            .toList();
    List<Cell> rated = cells.stream().filter(cell -> cell.bin() >= 0).toList();
    Calibration calibration = calibration(rated);
    List<ConfidentFailure> failures =
        isReadable && !cells.isEmpty()
            ? decisions.confidentFailures(window.window(), threshold, agent, strategy)
            : List.of();
    return new RoutingPage(
        views.view(request, "Routing", "routing", window.window(), window.by(), age),
        filters(request, all, strategy, given),
        window.window(),
        window.by(),
        age,
        sum(cells, Cell::decisions),
        sum(cells, cell -> cell.bin() < 0 ? cell.decisions() : 0),
        new LeftOut(
            sum(rated, Cell::leftNoOutcome),
            sum(rated, Cell::leftRunning),
            sum(rated, Cell::leftCancelled),
            sum(rated, Cell::leftProvisional)),
        calibration,
        findings(calibration),
        threshold,
        sum(rated, cell -> cell.bin() < Math.round(threshold * 100) ? cell.decisions() : 0),
        sum(rated, Cell::decisions),
        components(cells),
        parts(cells, Cell::strategy),
        parts(cells, Cell::agent),
        failures,
        TrendViews.note(age.problem(), age.warning(), age.missing(window.window())));
  }

  private Filters filters(
      Request request, List<Cell> all, @Nullable String strategy, @Nullable Double threshold) {
    Map<String, String> more = new LinkedHashMap<>();
    if (strategy != null) {
      more.put("strategy", strategy);
    }
    if (threshold != null) {
      more.put("threshold", Objects.requireNonNull(request.parameter("threshold")));
    }
    return views.filters(
        request, PATH, "7d", List.copyOf(DecisionQuery.agents(all)), List.of(), more);
  }

  private static long sum(List<Cell> cells, ToLongFunction<Cell> value) {
    return cells.stream().mapToLong(value).sum();
  }

  private static Calibration calibration(List<Cell> cells) {
    TreeMap<Integer, Sums> bins = new TreeMap<>();
    for (Cell cell : cells) {
      if (cell.bin() >= 0) {
        bins.merge(cell.bin(), cell.sums(), Sums::plus);
      }
    }
    return Calibration.of(List.copyOf(bins.values()));
  }

  private static List<Part> parts(List<Cell> cells, Function<Cell, String> name) {
    Map<String, List<Cell>> byName = new TreeMap<>();
    cells.forEach(
        cell -> byName.computeIfAbsent(name.apply(cell), key -> new ArrayList<>()).add(cell));
    List<Part> parts = new ArrayList<>();
    byName.forEach(
        (key, part) -> parts.add(new Part(key, sum(part, Cell::decisions), calibration(part))));
    parts.sort(Comparator.comparingLong(part -> -part.decisions()));
    return parts;
  }

  private static List<Component> components(List<Cell> cells) {
    List<Component> components = new ArrayList<>();
    for (int i = 0; i < COMPONENTS.size(); i++) {
      double n = 0;
      double sum = 0;
      for (Cell cell : cells) {
        n += cell.components().get(2 * i);
        sum += cell.components().get(2 * i + 1);
      }
      if (n > 0) {
        components.add(new Component(COMPONENTS.get(i), (long) n, sum / n));
      }
    }
    return components;
  }

  private static List<Finding> findings(Calibration found) {
    if (found.n() == 0) {
      return List.of();
    }
    if (found.isTooFew()) {
      return List.of(
          new Finding(
              "Too few decisions for a judgment: %s with an outcome, of the %s that are needed."
                  .formatted(Format.count(found.n()), Format.count(Calibration.DECISIONS_MIN)),
              false));
    }
    List<Finding> findings = new ArrayList<>();
    if (found.tellsNothing()) {
      findings.add(
          new Finding(
              "Confidence says nothing about success: confident decisions succeed no more often than"
                  + " others.",
              true));
    }
    Interval interval = Objects.requireNonNull(Interval.of(found.succeeded(), found.n()));
    if (!interval.has(found.confidenceMean())) {
      findings.add(
          new Finding(
              "Confidence is too %s: %s on average, while %s of the decisions succeed."
                  .formatted(
                      found.excess() > 0 ? "high" : "low",
                      Format.decimals(found.confidenceMean(), 2),
                      Format.percent(found.succeeded(), found.n())),
              true));
    }
    if (found.offCount() > 0) {
      findings.add(
          new Finding(
              "%s of %s groups of decisions succeed more or less often than their confidence says."
                  .formatted(Format.count(found.offCount()), Format.count(found.groups().size())),
              found.offCount() > 2)); // One of twenty intervals misses by chance.
    }
    if (findings.isEmpty()) {
      findings.add(
          new Finding(
              "Decisions succeed as often as their confidence says, as far as these counts tell.",
              false));
    }
    return findings;
  }
}
