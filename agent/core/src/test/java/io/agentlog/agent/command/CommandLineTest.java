package io.agentlog.agent.command;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.agent.status.AgentVersion;
import io.agentlog.commandline.CommandSettings;
import io.agentlog.config.LoadedConfig;
import io.agentlog.config.Options;
import io.agentlog.log.AgentLog;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
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
    assertThat(CommandLine.main(new String[] {"drain", "--discard-sink", "postgers"})).isEqualTo(2);
    assertThat(err.toString(UTF_8))
        .contains("no sink is named 'postgers'; did you mean 'postgres'?")
        .contains("The sinks are postgres, kafka, file");
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

  @Test
  void misspeltNameOfASinkIsWrongAndHasItsNearestMatch() {
    assertThat(
            CommandLine.main(
                new String[] {"drain", "--dir", base.toString(), "--discard-sink", "kafak"}))
        .isEqualTo(2);
    assertThat(err.toString(UTF_8)).contains("no sink is named 'kafak'; did you mean 'kafka'?");
    err.reset();
    assertThat(
            CommandLine.main(new String[] {"drain", "--dir", base.toString(), "--moved", "kafak"}))
        .isEqualTo(2);
    assertThat(err.toString(UTF_8)).contains("no sink is named 'kafak'; did you mean 'kafka'?");
  }

  @Test
  void outputThatCantBeWrittenIsAFailure() {
    System.setOut(
        new PrintStream(
            new OutputStream() {
              @Override
              public void write(int b) throws IOException {
                throw new IOException("No space left on device");
              }
            },
            true,
            UTF_8));
    assertThat(CommandLine.main(new String[] {"--version"})).isEqualTo(1);
    assertThat(CommandLine.main(new String[] {"check", "--json", "-o", "dir=" + base}))
        .isEqualTo(1);
  }

  @Test
  void jsonIsUtf8WhateverTheLocale() {
    System.setOut(new PrintStream(out, true, US_ASCII));
    CommandLine.main(new String[] {"check", "--json", "-o", "rules=" + base + "/\u4e2d.yaml"});
    assertThat(out.toString(UTF_8)).contains("\u4e2d.yaml");
  }

  @Test
  void folderThatCantBeReadCostsItselfAlone() throws Exception {
    Files.setPosixFilePermissions(base, PosixFilePermissions.fromString("rwx------"));
    for (String name : List.of("bad", "good")) {
      Path journal = Files.createDirectories(base.resolve(name).resolve("journal"));
      Files.createFile(journal.resolve("lock"));
    }
    Files.createDirectory(base.resolve("bad/journal/status.json"));

    assertThat(CommandLine.main(new String[] {"status", "--json", "--dir", base.toString()}))
        .isEqualTo(1);
    assertThat(out.toString(UTF_8).lines())
        .hasSize(2)
        .anySatisfy(line -> assertThat(line).contains("bad/journal", "\"problem\""))
        .anySatisfy(line -> assertThat(line).contains("good/journal"));
  }
}
