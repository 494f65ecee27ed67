package io.agentlog.insight.gate;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.backends.Postgres;
import io.agentlog.insight.gate.GateRuns.Rows;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * Goal: whoever copies the example of a workflow gets what it promises. Method: its steps, as the
 * shell they are, in a clone of a repository, with the real jar and a real PostgreSQL.
 */
@Timeout(180)
class WorkflowIT {
  private static final Path WORKFLOW = Path.of("../docs/examples/gate-workflow.yml");
  private static final String BASELINE = "agentlog-baseline.json";

  @TempDir private Path folder;
  private GateRuns gate;
  private Path origin;
  private Path work;
  private Path summary;

  @BeforeEach
  void makeRepository() throws Exception {
    gate = new GateRuns();
    origin = Files.createDirectory(folder.resolve("origin"));
    work = folder.resolve("work");
    summary = folder.resolve("summary.md");
    shell(origin, "git init -q -b main && git config user.name t && git config user.email t@t");
    Path script = Files.writeString(origin.resolve("run-eval.sh"), "#!/bin/sh\ntouch was-run\n");
    assertThat(script.toFile().setExecutable(true)).isTrue();
    shell(origin, "git add . && git commit -q -m first");
    shell(folder, "git clone -q origin work");
    Path jar = Path.of(System.getProperty("agentlog.insight.jar", "target/agentlog-insight.jar"));
    Files.copy(jar, work.resolve("agentlog-insight.jar"));
  }

  @AfterEach
  void drop() {
    gate.close();
  }

  @Test
  void firstRunHasNoBaselineAndMakesOne() throws Exception {
    gate.add("router", 100, Rows.healthy());
    assertThat(runSteps()).isZero();
    assertThat(work.resolve("was-run")).exists();
    assertThat(Files.readString(summary))
        .contains("gate: pass (4 checks)", "| router | p95 | pass |", "nothing is compared");
    assertThat(work.resolve(BASELINE)).exists();
  }

  @Test
  void laterRunsAreComparedWithTheBaselineOfMain() throws Exception {
    gate.add("router", 100, Rows.healthy());
    assertThat(runSteps()).isZero();
    Files.copy(work.resolve(BASELINE), origin.resolve(BASELINE));
    shell(origin, "git add . && git commit -q -m baseline");
    shell(work, "git fetch -q");

    assertThat(runSteps()).isZero();
    assertThat(Files.readString(summary)).contains("gate: pass (7 checks)");

    // Within all limits, and slower than before.
    gate.database.execute("UPDATE agent_execution_logs SET duration_us = duration_us + 450000");
    assertThat(runSteps()).isEqualTo(1);
    assertThat(Files.readString(work.resolve("gate.xml")))
        .contains("<failure type=\"gate\" message=\"slower than the baseline's p95");
  }

  @Test
  void runWithTooFewExecutionsIsUndecided() throws Exception {
    gate.add("router", 29, Rows.healthy());
    assertThat(runSteps()).isEqualTo(3);
    assertThat(work.resolve(BASELINE)).doesNotExist();
  }

  @Test
  void damagedBaselineStopsTheRun() throws Exception {
    gate.add("router", 100, Rows.healthy());
    Files.writeString(origin.resolve(BASELINE), "<<<<<<< HEAD\n{\n");
    shell(origin, "git add . && git commit -q -m broken");
    shell(work, "git fetch -q");
    assertThat(runSteps()).isEqualTo(2);
    assertThat(Files.readString(folder.resolve("step.out")))
        .contains("base.json is no baseline that can be used: no JSON from character 1 on");
  }

  /** Runs the steps until one fails; returns the status of the last. */
  private int runSteps() throws IOException, InterruptedException {
    List<String> steps = steps();
    assertThat(steps).hasSize(3);
    int status = 0;
    for (String step : steps) {
      status = status == 0 ? bash(work, step) : status;
    }
    return status;
  }

  private static List<String> steps() throws IOException {
    Object workflow =
        new Load(LoadSettings.builder().build()).loadFromString(Files.readString(WORKFLOW));
    Object job = ((Map<?, ?>) ((Map<?, ?>) workflow).get("jobs")).get("gate");
    List<String> steps = new ArrayList<>();
    for (Object step : (List<?>) ((Map<?, ?>) job).get("steps")) {
      if (((Map<?, ?>) step).get("run") instanceof String run) {
        steps.add(run);
      }
    }
    return steps;
  }

  private void shell(Path directory, String command) throws IOException, InterruptedException {
    assertThat(bash(directory, command)).as(command).isZero();
  }

  /** Runs a script as a step without "shell" is run. */
  private int bash(Path directory, String script) throws IOException, InterruptedException {
    Path file = Files.writeString(folder.resolve("step.sh"), script);
    ProcessBuilder builder = new ProcessBuilder("bash", "-e", file.toString());
    Map<String, String> environment = builder.environment();
    environment.keySet().removeIf(name -> name.startsWith("AGENTLOG_") || name.startsWith("GIT_"));
    Postgres database = gate.database;
    environment.put("AGENTLOG_POSTGRES_HOST", database.host());
    environment.put("AGENTLOG_POSTGRES_PORT", Integer.toString(database.port()));
    environment.put("AGENTLOG_POSTGRES_DATABASE", database.database());
    environment.put("AGENTLOG_POSTGRES_USER", database.user());
    environment.put("AGENTLOG_POSTGRES_PASSWORD", database.password());
    environment.put("GITHUB_STEP_SUMMARY", summary.toString());
    String java = Path.of(System.getProperty("java.home"), "bin").toString();
    environment.merge("PATH", java, (path, first) -> first + File.pathSeparator + path);
    Process process =
        builder
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("step.out").toFile())
            .start();
    int status = process.waitFor();
    System.out.print(new String(Files.readAllBytes(folder.resolve("step.out")), UTF_8));
    return status;
  }
}
