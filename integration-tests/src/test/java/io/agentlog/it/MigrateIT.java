package io.agentlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.backends.Backends;
import io.agentlog.backends.ChildJvm;
import io.agentlog.backends.Postgres;
import io.agentlog.backends.WholeDay;
import io.agentlog.it.support.AgentJvm;
import io.agentlog.it.support.Jdks;
import io.agentlog.it.support.Rows;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: tables are made by one user, written by another and read by a third, none of whom has more
 * rights than the documents give. Method: the shipped jar's command, an application with it, and
 * three roles of a real PostgreSQL.
 */
class MigrateIT {
  private static final Duration DEADLINE = Duration.ofMinutes(1);

  @TempDir private Path directory;
  private final Postgres database = Backends.postgres().newDatabase();
  private final String owner = "owner_" + database.database();
  private final String writer = "writer_" + database.database();
  private final String reader = "reader_" + database.database();

  @BeforeEach
  void makeRoles() {
    database.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC");
    for (String role : List.of(owner, writer, reader)) {
      database.execute("CREATE ROLE %s LOGIN PASSWORD 'pw'".formatted(role));
    }
    database.execute("GRANT USAGE, CREATE ON SCHEMA public TO " + owner);
    database.execute("GRANT USAGE ON SCHEMA public TO " + writer + ", " + reader);
  }

  @AfterEach
  void close() {
    for (String role : List.of(owner, writer, reader)) {
      database.execute("DROP OWNED BY %1$s CASCADE; DROP ROLE %1$s".formatted(role));
    }
    database.close();
  }

  @Test
  void tablesOfOneUserAreWrittenByAnotherAndReadByAThird() {
    assertFails(owner, "is missing table agent_execution_logs", "--check");
    assertFails(writer, "GRANT USAGE, CREATE ON SCHEMA \"public\"");
    ChildJvm made = migrate(owner);
    assertThat(made.awaitExit(DEADLINE)).as("stderr: %s", made.stderr()).isZero();
    assertThat(made.stdout()).last().asString().endsWith("are up to date");
    ChildJvm again = migrate(owner, "--check");
    assertThat(again.awaitExit(DEADLINE)).isZero();
    assertThat(again.stderr()).isEmpty();

    database.execute(
        "GRANT SELECT, INSERT, UPDATE ON agent_execution_logs, agent_execution_progress,"
            + " agent_routing_decisions, agent_instances TO "
            + writer);
    database.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO " + reader);
    try (AgentJvm app =
        AgentJvm.in(directory)
            .postgres(database)
            .property("agentlog.postgres.user", writer)
            .property("agentlog.postgres.password", "pw")
            .start(AttachIT.App.class)) {
      app.awaitLine("before true before", DEADLINE);
      Rows.awaitEnded(database, 2, DEADLINE);
      app.endInput();
      app.awaitSuccess();
      assertThat(app.stderr()).noneMatch(line -> line.contains("WARN"));
    }
    assertThat(
            Rows.count(
                database,
                "SELECT count(*) FROM information_schema.table_privileges WHERE grantee = '%s'"
                        .formatted(writer)
                    + " AND privilege_type NOT IN ('SELECT', 'INSERT', 'UPDATE')"))
        .isZero();
    database.execute(
        "SET ROLE %s; SELECT * FROM agent_summary; SELECT * FROM agent_trace; RESET ROLE"
            .formatted(reader));
  }

