package io.agentlog.demo;

import io.agentlog.annotations.AgentExecution;
import io.agentlog.backends.ChildJvm;
import io.agentlog.backends.Kafka;
import io.agentlog.backends.Postgres;
import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/** Runs {@link CallCost} without and with the agent, and prints both. */
final class CallCostComparison {
  private static final Duration DEADLINE = Duration.ofSeconds(60);
  private static final int EVENTS_PER_CALL = 4;
  private static final String RECORDED =
      "SELECT count(*) FROM agent_execution_logs"
          + " WHERE status = 'success' AND octet_length(user_prompt) = 1024";

  /** The caller's time in nanoseconds and allocated bytes, per call. */
  private record Cost(double meanNanos, double medianNanos, double bytes) {}

  private CallCostComparison() {}

  /** Waits until so many calls of the process are delivered. */
  private interface Delivery {
    void await(ChildJvm jvm, long calls);
  }

  /**
   * Measures and prints.
   *
   * @param withAgent a command line that records into the database
   * @param database holds the executions of this measurement alone
   * @param topic holds the events of this measurement alone
   */
  static void run(
      Screen screen, ChildJvm.Builder withAgent, Postgres database, Kafka kafka, String topic) {
    Cost without = measure(ChildJvm.likeThis(), (jvm, calls) -> {});
    Cost with =
        measure(withAgent, (jvm, calls) -> awaitDelivered(jvm, calls, database, kafka, topic));
    print(screen, "without the agent", without);
    print(screen, "with the agent", with);
    screen.line(
        String.format(
            Locale.ROOT,
            "  recording costs the caller   %8.0f ns  %8.0f ns  %6.0f B",
            with.meanNanos - without.meanNanos,
            with.medianNanos - without.medianNanos,
            with.bytes - without.bytes));
    int warmUpCalls =
        CallCost.WARM_UP_ROUNDS.stream().mapToInt(Integer::intValue).sum()
            * CallCost.CALLS_PER_BURST;
    screen.line(
        "  Method: one execution with two stages and a 1 KiB prompt; one thread; %d bursts of %d calls, after %d calls"
            .formatted(CallCost.BURSTS, CallCost.CALLS_PER_BURST, warmUpCalls));
    screen.line(
        "  to warm up; Java %s, %d cores, on which PostgreSQL, Kafka, the router and the agent's own threads ran too."
            .formatted(Runtime.version().feature(), Runtime.getRuntime().availableProcessors()));
    screen.line("  Every timed call was found in PostgreSQL and on Kafka afterwards.");
  }

  private static void print(Screen screen, String what, Cost cost) {
    screen.line(
        String.format(
            Locale.ROOT,
            "  %-26s   %8.0f ns  %8.0f ns  %6.0f B",
            what,
            cost.meanNanos,
            cost.medianNanos,
            cost.bytes));
  }

  private static Cost measure(ChildJvm.Builder builder, Delivery delivery) {
    try (ChildJvm jvm =
        builder.mainClass(classPath(), CallCost.class.getName()).options("-Xmx256m").start()) {
      int calls = 0;
      for (int bursts : CallCost.WARM_UP_ROUNDS) {
        calls += bursts * CallCost.CALLS_PER_BURST;
        round(jvm, calls, delivery);
      }
      round(jvm, calls + CallCost.BURSTS * CallCost.CALLS_PER_BURST, delivery);
      jvm.awaitExit(DEADLINE);
      String[] figures = result(jvm).orElseThrow().split(" ", -1);
      return new Cost(
          Double.parseDouble(figures[0]),
          Double.parseDouble(figures[1]),
          Double.parseDouble(figures[2]));
    } catch (IOException e) {
      throw new DemoException("the measurement's JVM failed: " + e.getMessage(), e);
    }
  }

  private static void round(ChildJvm jvm, int calls, Delivery delivery) throws IOException {
    String line = CallCost.ROUND + calls;
    jvm.awaitWhileAlive(line, DEADLINE, () -> jvm.stdout().contains(line));
    delivery.await(jvm, calls);
    jvm.stdin().write('\n');
    jvm.stdin().flush();
  }

  private static Optional<String> result(ChildJvm jvm) {
    return jvm.stdout().stream()
        .filter(line -> line.startsWith(CallCost.RESULT))
        .map(line -> line.substring(CallCost.RESULT.length()))
        .findFirst();
  }

  /** A figure counts only if every timed call was recorded and reached both backends. */
  private static void awaitDelivered(
      ChildJvm jvm, long calls, Postgres database, Kafka kafka, String topic) {
    try (Connection connection = database.connect()) {
      jvm.awaitWhileAlive(
          "%d executions of the measurement in PostgreSQL".formatted(calls),
          DEADLINE,
          () -> Counts.of(connection, RECORDED) >= calls);
      long found = Counts.of(connection, RECORDED);
      Counts.require(
          found == calls,
          "the measurement recorded %d executions instead of %d".formatted(found, calls));
    } catch (SQLException e) {
      throw new DemoException("can't read the measurement's database: " + e.getMessage(), e);
    }
    Counts.require(
        kafka.awaitRecordCount(topic, EVENTS_PER_CALL * calls, DEADLINE),
        "the measurement's events are not all on Kafka after " + DEADLINE);
  }

  /** The class path entries that the measured program needs, and no others. */
  private static String classPath() {
    return location(CallCost.class) + File.pathSeparator + location(AgentExecution.class);
  }

  private static Path location(Class<?> type) {
    try {
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new DemoException("can't find the class path entry of " + type.getName(), e);
    }
  }
}
