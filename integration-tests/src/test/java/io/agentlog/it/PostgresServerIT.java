package io.agentlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.backends.Postgres;
import io.agentlog.it.support.AgentJvm;
import io.agentlog.it.support.Rows;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: whatever becomes of the server, the application goes on and every execution is one row in
 * the end. Method: the shipped agent, servers of the test's own that are started late, killed, slow
 * or replaced.
 */
@Timeout(600)
class PostgresServerIT {
  private static final Duration DEADLINE = Duration.ofMinutes(2);

  /**
   * With one sink: its writer, a second one for large batches, and what its pool starts, one of
   * them for a moment.
   */
  private static final int THREADS_MAX = 9;

  private static final String SHUTDOWN_WAIT = "30s";

  @TempDir private Path directory;

  @Test
  void serverThatIsDownAtTheStartHasEveryRowLater() { // Fault 34
    try (Postgres database = Postgres.startProcess()) {
      database.stop();
      try (AgentJvm app = app(database)) {
        app.say("run 500");
        app.awaitLine("ran 500", DEADLINE); // With no server at all.
        app.await(
            "the line that it is down",
            DEADLINE,
            () ->
                app.stderr().stream().anyMatch(line -> line.contains("nothing takes connections")));
        database.start();
        Rows.executions(database).withStatus("success").awaitCount(501, DEADLINE);
        end(app);
      }
      assertThat(Rows.executions(database).count()).isEqualTo(501);
      assertThat(Rows.stages(database).count()).isEqualTo(501);
    }
  }

  @Test
  void serverThatIsKilledWhileBatchesArriveHasEachRowOnce() { // Faults 35, 37 and 46
    try (Postgres database = Postgres.startProcess();
        AgentJvm app = app(database)) {
      int expected = 1;
      for (int kill = 1; kill <= 3; kill++) {
        app.say("run 5000");
        int before = expected;
        expected += 5_000;
        Rows.executions(database).awaitCount(before + 500, DEADLINE);
        database.kill();
        app.say("run 100");
        expected += 100;
        database.start();
      }
      Rows.executions(database).withStatus("success").awaitCount(expected, DEADLINE);
      end(app);
      assertThat(Rows.executions(database).count()).isEqualTo(expected);
      assertThat(Rows.stages(database).count()).isEqualTo(expected);
    }
  }

  @Test
  void slowCommitsMakeBatchesLargerAndNoThreadMore() { // Fault 36
    try (Postgres database = Postgres.startProcess();
        AgentJvm app = app(database)) {
      app.say("run 2000"); // Enough for the second connection, and its thread.
      Rows.executions(database).withStatus("success").awaitCount(2_001, DEADLINE);
      database.execute(
          """
          CREATE FUNCTION wait_once() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF current_setting('it.waited', true) IS DISTINCT FROM 'yes' THEN
              PERFORM set_config('it.waited', 'yes', true), pg_sleep(1);
            END IF;
            RETURN NULL;
          END $$;
          CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON agent_execution_logs
            DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION wait_once()""");

      for (int i = 0; i < 50; i++) {
        app.say("run 100");
      }
      app.awaitLine("ran 100", DEADLINE);
      Rows.executions(database).withStatus("success").awaitCount(2_001 + 2_500, DEADLINE);
      app.say("threads");
      app.await("the threads", DEADLINE, () -> threads(app) != null);
      assertThat(threads(app).split(",", -1))
          .as(threads(app))
          .hasSizeLessThanOrEqualTo(THREADS_MAX);
      Rows.executions(database).withStatus("success").awaitCount(2_001 + 5_000, DEADLINE);
      end(app);
      assertThat(
              Rows.count(
                  database,
                  "SELECT max(n) FROM (SELECT count(*) AS n FROM agent_execution_logs GROUP BY xmin::text) AS b"))
          .as("executions of the largest transaction")
          .isBetween(200L, 2_000L);
    }
  }

  @Test
  void standbyThatIsPromotedHasWhatCameAfterTheOldPrimaryDied() { // Fault 37
    try (Postgres first = Postgres.startProcess();
        Postgres second = Postgres.startProcess()) {
      second.execute("CREATE ROLE writer SUPERUSER LOGIN PASSWORD 'pw'");
      first.execute("CREATE ROLE writer SUPERUSER LOGIN PASSWORD 'pw'");
      setStandby(second, true);
      String url =
          "jdbc:postgresql://%s:%d,%s:%d/postgres?targetServerType=primary"
              .formatted(second.host(), second.port(), first.host(), first.port());
      try (AgentJvm app =
          AgentJvm.in(directory)
              .property("agentlog.shutdown.wait", SHUTDOWN_WAIT)
              .property("agentlog.postgres.url", url)
              .property("agentlog.postgres.user", "writer")
              .property("agentlog.postgres.password", "pw")
              .start(LoadApp.class)) {
        app.say("run 500");
        Rows.executions(first).withStatus("success").awaitCount(501, DEADLINE);
        first.kill();
        app.say("run 200");
        app.awaitLine("ran 200", DEADLINE);
        app.await(
            "the line that it is down",
            DEADLINE,
            () -> app.stderr().stream().anyMatch(line -> line.contains("down at")));
        setStandby(second, false);

        Rows.executions(second).withStatus("success").awaitCount(200, DEADLINE);
        end(app);
        assertThat(Rows.executions(second).count()).isEqualTo(200);
      }
    }
  }

  private AgentJvm app(Postgres database) {
    return AgentJvm.in(directory)
        .postgres(database)
        .property("agentlog.shutdown.wait", SHUTDOWN_WAIT)
        .start(LoadApp.class);
  }

  /** A real standby answers the same to who asks whether it can be written to. */
  private static void setStandby(Postgres server, boolean on) {
    server.execute("ALTER SYSTEM SET default_transaction_read_only = " + on);
    server.execute("SELECT pg_reload_conf()");
  }

  private static String threads(AgentJvm app) {
    return app.stdout().stream()
        .filter(line -> line.startsWith("threads "))
        .findFirst()
        .orElse(null);
  }

  private static void end(AgentJvm app) {
    app.endInput();
    app.awaitSuccess();
    assertThat(app.stderr()).last().asString().contains("dropped 0").contains("pending 0");
  }
}