  @Test
  void tableOfThePythonLoggerIsLiftedAndRelaxedWithoutTouchingItsRowsAndViews() {
    database.execute(
        """
        SET ROLE %s;
        CREATE TABLE agent_routing_decisions (id uuid PRIMARY KEY, correlation_id uuid NOT NULL UNIQUE, user_request text NOT NULL);
        CREATE TABLE agent_execution_logs (
          execution_id uuid PRIMARY KEY DEFAULT gen_random_uuid(), correlation_id uuid NOT NULL UNIQUE, session_id uuid NOT NULL,
          agent_name varchar(255) NOT NULL, user_prompt text NOT NULL, status text NOT NULL DEFAULT 'in_progress'
            CHECK (status IN ('in_progress', 'success', 'error', 'cancelled')),
          started_at timestamptz NOT NULL DEFAULT now(), "Host" text NOT NULL, number serial UNIQUE,
          FOREIGN KEY (correlation_id) REFERENCES agent_routing_decisions (correlation_id));
        CREATE VIEW v_executions AS SELECT * FROM agent_execution_logs;
        INSERT INTO agent_routing_decisions VALUES (gen_random_uuid(), '00000000-0000-0000-0000-000000000001', 'old');
        INSERT INTO agent_execution_logs (correlation_id, session_id, agent_name, user_prompt, "Host")
        VALUES ('00000000-0000-0000-0000-000000000001', gen_random_uuid(), 'old', 'old', 'h')"""
            .formatted(owner));
    String row = "SELECT md5(string_agg(t::text, ',')) AS row FROM v_executions t";
    Object before = Rows.of(database, row).get(0).get("row");

    ChildJvm relaxed = migrate(owner, "--relax");

    assertThat(relaxed.awaitExit(DEADLINE)).as("stderr: %s", relaxed.stderr()).isZero();
    assertThat(String.join("\n", relaxed.stderr()))
        .contains(
            "ran ALTER TABLE agent_execution_logs DROP CONSTRAINT agent_execution_logs_correlation_id_fkey",
            "ran ALTER TABLE agent_execution_logs DROP CONSTRAINT agent_execution_logs_correlation_id_key",
            "ran ALTER TABLE agent_execution_logs DROP CONSTRAINT agent_execution_logs_status_check",
            "ran ALTER TABLE agent_execution_logs ALTER COLUMN \"Host\" DROP NOT NULL")
        .doesNotContain("number_key\n");
    assertThat(Rows.of(database, row).get(0).get("row")).isEqualTo(before);
    try (AgentJvm app =
        AgentJvm.in(directory)
            .postgres(database)
            .property("agentlog.postgres.user", owner)
            .property("agentlog.postgres.password", "pw")
            .start(AttachIT.App.class)) {
      app.awaitLine("before true before", DEADLINE);
      Rows.awaitCount(
          database, 2, DEADLINE, "SELECT count(*) FROM v_executions WHERE status = 'success'");
      app.endInput();
      app.awaitSuccess();
      assertThat(app.stderr()).last().asString().contains("pending 0, parked 0");
    }
  }

  @Test
  void tablesArePartitionedByDayAndAnApplicationThatDoesNotOwnThemWritesAllTheSame() {
    LocalDate today = WholeDay.today();
    assertThat(migrate(owner).awaitExit(DEADLINE)).isZero();
    assertFails(owner, "does not begin 30 minutes", "--partition-from=2020-01-01");
    ChildJvm made = migrate(owner, "--partition-from=" + today.plusDays(2));
    assertThat(made.awaitExit(DEADLINE)).as("stderr: %s", made.stderr()).isZero();
    assertThat(made.stdout())
        .anyMatch(line -> line.startsWith("agent_execution_logs is partitioned by day from "))
        .last()
        .asString()
        .endsWith("are up to date");
    ChildJvm again = migrate(owner, "--partition-from=" + today.plusDays(2));
    assertThat(again.awaitExit(DEADLINE)).as("stderr: %s", again.stderr()).isZero();
    assertThat(again.stdout()).first().asString().endsWith("already: nothing to switch");
    assertFails(owner, "partitions that begin on", "--partition-from=" + today.plusDays(1));
    assertThat(migrate(owner).awaitExit(DEADLINE)).isZero();
    ChildJvm wrong = migrate(owner, "--partition-from=soon");
    assertThat(wrong.awaitExit(DEADLINE)).isEqualTo(2);
    assertThat(wrong.stderr()).anyMatch(line -> line.contains("expected a day such as"));

    database.execute(
        "GRANT SELECT, INSERT, UPDATE ON agent_execution_logs, agent_execution_progress,"
            + " agent_routing_decisions, agent_instances TO "
            + writer);
    try (AgentJvm app =
        AgentJvm.in(directory)
            .postgres(database)
            .property("agentlog.postgres.user", writer)
            .property("agentlog.postgres.password", "pw")
            .start(AttachIT.App.class)) {
      app.awaitLine("before true before", DEADLINE);
      Rows.awaitEnded(database, 2, DEADLINE);
      app.endInput();
      app.awaitSuccess();
      assertThat(app.stderr()).noneMatch(line -> line.contains("WARN"));
    }
    assertThat(
            Rows.count(
                database,
                "SELECT count(*) FROM pg_class WHERE relkind = 'r' AND relname LIKE"
                    + " 'agent\\_execution\\_logs\\_p%'"))
        .isEqualTo(2); // The days after the first partition, to the third from today.
  }

