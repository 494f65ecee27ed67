package io.agentlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.backends.Backends;
import io.agentlog.backends.ChildJvm;
import io.agentlog.backends.Postgres;
import io.agentlog.backends.TcpForwarder;
import io.agentlog.it.support.AgentCommand;
import io.agentlog.it.support.AgentJvm;
import io.agentlog.it.support.Rows;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: an operator learns from outside how the agent of a JVM is, alive or dead, and what an
 * execution did. Method: applications with the shipped jar, and the same jar's commands.
 */
class OperatorIT {
  private static final Duration DEADLINE = Duration.ofMinutes(2);

  @TempDir Path directory;
  private final Postgres database = Backends.postgres().newDatabase();

  @AfterEach
  void close() {
    database.close();
  }

  @Test
  void statusTellsHowRunningAndDeadJvmsAre() {
    try (TcpForwarder forwarder = new TcpForwarder(database.host(), database.port());
        AgentJvm app =
            AgentJvm.in(directory)
                .service("router")
                .postgres(database)
                .property("agentlog.postgres.host", forwarder.host())
                .property("agentlog.postgres.port", forwarder.port())
                .start(LoadApp.class)) {
      app.say("run 100");
      app.awaitLine("ran 100", DEADLINE);
      Rows.executions(database).withStatus("success").awaitCount(101, DEADLINE);
      awaitStatus(0, "101 executions, 0 running, 303 events recorded, dropped 0");
      awaitStatus(0, "postgres  up", "delivered 303, pending 0, parked 0");

      forwarder.cut();
      app.say("run 100");
      app.awaitLine("ran 100", DEADLINE);
      awaitStatus(
          1,
          "postgres  down",
          "delivered 303, pending 300, parked 0, the oldest for ",
          "nothing takes connections at");
      app.kill();
      awaitStatus(1, "ended; the next JVM of the service, or 'drain', delivers its events");
      ChildJvm json = status("--json");
      assertThat(json.awaitExit(DEADLINE)).isEqualTo(1);
      assertThat(json.stdout())
          .singleElement()
          .asString()
          .startsWith("{\"alive\":false,\"directory\":\"" + directory)
          .contains("\"service\":\"router\"", "\"events_recorded\":603", "\"pending\":300");
    }
    AgentCommand drain = AgentCommand.of("drain").in(directory).postgres(database);
    // The journal names the forwarder, which is gone: its events are for that place alone.
    assertThat(drain.start().awaitExit(DEADLINE)).isEqualTo(1);
    awaitStatus(1, "pending 300");
  }

  @Test
  void statusOfNobodySaysSo() {
    ChildJvm status = status();
    assertThat(status.awaitExit(DEADLINE)).isZero();
    assertThat(status.stdout()).singleElement().asString().startsWith("no JVM keeps a journal");
  }

  @Test
  void executionIsShownAsATimeline() {
    try (AgentJvm app = AgentJvm.in(directory).postgres(database).start(LoadApp.class)) {
      Rows.executions(database).withStatus("success").awaitCount(1, DEADLINE);
      app.endInput();
      app.awaitSuccess();
    }
    Map<String, ?> row = Rows.executions(database).only();
    String id = String.valueOf(row.get("execution_id"));
    for (String asked : List.of(id, String.valueOf(row.get("correlation_id")))) {
      ChildJvm show = AgentCommand.of("show", asked).postgres(database).start();
      assertThat(show.awaitExit(DEADLINE)).as("%s", show.stderr()).isZero();
      assertThat(show.stdout()).hasSize(6);
      assertThat(show.stdout().get(1)).startsWith(id + "  success").endsWith("  load");
      assertThat(show.stdout().get(3)).contains("+0.000 ms  started       load");
      assertThat(show.stdout().get(4)).contains("  stage         half 50%");
      assertThat(show.stdout().get(5)).contains("  success       took ");
      assertThat(show.stdout()).noneMatch(line -> line.contains("prompt 0"));
    }
    ChildJvm json = AgentCommand.of("show", "--json", id).postgres(database).start();
    assertThat(json.awaitExit(DEADLINE)).isZero();
    assertThat(json.stdout())
        .hasSize(3)
        .allMatch(line -> line.contains("\"execution_id\":\"" + id + "\""));
    ChildJvm nothing = AgentCommand.of("show", "not there").postgres(database).start();
    assertThat(nothing.awaitExit(DEADLINE)).isEqualTo(1);
    assertThat(nothing.stderr()).singleElement().asString().contains("no execution at");
  }

