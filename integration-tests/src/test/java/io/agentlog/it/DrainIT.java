package io.agentlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.backends.Backends;
import io.agentlog.backends.ChildJvm;
import io.agentlog.backends.Postgres;
import io.agentlog.backends.TcpForwarder;
import io.agentlog.it.support.AgentCommand;
import io.agentlog.it.support.AgentJvm;
import io.agentlog.it.support.Rows;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: what a sink had refused is in the database once its cause is mended and somebody says so.
 * Method: an application with the shipped jar against a real PostgreSQL that refuses some of its
 * rows; then the same jar's command.
 */
class DrainIT {
  private static final Duration DEADLINE = Duration.ofMinutes(1);
  private static final String MINE =
      "ALTER TABLE agent_execution_logs ADD CONSTRAINT mine CHECK (user_prompt NOT LIKE '%7') NOT VALID";

  private static final String CONNECTIONS =
      "SELECT count(*) FROM pg_stat_activity"
          + " WHERE application_name LIKE 'agentlog%' AND datname = current_database()"
          + " AND pid <> pg_backend_pid()";

  @TempDir Path directory;
  private final Postgres database = Backends.postgres().newDatabase();

  @AfterEach
  void close() {
    database.close();
  }

  @Test
  void refusedEventsAreDeliveredByTheCommandOnceTheirCauseIsMended() throws Exception { // Fault 43
    runAgainstAConstraint();
    Path parked = directory.resolve("router/parked/postgres.jsonl");
    assertThat(parked).isNotEmptyFile();
    assertThat(Rows.executions(database).withPrompt().count()).isEqualTo(91);

    ChildJvm refusedAgain = drain("--parked");
    assertThat(refusedAgain.awaitExit(DEADLINE)).isEqualTo(1);
    assertThat(refusedAgain.stdout())
        .hasSize(2)
        .first()
        .asString()
        .contains("parked events of postgres", "still refused (23514 mine)");
    assertThat(parked).isNotEmptyFile();

    database.execute("ALTER TABLE agent_execution_logs DROP CONSTRAINT mine");
    ChildJvm drained = drain("--parked", "--service", "router");
    assertThat(drained.awaitExit(DEADLINE)).as("stderr: %s", drained.stderr()).isZero();
    assertThat(drained.stdout()).hasSize(2).last().asString().contains("left: 0 journals");
    assertThat(drained.stderr()).isEmpty();
    assertThat(parked).doesNotExist();
    assertThat(Rows.executions(database).withStatus("success").withPrompt().count()).isEqualTo(101);
    assertThat(Rows.count(database, "SELECT count(DISTINCT instance_id) FROM agent_execution_logs"))
        .isEqualTo(1);
    assertThat(Rows.stages(database).with("stage", "half").with("percent", 50).count())
        .isEqualTo(101);
    assertThat(Rows.count(database, "SELECT count(*) FROM agent_instances"))
        .as("the command is no instance")
        .isEqualTo(1);
  }

  @Test
  void journalOfAJvmThatWasHaltedIsDeliveredByTheCommand() throws Exception { // Faults 3 and 10
    try (TcpForwarder forwarder = new TcpForwarder(database.host(), database.port())) {
      haltWithoutDatabase(forwarder);
      forwarder.open();
      ChildJvm drained = drain(forwarder.host(), forwarder.port(), "--service", "router");
      assertThat(drained.awaitExit(DEADLINE)).as("stderr: %s", drained.stderr()).isZero();
      assertThat(drained.stdout()).last().asString().contains("left: 0 journals");
    }
    assertThatAllIsDelivered();
    try (Stream<Path> left = Files.list(directory.resolve("router"))) {
      assertThat(left.filter(Files::isDirectory)).isEmpty();
    }
  }