  @Test
  void commandThatIsKilledDuringTheSwitchLeavesNothingThatTheNextOneDoesNotClear()
      throws Exception {
    String day = "--partition-from=" + WholeDay.today().plusDays(2);
    String checks = "SELECT count(*) FROM pg_constraint WHERE conname LIKE 'agentlog_partition%'";
    assertThat(migrate(owner).awaitExit(DEADLINE)).isZero();
    try (Connection holder = database.connect();
        Statement statement = holder.createStatement()) {
      holder.setAutoCommit(false);
      statement.execute("COMMENT ON VIEW active_agents IS 'held'"); // It can't be moved now.
      ChildJvm killed = migrate(owner, day);
      killed.awaitWhileAlive(
          "wait for the view",
          DEADLINE,
          () ->
              Rows.count(database, "SELECT count(*) FROM pg_locks WHERE NOT granted") > 0
                  && Rows.count(database, checks) == 1);
      killed.kill();
    }
    assertThat(Rows.count(database, checks)).isOne();

    ChildJvm next = migrate(owner);
    assertThat(next.awaitExit(DEADLINE)).as("stderr: %s", next.stderr()).isZero();

    assertThat(next.stderr()).anyMatch(line -> line.contains("dropped its check"));
    assertThat(Rows.count(database, checks)).isZero();
    ChildJvm made = migrate(owner, day);
    assertThat(made.awaitExit(DEADLINE)).as("stderr: %s", made.stderr()).isZero();
    assertThat(Rows.count(database, checks)).isZero();
  }

  @Test
  void withoutADatabaseTheCommandSaysSo() {
    ChildJvm jvm =
        ChildJvm.of(Jdks.underTest())
            .shortLived()
            .directory(directory)
            .jar(AgentJvm.agentJar(), "migrate")
            .start();
    assertThat(jvm.awaitExit(DEADLINE)).isEqualTo(2);
    assertThat(jvm.stderr()).first().asString().startsWith("no database is named");
  }

  private void assertFails(String user, String message, String... arguments) {
    ChildJvm jvm = migrate(user, arguments);
    assertThat(jvm.awaitExit(DEADLINE)).isEqualTo(1);
    assertThat(jvm.stderr()).singleElement().asString().contains(message);
  }

  private ChildJvm migrate(String user, String... arguments) {
    List<String> all = new ArrayList<>(List.of("migrate"));
    all.addAll(List.of("-o", "postgres.host=" + database.host()));
    all.addAll(List.of("-o", "postgres.port=" + database.port()));
    all.addAll(List.of("-o", "postgres.database=" + database.database()));
    all.addAll(List.of("-o", "postgres.user=" + user, "-o", "postgres.password=pw"));
    all.addAll(List.of(arguments));
    return ChildJvm.of(Jdks.underTest())
        .shortLived()
        .directory(directory)
        .jar(AgentJvm.agentJar(), all.toArray(String[]::new))
        .start();
  }
}
