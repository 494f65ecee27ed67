package io.agentlog.load;

import io.agentlog.backends.ChildJvm;
import io.agentlog.backends.Kafka;
import io.agentlog.backends.Postgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Question: what does a long outage of both backends cost, and how soon is all of it delivered?
 *
 * <p>Method: an application makes executions at a fixed rate, with the shipped jar and its
 * defaults; PostgreSQL and Kafka are stopped for some minutes and started again, and the
 * application goes on until nothing is behind. Memory and disk are sampled by the kernel's figures.
 * At the end each execution has to be one row with its two stages and its prompt, and four events
 * on the topic. Everything runs on one machine.
 */
public final class Outage {
  private static final Duration WARM = Duration.ofSeconds(40);
  private static final Duration CATCH_UP_MAX = Duration.ofMinutes(30);
  private static final int EVENTS = 4;
  private static final int STAGES = 2;
  private static final int SAMPLES = 20;
  private static final String TOPIC = "agentlog-outage";
  private static final String ROWS = "SELECT count(*) FROM agent_execution_logs";

  private final Postgres database;
  private final Kafka kafka;
  private final ChildJvm app;
  private final Path folder;
  private final long begin = System.nanoTime();

  private Outage(Postgres database, Kafka kafka, ChildJvm app, Path folder) {
    this.database = database;
    this.kafka = kafka;
    this.app = app;
    this.folder = folder;
  }

  /** Takes the minutes of the outage, 10 by default, and the executions a second, 2,000. */
  public static void main(String[] arguments) throws Exception {
    int minutes = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 10;
    int rate = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 2_000;
    Path folder = Files.createTempDirectory("agentlog-outage-");
    boolean whole;
    try (Kafka kafka = Kafka.startProcess();
        Postgres database = Postgres.startProcess();
        ChildJvm app = start(database, kafka, folder, rate)) {
      whole = new Outage(database, kafka, app, folder).run(minutes, rate);
    }
    remove(folder);
    System.exit(whole ? 0 : 1);
  }

  private static ChildJvm start(Postgres database, Kafka kafka, Path folder, int rate) {
    kafka.createTopic(TOPIC, 1);
    return ChildJvm.likeThis()
        .options("-Xmx256m", "-XX:+UseSerialGC")
        .property("agentlog.dir", folder)
        .property("agentlog.service", "outage")
        .property("agentlog.journal.max-size", "4g")
        .property("agentlog.shutdown.wait", "30s")
        .property("agentlog.postgres.host", database.host())
        .property("agentlog.postgres.port", database.port())
        .property("agentlog.postgres.database", database.database())
        .property("agentlog.postgres.user", database.user())
        .property("agentlog.postgres.password", database.password())
        .property("agentlog.kafka.bootstrap-servers", kafka.bootstrapServers())
        .property("agentlog.kafka.topic", TOPIC)
        .agent(Path.of("agent/dist/target/agentlog.jar"))
        .mainClass(PacedWork.class, Integer.toString(rate))
        .start();
  }

  private boolean run(int minutes, int rate) throws Exception {
    pause(WARM);
    say("before");
    long rowsBefore = rows();
    database.stop();
    kafka.stop();
    say("PostgreSQL and Kafka are down");
    for (int i = 0; i < SAMPLES; i++) {
      pause(Duration.ofMillis(minutes * 60_000L / SAMPLES));
      say("down");
    }
    kafka.start();
    database.start();
    say("PostgreSQL and Kafka are back");
    long back = System.nanoTime();
    long missed = (long) rate * minutes * 60;
    long caughtUp = awaitCaughtUp(back, rate);
    double seconds = (caughtUp - back) / 1e9;
    long delivered = rows() - rowsBefore;
    System.out.printf(
        Locale.ROOT,
        "caught up %.0f s after the return, while the load went on: %,d rows, %,.0f a second, %.1f times the load%n",
        seconds,
        delivered,
        delivered / seconds,
        delivered / seconds / rate);
    System.out.printf(Locale.ROOT, "about %,d executions were made during the outage%n", missed);
    app.stdin().close();
    int exit = app.awaitExit(Duration.ofMinutes(2));
    app.stderr().forEach(System.out::println);
    return isWhole() && exit == 0;
  }

