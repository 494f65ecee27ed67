package io.agentlog.demo;

import io.agentlog.backends.BackendException;
import io.agentlog.backends.ChildJvm;
import io.agentlog.backends.Kafka;
import io.agentlog.backends.Postgres;
import io.agentlog.backends.TempDirectory;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Runs the router with the agent over a file of requests, shows what was recorded and checks it.
 *
 * <p>Started by the script {@code demo}, which builds first. Exit code 0 if every check passes,
 * else 1.
 */
public final class Demo {
  private static final String EVENTS_TOPIC = "agent-execution-logs";
  private static final String COST_TOPIC = "agentlog-demo-call-cost";
  private static final Duration DEADLINE = Duration.ofSeconds(60);
  private static final Duration SIGNAL_DEADLINE = Duration.ofMillis(500);
  private static final long PAUSE_MILLIS = 50;

  /** Routers while the demo is kept; each answers so many requests at a time. */
  private static final int ROUTERS_KEPT = 2;

  private static final int CONSUMERS_KEPT = 4;

  /** How long after its start a router gets worse, if it shall, and for how long; seconds. */
  private static final String WORSE_AFTER = "120";

  private static final String WORSE_FOR = "1800";

  private final Path home;
  private final Screen screen;
  private final boolean keeps;
  private final @Nullable String worse;

  private Demo(Path home, Screen screen, boolean keeps, @Nullable String worse) {
    this.home = home;
    this.screen = screen;
    this.keeps = keeps;
    this.worse = worse;
  }

  /**
   * Arguments: the repository's root, {@code terminal} or {@code plain}, then {@code --keep} or
   * nothing, then how the router gets worse or nothing.
   */
  public static void main(String[] arguments) {
    PrintStream out =
        new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
    Screen screen = new Screen(out, arguments[1].equals("terminal"));
    boolean keeps = List.of(arguments).contains("--keep");
    String worse = arguments.length > 3 ? arguments[3] : null;
    int exitCode = 0;
    try {
      new Demo(Path.of(arguments[0]), screen, keeps, worse).run();
    } catch (DemoException | BackendException | SQLException e) {
      if (!isInterrupted()) {
        System.err.println("demo: " + e.getMessage());
      }
      exitCode = 1;
    }
    System.exit(exitCode); // The shutdown hook ends the servers; after Ctrl-C, exit waits for it.
  }

  /**
   * Whether this JVM is being ended. Ctrl-C ends the children too. Their end looks like a failure
   * and may be noticed here before the signal.
   */
  private static boolean isInterrupted() {
    long end = System.nanoTime() + SIGNAL_DEADLINE.toNanos();
    Thread probe = new Thread(() -> {}, "probe");
    while (System.nanoTime() < end) {
      try {
        Runtime.getRuntime().removeShutdownHook(probe);
      } catch (IllegalStateException e) {
        return true;
      }
      pause();
    }
    return false;
  }

  private void run() throws SQLException {
    Path agent = existing("agent/dist/target/agentlog.jar");
    Path routerJar = existing("sample-app/target/agentlog-sample-app.jar");
    List<Request> requests = Request.read(existing("sample-app/requests/requests.jsonl"));
    Path journals = TempDirectory.create("agentlog-demo-").path();

    screen.line("Starting PostgreSQL and Kafka ...");
    Servers servers = Servers.start(System.getenv());
    Kafka kafka = servers.kafka();
    screen.line("PostgreSQL " + servers.database() + ", Kafka " + kafka);
    servers.createTopics(Router.TOPICS, keeps ? ROUTERS_KEPT * CONSUMERS_KEPT : 1, EVENTS_TOPIC);

    screen.line("Starting the router with -javaagent:agentlog.jar ...");
    Supplier<Router> routers =
        () ->
            Router.start(
                routerJar,
                withAgent(agent, journals, servers.database(), kafka, EVENTS_TOPIC),
                kafka,
                keeps ? CONSUMERS_KEPT : 1,
                worse == null
                    ? List.of()
                    : List.of(
                        "--worse", worse, "--worse-after", WORSE_AFTER, "--worse-for", WORSE_FOR));
    Router router = routers.get();
    Router.send(requests, kafka);
    try (Connection connection = servers.database().connect()) {
      showAndCheck(router, requests, connection, kafka);
      Guide.show(
          screen,
          withAgent(agent, journals, servers.database(), kafka, EVENTS_TOPIC),
          routerJar,
          existing("sample-app/prices.json"),
          connection);
      if (!keeps) { // Who keeps the demo waits for the dashboard.
        showCost(agent, journals, servers);
      }
      connectLines(servers);
      if (keeps) {
        keep(router, routers, requests, servers);
      }
      router.stop();
      Counts.requireEveryRequest(connection, requests, Counts.malformed(kafka));
    }
    screen.line("");
    screen.line(
        "Done: every request has its execution, every execution has ended, and Kafka has every"
            + " event.");
  }

  private void showCost(Path agent, Path journals, Servers servers) {
    Kafka kafka = servers.kafka();
    screen.heading("The caller's cost of one execution: mean, median of bursts, allocated");
    kafka.createTopic(COST_TOPIC, 1);
    try (Postgres database = servers.newDatabase()) {
      CallCostComparison.run(
          screen,
          withAgent(agent, journals, database, kafka, COST_TOPIC),
          database,
          kafka,
          COST_TOPIC);
    }
  }

