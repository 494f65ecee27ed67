package io.agentlog.insight;

import io.agentlog.config.Config;
import io.agentlog.insight.alert.AlertThread;
import io.agentlog.insight.alert.AlertTimes;
import io.agentlog.insight.alert.FigureLooks;
import io.agentlog.insight.handler.AlertPages;
import io.agentlog.insight.handler.Executions;
import io.agentlog.insight.handler.InstancesSource;
import io.agentlog.insight.handler.OneExecution;
import io.agentlog.insight.handler.OneRequest;
import io.agentlog.insight.handler.Pages;
import io.agentlog.insight.handler.TrendPages;
import io.agentlog.insight.live.LiveHub;
import io.agentlog.insight.live.LiveReader;
import io.agentlog.insight.page.View;
import io.agentlog.insight.query.AlertQuery;
import io.agentlog.insight.query.Database;
import io.agentlog.insight.query.ExecutionQuery;
import io.agentlog.insight.query.ExecutionSearch;
import io.agentlog.insight.query.FiringQuery;
import io.agentlog.insight.query.InstancesQuery;
import io.agentlog.insight.query.LiveQuery;
import io.agentlog.insight.query.LiveTrends;
import io.agentlog.insight.query.ModelCallQuery;
import io.agentlog.insight.query.RequestQuery;
import io.agentlog.insight.query.TraceQuery;
import io.agentlog.insight.rollup.RollupThread;
import io.agentlog.insight.rules.Rules;
import io.agentlog.insight.rules.RulesWatch;
import io.agentlog.insight.web.Access;
import io.agentlog.insight.web.Answer;
import io.agentlog.insight.web.Request;
import io.agentlog.insight.web.WebServer;
import io.agentlog.postgres.ReadConnections;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The running dashboard. Thread-safe. */
public final class Dashboard implements AutoCloseable {
  /** Connections at the same time; further pages wait for one. */
  public static final int CONNECTIONS_MAX = 4;

  /** After this time the database ends a statement of a page. */
  public static final Duration STATEMENT_MAX = Duration.ofSeconds(2);

  private final DashboardSettings settings;
  private final Database database;
  private final FiringQuery firing;
  private final Pages pages;
  private final Access access;
  private final WebServer server;
  private final LiveHub hub;
  private final LiveReader reader;
  private final @Nullable RollupThread rollup;
  private final @Nullable AlertThread alerts;

  /**
   * Binds the address and answers from then on. The database need not be there yet.
   *
   * @throws IOException if the address is in use or can't be bound
   */
  public Dashboard(Config config, DashboardSettings settings) throws IOException {
    this(config, settings, AlertTimes.USUAL);
  }

  /** As the other one, but with other times of alerts. */
  public Dashboard(Config config, DashboardSettings settings, AlertTimes times) throws IOException {
    this.settings = settings;
    this.database = database(config);
    this.firing = new FiringQuery(database);
    this.pages =
        new Pages(settings.basePath(), database.place(), settings.token() != null, firing::count);
    this.access =
        new Access(
            settings.token(),
            settings.allowedHosts(),
            Clock.systemUTC(),
            code -> settings.links().accept(link(code)));
    this.server =
        new WebServer(
            settings.address(),
            settings.basePath(),
            access,
            settings.tls(),
            settings.behindProxy(),
            pages.assets(),
            pages::error);
    this.reader = new LiveReader(new LiveQuery(database), new LiveTrends(database), firing);
    this.hub = new LiveHub(reader, new Parts());
    this.alerts = alerts(config, times);
    this.rollup =
        settings.keepsTrends() ? new RollupThread(config, rules(), settings.texts()) : null;
    addPages();
    server.start();
    if (rollup != null) {
      rollup.start();
    }
    if (alerts != null) {
      alerts.start();
    }
    access.newLink();
  }

  private Supplier<Rules> rules() {
    AlertThread thread = alerts;
    return thread == null ? () -> Rules.NONE : thread::rules;
  }

  private @Nullable AlertThread alerts(Config config, AlertTimes times) {
    RulesWatch rules = settings.rules();
    String given = settings.publicUrl();
    return rules == null
        ? null
        : new AlertThread(
            config, rules, new FigureLooks(config), times, given == null ? url() : given);
  }

  /** Opens the database as the pages do; connects with the first statement. */
  public static Database database(Config config) {
    return database(config, CONNECTIONS_MAX, STATEMENT_MAX);
  }

  /**
   * Opens the database for a command; connects with the first statement.
   *
   * @param statementMax after it the database ends a statement
   */
  public static Database database(Config config, int connectionsMax, Duration statementMax) {
    return new Database(
        new ReadConnections(config, "agentlog-insight", connectionsMax, statementMax));
  }

  private void addPages() {
    server.addOpen("/health", request -> health());
    server.addOpen("/favicon.ico", request -> Answer.text(200, "")); // Browsers ask for one.
    server.add("/metrics", request -> metrics());
    server.addStream("/live/stream", hub::stream);
    pages.add(server, "/", "live.jte", request -> hub.page(liveView(request), request));
    new InstancesSource(pages, new InstancesQuery(database, settings.texts())).addTo(server);
    addRows();
  }

