package io.agentlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.backends.Backends;
import io.agentlog.backends.Postgres;
import io.agentlog.it.support.AgentJvm;
import io.agentlog.it.support.Jdks;
import io.agentlog.it.support.Rows;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: whatever way work takes to another thread, and whatever kind of future an execution
 * returns, success, failure and cancellation are told apart, and a stage on the other thread is the
 * execution's. Method: run {@link OutcomesApp} with the shipped jar and read the tables.
 */
class OutcomesIT {
  private static final List<String> WAYS =
      List.of(
          "pool-execute",
          "pool-submit",
          "scheduler",
          "fork-join",
          "supply-async",
          "supply-async-pool",
          "then-apply-async",
          "own-executor",
          "thread",
          "timer");

  private static final List<String> WAYS_SINCE_21 = List.of("virtual", "virtual-thread");
  private static final List<String> FUTURES = List.of("completable", "own-class", "minimal-stage");

  @TempDir private Path directory;

  @Test
  void outcomeIsRecordedInWhateverWayTheWorkWasHandedOn() {
    Map<String, String> expected = expected();
    int ways = WAYS.size() + (Jdks.versionUnderTest() >= 21 ? WAYS_SINCE_21.size() : 0);
    try (Postgres database = Backends.postgres().newDatabase();
        AgentJvm app =
            AgentJvm.in(directory)
                .postgres(database)
                .service("outcomes")
                // Of the classes of the JDK too, which it trusts otherwise.
                .options("-XX:+UnlockDiagnosticVMOptions", "-XX:+BytecodeVerificationLocal")
                .start(OutcomesApp.class)) {
      app.awaitLine("done " + ways, Duration.ofSeconds(60));
      Rows.awaitEnded(database, expected.size(), Duration.ofSeconds(30));
      app.endInput();
      app.awaitSuccess();
      Map<String, String> ends = new LinkedHashMap<>();
      for (Map<String, Object> row :
          Rows.of(
              database,
              "SELECT user_prompt, concat_ws(' ', status, error_type, substring(error_message FROM 'on purpose$'), (SELECT count(*)"
                  + " FROM agent_execution_progress p WHERE p.execution_id = e.execution_id)) AS ended"
                  + " FROM agent_execution_logs e")) {
        ends.put((String) row.get("user_prompt"), (String) row.get("ended"));
      }
      assertThat(ends).containsExactlyInAnyOrderEntriesOf(expected);
      // The task of no execution that followed on each way.
      assertThat(app.stderr())
          .anyMatch(line -> line.contains(" " + ways + " outside an execution"));
    }
  }

  /** Status, error and stages by prompt. */
  private static Map<String, String> expected() {
    Map<String, String> expected = new LinkedHashMap<>();
    WAYS.forEach(way -> add(expected, way, 1));
    if (Jdks.versionUnderTest() >= 21) {
      WAYS_SINCE_21.forEach(way -> add(expected, way, 1));
    }
    FUTURES.forEach(
        kind -> {
          add(expected, kind, 1);
          expected.put(kind + " on another thread", "success 1");
        });
    return expected;
  }

  private static void add(Map<String, String> expected, String what, int stages) {
    expected.put(what + " succeeds", "success " + stages);
    expected.put(what + " fails", "failed IllegalStateException on purpose " + stages);
    expected.put(what + " is cancelled", "cancelled CancellationException " + stages);
  }
}