  private void showAndCheck(
      Router router, List<Request> requests, Connection connection, Kafka kafka)
      throws SQLException {
    awaitAnswers(router, requests.size(), connection, kafka);
    router.agentLines().forEach(line -> screen.line("  " + line));
    Set<String> malformed = Counts.malformed(kafka);
    Counts.requireEveryRequest(connection, requests, malformed);
    Report.ofDatabase(screen, connection);

    Map<String, Long> expected = Counts.expectedEvents(connection);
    long eventCount = expected.values().stream().mapToLong(Long::longValue).sum();
    kafka.awaitRecordCount(EVENTS_TOPIC, eventCount, DEADLINE);
    List<ConsumerRecord<String, String>> records = kafka.records(EVENTS_TOPIC);
    Map<String, Long> events = Counts.events(records, Counts.executionIds(connection));
    Report.ofEvents(screen, records, EVENTS_TOPIC);
    Counts.require(
        events.equals(expected),
        "events on Kafka differ from rows in PostgreSQL: Kafka has "
            + events
            + ", PostgreSQL implies "
            + expected);
    screen.heading("Checked");
    screen.line(
        "  %d requests have one execution each, and each execution has ended%s."
            .formatted(
                requests.size() - malformed.size(),
                malformed.isEmpty()
                    ? ""
                    : "; %d lines are not requests and have no execution"
                        .formatted(malformed.size())));
    screen.line(
        "  %d executions in all, because parts of a request can be executions too."
            .formatted(expected.getOrDefault("started", 0L)));
    screen.line("  Events on Kafka and rows in PostgreSQL agree: " + events);
  }

  /** Shows progress until every request has an answer and every execution has ended. */
  private void awaitAnswers(Router router, int requestCount, Connection connection, Kafka kafka) {
    long lastChangeNanos = System.nanoTime();
    long answered = 0;
    long rowsBefore = -1;
    while (true) {
      router.requireAlive();
      long now = kafka.recordCount(Router.COMPLETED) + kafka.recordCount(Router.FAILED);
      long rows = Counts.of(connection, Counts.REQUESTS + " AND status <> 'in_progress'");
      if (now != answered || rows != rowsBefore) {
        lastChangeNanos = System.nanoTime();
      }
      answered = now;
      rowsBefore = rows;
      screen.bar("requests answered, %d recorded".formatted(rows), answered, requestCount);
      if (answered >= requestCount && rows >= requestCount - Counts.malformed(kafka).size()) {
        screen.barEnds();
        return;
      }
      if (System.nanoTime() - lastChangeNanos > DEADLINE.toNanos()) {
        screen.barEnds();
        router.agentLines().forEach(line -> screen.line("  " + line));
        throw new DemoException(
            "no progress for %d s: %d of %d requests answered, %d recorded"
                .formatted(DEADLINE.toSeconds(), answered, requestCount, rows));
      }
      pause();
    }
  }

  private void connectLines(Servers servers) {
    Postgres database = servers.database();
    screen.heading(keeps ? "Look for yourself" : "With --keep you could look for yourself");
    screen.line(
        "  PGPASSWORD=%s psql -h %s -p %d -U %s %s"
            .formatted(
                keeps ? database.password() : "...",
                database.host(),
                database.port(),
                database.user(),
                database.database()));
    screen.line(
        "  kcat -b %s -t %s -C -e".formatted(servers.kafka().bootstrapServers(), EVENTS_TOPIC));
    screen.line(
        "  echo '{\"user_request\": \"why is this query slow?\"}' | kcat -b %s -t %s -P"
            .formatted(servers.kafka().bootstrapServers(), Router.REQUESTED));
  }

  private void keep(
      Router first, Supplier<Router> routers, List<Request> requests, Servers servers) {
    Dashboard dashboard =
        Dashboard.start(
            existing("insight/target/agentlog-insight.jar"),
            servers.database(),
            worse == null
                ? List.of()
                : List.of("--rules", existing("sample-app/alerts.yaml").toString()));
    List<Router> all = new ArrayList<>(List.of(first));
    while (all.size() < ROUTERS_KEPT) {
      all.add(routers.get());
    }
    screen.heading("The dashboard; the link logs one browser in, within five minutes");
    screen.line("  " + dashboard.link());
    screen.line("");
    screen.line("Requests go on, some slow, some failing, some withdrawn, until Ctrl-C.");
    if (worse != null) {
      screen.line(
          "After two minutes the routers get worse (%s), after 32 they are well again; see Alerts."
              .formatted(worse));
    }
    try (Traffic traffic = new Traffic(requests, servers.kafka())) {
      while (true) {
        all.forEach(Router::requireAlive);
        dashboard.requireAlive();
        dashboard.newLink().ifPresent(link -> screen.line("  for another browser: " + link));
        traffic.sendDue();
        pause();
      }
    }
  }

  private ChildJvm.Builder withAgent(
      Path agent, Path journals, Postgres database, Kafka kafka, String topic) {
    return ChildJvm.likeThis()
        .agent(agent)
        .property("agentlog.dir", journals)
        .property("agentlog.postgres.host", database.host())
        .property("agentlog.postgres.port", database.port())
        .property("agentlog.postgres.database", database.database())
        .property("agentlog.postgres.user", database.user())
        // Not a property: everyone who lists processes can read properties.
        .environment("AGENTLOG_POSTGRES_PASSWORD", database.password())
        .property("agentlog.kafka.bootstrap-servers", kafka.bootstrapServers())
        .property("agentlog.kafka.topic", topic)
        .property("agentlog.kafka.create-topic", true);
  }

  private Path existing(String path) {
    Path file = home.resolve(path);
    if (!Files.exists(file)) {
      throw new DemoException(file + " is missing although the build makes it; run: mvn package");
    }
    return file;
  }

  private static void pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new DemoException("interrupted", e);
    }
  }
}