  /** Adds what is read from the agent's rows alone. */
  private void addRows() {
    boolean texts = settings.texts();
    Executions search = new Executions(pages, new ExecutionSearch(database, texts), texts);
    pages.add(server, "/executions", "executions.jte", search::page);
    OneExecution execution =
        new OneExecution(
            pages,
            new ExecutionQuery(database, texts),
            new ModelCallQuery(database, texts),
            new TraceQuery(database, texts),
            texts);
    pages.add(server, OneExecution.PATH, "execution.jte", execution::page);
    OneRequest request = new OneRequest(pages, new RequestQuery(database), texts);
    pages.add(server, OneRequest.PATH, "request.jte", request::page);
    new TrendPages(pages, database, settings.basePath(), settings.texts()).add(server);
    new AlertPages(pages, new AlertQuery(database), settings.basePath()).add(server);
  }

  private View liveView(Request request) {
    return pages.view(request, "Live", "live", "the last minute; read every half second");
  }

  private final class Parts implements LiveHub.Renderer {
    private final View view =
        new View(settings.basePath(), "", "live", "", "", null, "", "", Instant.EPOCH, "", 0);

    @Override
    public View view() {
      return view;
    }

    @Override
    public String render(String template, Object page) {
      return pages.render(template, page);
    }
  }

  private Answer health() {
    if (database.problem() != null) {
      return Answer.json(503, Map.of("status", "no database"));
    }
    return alerts != null && alerts.isBehind()
        ? Answer.json(503, Map.of("status", "alerts are not looked at"))
        : Answer.json(200, Map.of("status", "ok"));
  }

  private Answer metrics() {
    Metrics metrics =
        new Metrics()
            .gauge("agentlog_insight_streams", "Live pages that are open.", hub.viewerCount())
            .counter(
                "agentlog_insight_live_reads_total",
                "Reads of the database for live pages.",
                reader.readCount())
            .gauge(
                "agentlog_insight_live_read_seconds",
                "Duration of the last read for live pages.",
                reader.lastReadNanos() / 1e9)
            .counter(
                "agentlog_insight_statements_total",
                "Statements that pages have run.",
                database.statementCount());
    Long judgeFailures = rollup == null ? null : rollup.judgeFailures();
    if (judgeFailures != null) {
      metrics.counter(
          "agentlog_insight_judge_failures_total",
          "Executions that no judge gave a score for.",
          judgeFailures);
    }
    Duration age = rollup == null ? null : rollup.age();
    if (age != null) {
      metrics.gauge(
          "agentlog_insight_rollup_age_seconds",
          "Time since the trends were computed.",
          age.toMillis() / 1e3);
    }
    if (alerts != null) {
      add(metrics, alerts);
    }
    return new Answer(200, Metrics.CONTENT_TYPE, metrics.bytes(), Map.of());
  }

  private static void add(Metrics metrics, AlertThread alerts) {
    metrics
        .gauge(
            "agentlog_insight_alerts_firing",
            "Alerts that fire or recover.",
            (double) alerts.firing())
        .gauge(
            "agentlog_insight_alert_messages_waiting",
            "Messages of alerts that no channel has taken yet.",
            (double) alerts.waiting())
        .counter(
            "agentlog_insight_alert_messages_taken_total",
            "Messages that channels took, repetitions included.",
            alerts.deliveredCount())
        .counter(
            "agentlog_insight_alert_message_failures_total",
            "Attempts at a message that its channel did not take.",
            alerts.failureCount())
        .counter(
            "agentlog_insight_alert_messages_undeliverable_total",
            "Messages that were given up.",
            alerts.undeliverableCount());
    Duration age = alerts.age();
    if (age != null) {
      metrics.gauge(
          "agentlog_insight_alert_look_age_seconds",
          "Time since the rules were looked at, by any dashboard.",
          age.toMillis() / 1e3);
    }
  }

  /** Returns the bound address. */
  public InetSocketAddress address() {
    return server.address();
  }

  /** Returns the database's address, without secrets. */
  public String place() {
    return database.place();
  }

  private String link(String code) {
    return url() + "/login?code=" + code;
  }

  private String url() {
    String scheme = settings.tls() == null ? "http" : "https";
    String host = settings.address().getHostString();
    boolean isAny = settings.address().getAddress().isAnyLocalAddress();
    String name = isAny ? "localhost" : host.contains(":") ? "[" + host + "]" : host;
    return "%s://%s:%s%s"
        .formatted(scheme, name, Integer.toString(address().getPort()), settings.basePath());
  }

  /** Ends streams and connections. */
  @Override
  public void close() {
    hub.close();
    server.close();
    if (alerts != null) {
      alerts.close();
    }
    if (rollup != null) {
      rollup.close();
    }
    database.close();
  }
}
