package io.agentlog.insight.handler;

import io.agentlog.insight.page.Format;
import io.agentlog.insight.page.InstancesPage;
import io.agentlog.insight.page.InstancesPage.Instance;
import io.agentlog.insight.page.InstancesPage.Report;
import io.agentlog.insight.page.InstancesPage.Sink;
import io.agentlog.insight.page.InstancesPage.State;
import io.agentlog.insight.page.LivePage.Figure;
import io.agentlog.insight.query.InstancesQuery;
import io.agentlog.insight.web.Request;
import io.agentlog.insight.web.WebServer;
import io.agentlog.sink.SinkUnavailableException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The page of the JVMs that record. */
public final class InstancesSource {
  private static final String PATH = "/instances";

  static final String NO_TABLES =
      "The tables are not there yet. The first agent that records makes them, or java -jar agentlog.jar migrate.";
  static final String NO_COLUMN =
      "The table agent_instances has no column for what agents say of themselves, so their counters and sinks are unknown. Run java -jar agentlog.jar migrate, once as the owner of the tables; running agents notice within ten minutes.";

  private final Pages pages;
  private final InstancesQuery query;

  public InstancesSource(Pages pages, InstancesQuery query) {
    this.pages = pages;
    this.query = query;
  }

  /** Adds the page to the server. */
  public void addTo(WebServer server) {
    pages.add(server, PATH, "instances.jte", this::page);
  }

  private InstancesPage page(Request request) throws SinkUnavailableException {
    String service = new Parameters(request).text("service");
    InstancesQuery.Found found = query.find(service);
    boolean more = found.instances().size() > InstancesQuery.INSTANCES_MAX;
    List<Instance> living = new ArrayList<>();
    List<Instance> gone = new ArrayList<>();
    for (Instance instance : found.instances()) {
      (isLiving(instance) ? living : gone).add(instance);
    }
    gone.sort(
        Comparator.comparing(Instance::heardAt, Comparator.nullsFirst(Comparator.naturalOrder()))
            .reversed());
    return new InstancesPage(
        pages.view(
            request,
            "Instances",
            "instances",
            "counts are since each JVM's start; an agent reports every 10 s, or every minute while nothing changes"),
        service,
        figures(living, gone),
        byService(living),
        gone,
        more,
        !found.hasTables() ? NO_TABLES : found.hasReports() ? null : NO_COLUMN);
  }

  private static boolean isLiving(Instance instance) {
    return instance.state() == State.ALIVE || isLate(instance);
  }

  private static boolean isLate(Instance instance) {
    return instance.state() == State.LATE || instance.state() == State.SILENT;
  }

  private static List<InstancesPage.Service> byService(List<Instance> living) {
    Map<String, List<Instance>> services = new TreeMap<>();
    living.forEach(
        instance ->
            services.computeIfAbsent(instance.service(), name -> new ArrayList<>()).add(instance));
    List<InstancesPage.Service> list = new ArrayList<>();
    services.forEach((name, instances) -> list.add(new InstancesPage.Service(name, instances)));
    return list;
  }

  private static List<Figure> figures(List<Instance> living, List<Instance> gone) {
    List<Report> reports = new ArrayList<>();
    living.forEach(
        instance -> {
          if (instance.report() != null) {
            reports.add(instance.report());
          }
        });
    List<Sink> sinks = reports.stream().flatMap(report -> report.sinks().stream()).toList();
    int unknown = living.size() - reports.size();
    long late = living.stream().filter(InstancesSource::isLate).count();
    long lostRunning = gone.stream().mapToLong(Instance::running).sum();
    long down = sinks.stream().filter(Sink::isDown).count();
    return List.of(
        figure(
            "JVMs that live",
            Format.count(living.size()),
            late == 0 ? "all were heard of in time" : Format.count(late) + " not heard of in time"),
        figure(
            "Running executions",
            Format.count(living.stream().mapToLong(Instance::running).sum()),
            lostRunning == 0 ? "" : Format.count(lostRunning) + " more of JVMs that are gone"),
        figure(
            "Sinks down",
            reports.isEmpty() ? "unknown" : Format.count(down),
            unknown == 0 ? "of " + Format.count(sinks.size()) : notOf(unknown)),
        sum("Events that wait", reports, unknown, Report::pendingTotal),
        sum("Dropped", reports, unknown, Report::droppedTotal),
        sum("Parked", reports, unknown, Report::parkedTotal));
  }

  /** Adds up what is known; unknown is never 0. */
  private static Figure sum(
      String name, List<Report> reports, int unknown, Function<Report, @Nullable Long> count) {
    List<Long> known = reports.stream().map(count).filter(Objects::nonNull).toList();
    int silent = unknown + reports.size() - known.size();
    return figure(
        name,
        known.isEmpty() ? "unknown" : Format.count(known.stream().mapToLong(Long::longValue).sum()),
        silent == 0 ? "events of JVMs that live" : notOf(silent));
  }

  private static String notOf(int unknown) {
    return "unknown of " + Format.count(unknown) + (unknown == 1 ? " JVM" : " JVMs");
  }

  private static Figure figure(String name, String value, String note) {
    return new Figure(name, value, "", note, List.of());
  }
}
