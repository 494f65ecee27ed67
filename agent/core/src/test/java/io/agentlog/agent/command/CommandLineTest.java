package io.agentlog.agent.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.agent.status.AgentVersion;
import io.agentlog.config.LoadedConfig;
import io.agentlog.config.Options;
import io.agentlog.log.AgentLog;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CommandLineTest {
  @TempDir Path base;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final PrintStream outBefore = System.out;
  private final PrintStream errBefore = System.err;

  @BeforeEach
  void capture() {
    System.setOut(new PrintStream(out, true, UTF_8));
    System.setErr(new PrintStream(err, true, UTF_8));
  }

  @AfterEach
  void restore() {
    System.setOut(outBefore);
    System.setErr(errBefore);
    AgentLog.setLevel(AgentLog.Level.INFO);
  }

  @Test
  void helpAndVersionAreThere() {
    assertThat(CommandLine.main(new String[] {"--help"})).isZero();
    assertThat(out.toString(UTF_8)).contains("drain", "-javaagent:agentlog.jar");
    assertThat(CommandLine.main(new String[] {"drain", "--help"})).isZero();
    assertThat(out.toString(UTF_8))
        .contains(
            "-o=KEY=VALUE",
            "--service",
            "--discard-sink",
            "--moved",
            "--parked",
            "--timeout",
            "Exit status: 0");
    out.reset();
    assertThat(CommandLine.main(new String[] {"--version"})).isZero();
    assertThat(out.toString(UTF_8).strip()).isEqualTo("agentlog " + AgentVersion.text());
    assertThat(err.toString(UTF_8)).isEmpty();
  }

  @Test
  void wrongArgumentsAreStatusTwoAndNameWhatIsRight() {
    assertThat(CommandLine.main(new String[] {})).isEqualTo(2);
    assertThat(err.toString(UTF_8)).contains("Usage: java -jar agentlog.jar");
    assertThat(CommandLine.main(new String[] {"drian"})).isEqualTo(2);
    assertThat(err.toString(UTF_8)).contains("drain");
    assertThat(CommandLine.main(new String[] {"drain", "--timeout", "soon"})).isEqualTo(2);
    assertThat(err.toString(UTF_8)).contains("expected a duration such as 500ms");
    assertThat(CommandLine.main(new String[] {"drain", "--dir", base + "/nowhere"})).isEqualTo(2);
    assertThat(err.toString(UTF_8)).contains("nowhere is not there");
    assertThat(out.toString(UTF_8)).isEmpty();
  }

  @Test
  void drainWithoutJournalsOrParkedEventsSucceeds() throws Exception {
    Files.setPosixFilePermissions(base, PosixFilePermissions.fromString("rwx------"));
    assertThat(CommandLine.main(new String[] {"drain", "--parked", "--dir", base.toString()}))
        .isZero();
    assertThat(out.toString(UTF_8))
        .startsWith("drained 0 journals and 0 parked events; left: 0 journals");
  }

  @Test
  void settingsAreTakenAsTheyAreGiven() {
    CommandSettings settings = new CommandSettings();
    picocli.CommandLine.populateCommand(
        settings, "-o", "service=it's \\ a, b=c", "-o", "postgres.password=\"x\",y='z'");

    LoadedConfig config = settings.load(Map.of("dir", "/d,1"));

    assertThat(config.find(Options.SERVICE)).isEqualTo("it's \\ a, b=c");
    assertThat(config.find(Options.POSTGRES_PASSWORD)).isEqualTo("\"x\",y='z'");
    assertThat(config.find(Options.DIR)).isEqualTo("/d,1");
    // The build may have settings of its own among the system properties.
    assertThat(config.problems()).allMatch(problem -> problem.startsWith("system properties"));
  }
}