  @Test
  void journalOfAJvmThatWasHaltedIsDeliveredByOneThatNobodyCalls() throws Exception {
    try (TcpForwarder forwarder = new TcpForwarder(database.host(), database.port())) {
      haltWithoutDatabase(forwarder);
      forwarder.open();
      try (AgentJvm idle =
          AgentJvm.in(directory)
              .service("router")
              .postgres(database)
              .property("agentlog.postgres.host", forwarder.host())
              .property("agentlog.postgres.port", forwarder.port())
              .start(IdleApp.class)) {
        idle.await(
            "the journal of the dead JVM is delivered",
            DEADLINE,
            () -> idle.stderr().stream().anyMatch(line -> line.contains("of dead instance")));
        assertThatAllIsDelivered();
        assertThat(Rows.count(database, "SELECT count(*) FROM agent_instances"))
            .as("the idle JVM is no instance")
            .isZero();
        idle.endInput();
        idle.awaitSuccess();
      }
    }
  }

  @Test
  void jvmThatNobodyCallsAndNoJournalWaitsForConnectsToNothing() {
    try (AgentJvm idle =
        AgentJvm.in(directory)
            .service("router")
            .postgres(database)
            .property("agentlog.log.level", "debug")
            .start(IdleApp.class)) {
      idle.await(
          "it has looked for journals",
          DEADLINE,
          () -> idle.stderr().stream().anyMatch(line -> line.contains("no journal waits")));
      assertThat(Rows.count(database, CONNECTIONS)).isZero();
      assertThat(directory.resolve("router")).doesNotExist();
      idle.endInput();
      idle.awaitSuccess();
    }
  }

  @Test
  void databaseThatIsDownKeepsWhatIsParked() throws Exception {
    runAgainstAConstraint();
    Path parked = directory.resolve("router/parked/postgres.jsonl");
    List<String> lines = Files.readAllLines(parked);
    String allowed = "ALTER DATABASE " + database.database() + " WITH ALLOW_CONNECTIONS ";
    Backends.postgres().execute(allowed + "false");
    try {
      ChildJvm drain = drain("--parked");
      assertThat(drain.awaitExit(DEADLINE)).isEqualTo(1);
      assertThat(drain.stdout()).first().asString().contains("delivered 0, left " + lines.size());
    } finally {
      Backends.postgres().execute(allowed + "true");
    }
    assertThat(Files.readAllLines(parked)).isEqualTo(lines);
  }

  private void haltWithoutDatabase(TcpForwarder forwarder) {
    forwarder.cut();
    try (AgentJvm app =
        AgentJvm.in(directory)
            .service("router")
            .postgres(database)
            .property("agentlog.postgres.host", forwarder.host())
            .property("agentlog.postgres.port", forwarder.port())
            .start(LoadApp.class)) {
      app.say("run 100");
      app.awaitLine("ran 100", DEADLINE);
      app.say("halt");
      assertThat(app.awaitExit(DEADLINE)).isEqualTo(4);
    }
  }

  private void assertThatAllIsDelivered() {
    assertThat(Rows.executions(database).ofAgent("load").withStatus("success").count())
        .isEqualTo(101);
    assertThat(Rows.executions(database).ofAgent("halting").only())
        .containsEntry("status", "failed")
        .containsEntry("error_type", "ExecutionAbandoned");
  }

  private void runAgainstAConstraint() {
    try (AgentJvm app =
        AgentJvm.in(directory).service("router").postgres(database).start(LoadApp.class)) {
      Rows.executions(database).withStatus("success").awaitCount(1, DEADLINE);
      database.execute(MINE);
      app.say("run 100");
      app.awaitLine("ran 100", DEADLINE);
      // All but the refused starts: the journal dies with the application.
      Rows.executions(database).withStatus("success").awaitCount(101, DEADLINE);
      app.endInput();
      app.awaitSuccess();
      assertThat(app.stderr()).anyMatch(line -> line.contains("refused for good and parked"));
    }
  }

  private ChildJvm drain(String... arguments) {
    return drain(database.host(), database.port(), arguments);
  }

  private ChildJvm drain(String host, int port, String... arguments) {
    return AgentCommand.of("drain")
        .with(arguments)
        .in(directory)
        .postgres(database)
        .setting("AGENTLOG_POSTGRES_HOST", host)
        .setting("AGENTLOG_POSTGRES_PORT", port)
        .start();
  }
}
