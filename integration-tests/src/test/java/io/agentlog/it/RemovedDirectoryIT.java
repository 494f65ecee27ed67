package io.agentlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.annotations.AgentExecution;
import io.agentlog.backends.Backends;
import io.agentlog.backends.Postgres;
import io.agentlog.backends.TcpForwarder;
import io.agentlog.it.support.AgentJvm;
import io.agentlog.it.support.Rows;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: somebody who removes the journal's directory under a running JVM loses nothing. Method:
 * remove it while the database is away, go on, wait until it is there again, kill the JVM, and let
 * the next one deliver what it left.
 */
class RemovedDirectoryIT {
  private static final Duration DEADLINE = Duration.ofSeconds(60);
  private static final String SERVICE = "removed";

  @Test
  void whatWasRecordedIsDeliveredAlthoughTheDirectoryWasRemoved(@TempDir Path directory)
      throws IOException { // Fault 22
    try (Postgres database = Backends.postgres().newDatabase();
        TcpForwarder forwarder = new TcpForwarder(database.host(), database.port())) {
      forwarder.cut();
      Path journals = directory.resolve(SERVICE);
      try (AgentJvm app = start(directory, database, forwarder)) {
        make(app, 5_000, 5_000); // More than a segment.
        remove(journals);
        make(app, 2_000, 7_000);
        app.await("the journal is there again", DEADLINE, () -> restored(app) == 1);
        make(app, 1_000, 8_000);
        assertThat(restored(app)).as("%s", app.stderr()).isEqualTo(1);
        app.kill();
      }
      forwarder.open();
      try (AgentJvm next = start(directory, database, forwarder)) {
        make(next, 1, 1); // A woven class has the agent adopt what it finds.
        // One of them is of the second JVM.
        Rows.executions(database).with("seen", 7).withStatus("success").awaitCount(8_001, DEADLINE);
        next.endInput();
        next.awaitSuccess();
      }
      assertThat(
              Rows.count(
                  database,
                  "SELECT count(DISTINCT correlation_id) FROM agent_execution_logs WHERE"
                      + " left(repeat(correlation_id::text, 40), 1024) = user_prompt"))
          .isEqualTo(8_000);
    }
  }

  private static AgentJvm start(Path directory, Postgres database, TcpForwarder forwarder) {
    AgentJvm app =
        AgentJvm.in(directory)
            .service(SERVICE)
            .postgres(database)
            .property("agentlog.postgres.host", forwarder.host())
            .property("agentlog.postgres.port", forwarder.port())
            .start(
                AgentJvm.classPathOf(NumberedLoad.class, AgentExecution.class), NumberedLoad.class);
    app.awaitLine("ready", DEADLINE);
    return app;
  }

  private static void make(AgentJvm app, int count, int total) {
    app.say(String.valueOf(count));
    app.awaitLine("made " + total, DEADLINE);
  }

  private static void remove(Path folder) throws IOException {
    List<Path> all;
    try (Stream<Path> walk = Files.walk(folder)) {
      all = walk.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : all) {
      Files.deleteIfExists(path);
    }
  }

  private static long restored(AgentJvm app) {
    return app.stderr().stream()
        .filter(line -> line.contains("were removed while it was in use"))
        .count();
  }
}
