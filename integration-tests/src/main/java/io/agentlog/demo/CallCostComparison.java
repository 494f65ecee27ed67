package io.agentlog.demo;

import io.agentlog.annotations.AgentExecution;
import io.agentlog.backends.ChildJvm;
import io.agentlog.backends.Postgres;
import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/** Runs {@link CallCost} without and with the agent, and prints both. */
final class CallCostComparison {
  private static final Duration RUN_DEADLINE = Duration.ofSeconds(60);
  private static final Duration ROWS_DEADLINE = Duration.ofSeconds(90);

  /** Nanoseconds and bytes of the caller, per call. */
  private record Cost(double meanNanos, double medianNanos, double bytes) {}

  private CallCostComparison() {}

  /**
   * Measures and prints.
   *
   * @param withAgent a command line that records into the database
   * @param database holds the executions of this measurement alone
   */
  static void run(Screen screen, ChildJvm.Builder withAgent, Postgres database) {
    Cost without = measure(ChildJvm.likeThis(), Optional.empty());
    Cost with = measure(withAgent, Optional.of(database));
    print(screen, "without the agent", without);
    print(screen, "with the agent", with);
    screen.line(
        String.format(
            Locale.ROOT,
            "  recording costs the caller   %8.0f ns  %8.0f ns  %6.0f B",
            with.meanNanos - without.meanNanos,
            with.medianNanos - without.medianNanos,
            with.bytes - without.bytes));
    screen.line(
        "  Method: one execution with two stages and a 1 KiB prompt; one thread; %d bursts of %d calls after %d such"
            .formatted(CallCost.BURSTS, CallCost.CALLS_PER_BURST, CallCost.WARM_UP_BURSTS));
    screen.line(
        "  bursts to warm up; Java %s, %d cores, on which PostgreSQL, Kafka, the router and the agent's own threads ran too."
            .formatted(Runtime.version().feature(), Runtime.getRuntime().availableProcessors()));
    screen.line(
        "  All %d executions were found in PostgreSQL afterwards.".formatted(CallCost.CALLS));
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

  private static Cost measure(ChildJvm.Builder builder, Optional<Postgres> database) {
    try (ChildJvm jvm =
        builder.mainClass(classPath(), CallCost.class.getName()).options("-Xmx256m").start()) {
      jvm.awaitWhileAlive("measurement", RUN_DEADLINE, () -> result(jvm).isPresent());
      String[] figures = result(jvm).orElseThrow().split(" ", -1);
      database.ifPresent(recorded -> requireAllRecorded(jvm, recorded));
      jvm.stdin().close();
      jvm.awaitExit(RUN_DEADLINE);
      return new Cost(
          Double.parseDouble(figures[0]),
          Double.parseDouble(figures[1]),
          Double.parseDouble(figures[2]));
    } catch (IOException e) {
      throw new DemoException("the measurement's JVM went away: " + e.getMessage(), e);
    }
  }

  private static Optional<String> result(ChildJvm jvm) {
    return jvm.stdout().stream()
        .filter(line -> line.startsWith(CallCost.RESULT))
        .map(line -> line.substring(CallCost.RESULT.length()))
        .findFirst();
  }

  /** A figure counts only if everything that was timed was recorded. */
  private static void requireAllRecorded(ChildJvm jvm, Postgres database) {
    jvm.awaitWhileAlive(
        CallCost.CALLS + " executions of the measurement in PostgreSQL",
        ROWS_DEADLINE,
        () -> recordedCount(database) >= CallCost.CALLS);
    if (recordedCount(database) != CallCost.CALLS) {
      throw new DemoException("the measurement left more executions than it made");
    }
  }

  private static long recordedCount(Postgres database) {
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement();
        ResultSet result =
            statement.executeQuery(
                "SELECT count(*) FROM agent_execution_logs e WHERE status = 'success'"
                    + " AND octet_length(user_prompt) = 1024")) {
      result.next();
      return result.getLong(1);
    } catch (SQLException e) {
      return 0; // Before the agent has made its tables.
    }
  }

  /** Only what the measured program needs. */
  private static String classPath() {
    return location(CallCost.class) + File.pathSeparator + location(AgentExecution.class);
  }

  private static Path location(Class<?> type) {
    try {
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new DemoException("can't tell where " + type.getName() + " is", e);
    }
  }
}