  /** Waits until the newest row is at most a second old and the topic has as many events. */
  private long awaitCaughtUp(long back, int rate) throws Exception {
    while (true) {
      pause(Duration.ofSeconds(2));
      long now = System.nanoTime();
      long behindMillis =
          number(
              "SELECT coalesce((extract(epoch FROM clock_timestamp() - max(started_at)) * 1000)::bigint,"
                  + " 1000000000) FROM agent_execution_logs");
      long rows = rows();
      long events = kafka.recordCount(TOPIC);
      System.out.printf(
          Locale.ROOT,
          "%5.0f s  catching up: %,d rows, the newest %,d ms old; %,d events on the topic%n",
          (now - begin) / 1e9,
          rows,
          behindMillis,
          events);
      if (behindMillis < 1_000 && events + 2L * EVENTS * rate > rows * EVENTS) {
        return now;
      }
      if (now - back > CATCH_UP_MAX.toNanos() || !app.isAlive()) {
        throw new IllegalStateException("delivery has not caught up; stderr: " + app.stderr());
      }
    }
  }

  private boolean isWhole() throws SQLException {
    String made =
        app.stdout().stream()
            .filter(line -> line.startsWith(PacedWork.MADE))
            .findFirst()
            .orElseThrow(
                () -> new IllegalStateException("the application ended without its result line"));
    long count = Long.parseLong(made.substring(PacedWork.MADE.length(), made.indexOf(',')));
    long whole =
        number(
            ROWS
                + " WHERE status = 'success' AND user_prompt ="
                + " left(repeat(correlation_id::text, 40), "
                + PacedWork.PROMPT_LENGTH
                + ")");
    long executions = number("SELECT count(DISTINCT correlation_id) FROM agent_execution_logs");
    long stages = number("SELECT count(*) FROM agent_execution_progress");
    boolean onTopic = kafka.awaitRecordCount(TOPIC, count * EVENTS, Duration.ofMinutes(1));
    System.out.printf(
        Locale.ROOT,
        "%s; in the database %,d executions, %,d of them whole, %,d stages; on the topic %,d events%n",
        made,
        executions,
        whole,
        stages,
        kafka.recordCount(TOPIC));
    return executions == count && whole == count && stages == STAGES * count && onTopic;
  }

  private void say(String what) throws IOException {
    List<String> status = Files.readAllLines(Path.of("/proc/" + app.pid() + "/status"));
    System.out.printf(
        Locale.ROOT,
        "%5.0f s  %s: RssAnon %d MiB, RssFile %d MiB, journal %,d MiB%n",
        (System.nanoTime() - begin) / 1e9,
        what,
        mebibytes(status, "RssAnon:"),
        mebibytes(status, "RssFile:"),
        bytesIn(folder) >> 20);
  }

  private static long mebibytes(List<String> status, String key) {
    return status.stream()
        .filter(line -> line.startsWith(key))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) >> 10)
        .sum();
  }

  private static long bytesIn(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).mapToLong(Outage::size).sum();
    }
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (NoSuchFileException e) {
      return 0; // Renamed or removed meanwhile.
    } catch (IOException e) {
      throw new IllegalStateException("can't read " + file, e);
    }
  }

  private long rows() throws SQLException {
    return number(ROWS);
  }

  private long number(String query) throws SQLException {
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(query)) {
      result.next();
      return result.getLong(1);
    }
  }

  private static void pause(Duration time) throws InterruptedException {
    TimeUnit.MILLISECONDS.sleep(time.toMillis());
  }

  private static void remove(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    }
  }
}