  @Test
  void hostilePromptIsTextInTheTableAndOnTheTerminal() { // Fault 86
    try (AgentJvm app = AgentJvm.in(directory).postgres(database).start(LoadApp.class)) {
      app.say("hostile");
      app.awaitLine("done", DEADLINE);
      Rows.executions(database).withStatus("success").awaitCount(2, DEADLINE);
      app.endInput();
      app.awaitSuccess();
    }
    List<Map<String, @Nullable Object>> rows = Rows.executions(database).list();
    Map<String, @Nullable Object> row =
        rows.stream()
            .filter(one -> LoadApp.HOSTILE.equals(one.get("user_prompt")))
            .findFirst()
            .orElseThrow(() -> new AssertionError("not stored as it is: " + rows));
    String id = String.valueOf(row.get("execution_id"));
    ChildJvm show = AgentCommand.of("show", "--texts", id).postgres(database).start();
    assertThat(show.awaitExit(DEADLINE)).as("%s", show.stderr()).isZero();
    assertThat(show.stdout())
        .hasSize(6)
        .allSatisfy(line -> assertThat(line.chars()).allMatch(c -> c >= ' ' && c < 127))
        .element(3)
        .asString()
        .contains("<script>", "\\u000d\\n[agentlog] forged\\u001b[2J\\u202eevil");
    ChildJvm json = AgentCommand.of("show", "--texts", "--json", id).postgres(database).start();
    assertThat(json.awaitExit(DEADLINE)).isZero();
    assertThat(json.stdout())
        .hasSize(3)
        .first()
        .asString()
        .contains("DROP TABLE x; --\\r\\n[agentlog] forged\\u001B[2J");
  }

  @Test
  void commandsThatDoSomethingTellProgramsWhatCameOfIt() {
    AgentCommand none = AgentCommand.of("import", "--json", directory.resolve("none").toString());
    assertThat(json(none.postgres(database), 2)).startsWith("{\"problem\":\"" + directory);
    assertThat(json(AgentCommand.of("migrate", "--json").postgres(database), 0))
        .isEqualTo(
            "{\"up_to_date\":\""
                + database.host()
                + ":"
                + database.port()
                + "/"
                + database.database()
                + "\"}");
    assertThat(json(AgentCommand.of("attach", "--json", "1"), 1))
        .startsWith("{\"problem\":\"not attached to 1");

    try (AgentJvm app = AgentJvm.in(directory).postgres(database).start(LoadApp.class)) {
      Rows.executions(database).withStatus("success").awaitCount(1, DEADLINE);
      app.kill();
    }
    assertThat(json(AgentCommand.of("drain", "--json").in(directory).postgres(database), 0))
        .isEqualTo(
            "{\"drained_journals\":1,\"delivered_parked_events\":0,\"left_journals\":0,\"left_parked_events\":0}");
    assertThat(
            json(AgentCommand.of("import", "--json", directory.toString()).postgres(database), 0))
        .startsWith("{\"files\":0,\"lines\":0,\"executions\":0,");
  }

  private static String json(AgentCommand command, int exitCode) {
    ChildJvm run = command.start();
    assertThat(run.awaitExit(DEADLINE)).as("%s", run.stderr()).isEqualTo(exitCode);
    assertThat(run.stdout()).hasSize(1);
    return run.stdout().get(0);
  }

  @Test
  void beanIsThereForWhoeverUsesJmxAndNobodyElsePaysForIt() throws IOException {
    Path classes = directory.resolve("classes.log");
    try (AgentJvm app =
        AgentJvm.in(directory)
            .service("router")
            .postgres(database)
            .options("-Xlog:class+load:file=" + classes)
            .start(BeanApp.class)) {
      app.awaitLine("ready", DEADLINE);
      Rows.executions(database).withStatus("success").awaitCount(10, DEADLINE);
      assertThat(Files.readString(classes)).doesNotContain("javax.management.");
      app.say("ask");
      app.awaitLine("service router, running 0, executions 10", DEADLINE);
      app.awaitSuccess();
    }
  }

  @Test
  void agentIsAttachedToARunningJvmByTheCommand() {
    try (AgentJvm app =
        AgentJvm.in(directory).withoutAgent().postgres(database).start(LoadApp.class)) {
      app.say("run 1");
      app.awaitLine("ran 1", DEADLINE);
      ChildJvm attach =
          AgentCommand.of("attach", String.valueOf(app.jvm().pid()), "service=late").start();
      assertThat(attach.awaitExit(DEADLINE)).as("%s", attach.stderr()).isZero();
      app.say("run 10");
      app.awaitLine("ran 10", DEADLINE);
      Rows.executions(database).withStatus("success").awaitCount(10, DEADLINE);
      app.endInput();
      assertThat(app.awaitExit(DEADLINE)).isZero();
      assertThat(app.stderr()).anyMatch(line -> line.contains(": service late, instance "));
    }
    ChildJvm nobody = AgentCommand.of("attach", "999999999").start();
    assertThat(nobody.awaitExit(DEADLINE)).isEqualTo(1);
    assertThat(nobody.stderr()).singleElement().asString().contains("not attached to 999999999");
  }

  /** What it says is some seconds old, so it is asked again. */
  private void awaitStatus(int exitCode, String... words) {
    long end = System.nanoTime() + DEADLINE.toNanos();
    while (true) {
      ChildJvm status = status();
      int code = status.awaitExit(DEADLINE);
      String said = String.join("\n", status.stdout());
      if (code == exitCode && List.of(words).stream().allMatch(said::contains)) {
        return;
      }
      assertThat(System.nanoTime() - end).as("%s %s %s", code, said, status.stderr()).isNegative();
    }
  }

  private ChildJvm status(String... more) {
    return AgentCommand.of("status").with(more).in(directory).start();
  }
}
