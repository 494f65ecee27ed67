package io.agentlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.backends.Backends;
import io.agentlog.backends.ChildJvm;
import io.agentlog.backends.Postgres;
import io.agentlog.it.support.AgentCommand;
import io.agentlog.it.support.AgentJvm;
import io.agentlog.it.support.Rows;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: an application that has used up its memory or its file descriptors meets its own trouble
 * and none of ours. Method: it does, makes executions meanwhile, and gives all of it back; what was
 * not recorded is counted, and what was is in the database.
 */
class ExhaustionIT {
  private static final Duration DEADLINE = Duration.ofSeconds(90);
  private static final int EVENTS = 3;
  private static final Pattern STOPPED =
      Pattern.compile(
          "\\[agentlog] stopped: \\d+ executions, (\\d+) events recorded.* pending (\\d+).*");

  /** It says so when any class is loaded without memory while any agent is attached. */
  private static final String OF_THE_JVM = "*** java.lang.instrument ASSERTION FAILED";

  @TempDir Path directory;
  private final Postgres database = Backends.postgres().newDatabase();

  @AfterEach
  void close() {
    database.close();
  }

  @Test
  void anApplicationWithoutMemorySeesNothingOfOurs() { // Fault 11
    try (AgentJvm app = start("memory")) {
      app.say("go");
      Matcher stopped = finish(app);
      // What was refused before it was an event is in another counter.
      assertThat(Rows.eventCount(database))
          .as("%s", app.stderr())
          .isEqualTo(Long.parseLong(stopped.group(1)));
      assertThat(stopped.group()).containsPattern("dropped [1-9]|errors suppressed");
    }
  }

  @Test
  void anApplicationWithoutFileDescriptorsIsRecorded() throws Exception { // Fault 32
    try (AgentJvm app = start("files")) {
      limitFiles(app);
      app.say("go");
      Matcher stopped = finish(app);
      assertThat(stopped.group()).contains("dropped 0");
      assertThat(Rows.eventCount(database)).isEqualTo((HungryApp.CALLS + 2L) * EVENTS);
    }
  }

  private AgentJvm start(String what) {
    AgentJvm app =
        AgentJvm.in(directory)
            .postgres(database)
            .property("agentlog.shutdown.wait", "30s")
            .options("-Xmx40m", "-XX:+UseSerialGC")
            .start(HungryApp.class, what);
    app.awaitLine("ready", DEADLINE);
    Rows.executions(database).awaitCount(1, DEADLINE);
    return app;
  }

  /** What it has open stays open. */
  private static void limitFiles(AgentJvm app) throws IOException, InterruptedException {
    Process limit =
        new ProcessBuilder("prlimit", "--pid", "" + app.jvm().pid(), "--nofile=300:300")
            .inheritIO()
            .start();
    assertThat(limit.waitFor()).isZero();
  }

  private Matcher finish(AgentJvm app) {
    app.awaitLine("made " + HungryApp.CALLS, DEADLINE);
    // A sink that was down for want of something is tried once more at the end, and no longer.
    app.await("end of the last execution", DEADLINE, () -> isLastThere() || isSinkBroken(app));
    app.endInput();
    assertThat(app.awaitExit(DEADLINE)).as("exit code; %s", app.stderr()).isZero();
    assertThat(app.stderr())
        .filteredOn(line -> !line.isEmpty() && !line.startsWith(OF_THE_JVM))
        .allMatch(line -> line.startsWith("[agentlog] "));
    String last = app.stderr().get(app.stderr().size() - 1);
    Matcher stopped = STOPPED.matcher(last);
    assertThat(stopped.matches()).as("%s", app.stderr()).isTrue();
    if (isSinkBroken(app)) {
      deliverByCommand();
    } else {
      assertThat(stopped.group(2)).as(last).isEqualTo("0");
    }
    return stopped;
  }

  private boolean isLastThere() {
    return Rows.executions(database).ended().with("correlation_id", HungryApp.LAST).count() == 1;
  }

  /** A class of a library that was to be initialised without memory stays broken in its JVM. */
  private static boolean isSinkBroken(AgentJvm app) {
    return app.stderr().stream().anyMatch(line -> line.contains("This JVM can't recover from it"));
  }

  private void deliverByCommand() {
    ChildJvm drain = AgentCommand.of("drain").in(directory).postgres(database).start();
    assertThat(drain.awaitExit(DEADLINE)).as("%s %s", drain.stdout(), drain.stderr()).isZero();
  }
}
