package io.agentlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.backends.Backends;
import io.agentlog.backends.Postgres;
import io.agentlog.it.support.AgentJvm;
import io.agentlog.it.support.Rows;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: a JVM's row of {@code agent_instances} has what the agent says of itself, and a table
 * without a column for it serves the lease as before. Method: the shipped agent with a real
 * database.
 */
@Timeout(120)
class InstanceReportIT {
  private static final Duration DEADLINE = Duration.ofSeconds(40);

  @TempDir Path directory;

  @Test
  void reportHasTheCountersAndSinksOfALivingAndOfAnEndedJvm() {
    try (Postgres database = Backends.postgres().newDatabase();
        AgentJvm app =
            AgentJvm.in(directory)
                .postgres(database)
                .environment("HOSTNAME", "pod-7")
                .property("agentlog.shutdown.wait", "1s")
                .start(LoadApp.class)) {
      app.say("run 500");
      app.say("hang");
      app.await(
          "a report of all that was recorded",
          DEADLINE,
          () ->
              counts(
                  database,
                  "lease_until > now() AND report ->> 'running' = '1' AND NOT (report ->> 'stopped')::boolean"
                      + " AND report ->> 'host' = 'pod-7' AND report ->> 'version' <> ''"
                      + " AND report #>> '{counters,executions_started}' = '502'"
                      + " AND report #>> '{counters,events_recorded}' = '1504'"
                      + " AND report #>> '{sinks,0,name}' = 'postgres' AND report #>> '{sinks,0,state}' = 'up'"
                      + " AND report #>> '{sinks,0,delivered}' = '1504'"
                      + " AND (report #>> '{journal,bytes}')::bigint BETWEEN 1 AND (report #>> '{journal,max_bytes}')::bigint"
                      + " AND (report ->> 'reported_at')::timestamptz <= now()"));
      app.endInput();
      app.awaitSuccess();

      assertThat(
              counts(
                  database,
                  "lease_until <= now() AND (report ->> 'stopped')::boolean AND report ->> 'running' = '1'"
                      + " AND report #>> '{sinks,0,delivered}' = '1505' AND report #>> '{sinks,0,pending}' = '0'"))
          .as("the last report: %s", Rows.of(database, "SELECT report::text FROM agent_instances"))
          .isTrue();
    }
  }

  @Test
  void tableOfAnOlderVersionKeepsTheLeaseAndOneLineSaysWhatToDo() {
    try (Postgres database = Backends.postgres().newDatabase()) {
      try (AgentJvm first = AgentJvm.in(directory).postgres(database).start(LoadApp.class)) {
        first.await("the table of leases", DEADLINE, () -> hasLeases(database));
        first.endInput();
        first.awaitSuccess();
      }
      database.execute("ALTER TABLE agent_instances DROP COLUMN report; TRUNCATE agent_instances");
      try (AgentJvm app =
          AgentJvm.in(directory)
              .postgres(database)
              .property("agentlog.postgres.schema", "validate")
              .start(LoadApp.class)) {
        app.await(
            "a renewed lease",
            DEADLINE,
            () -> counts(database, "renewed_at > since AND lease_until > now()"));
        app.endInput();
        app.awaitSuccess();
        assertThat(app.stderr())
            .filteredOn(line -> line.contains("takes no report"))
            .hasSize(1)
            .first()
            .asString()
            .endsWith("Run java -jar agentlog.jar migrate, once as the owner of the table");
        assertThat(app.stderr()).noneMatch(line -> line.contains("WARN"));
      }
      Rows.executions(database).withStatus("success").awaitCount(2, DEADLINE);
    }
  }

  private static boolean hasLeases(Postgres database) {
    return Rows.count(
            database, "SELECT count(*) FROM pg_tables WHERE tablename = 'agent_instances'")
        == 1;
  }

  private static boolean counts(Postgres database, String condition) {
    return Rows.count(database, "SELECT count(*) FROM agent_instances WHERE " + condition) == 1;
  }
}
