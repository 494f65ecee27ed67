package io.agentlog.insight.command;

import io.agentlog.commandline.CommandOutput;
import io.agentlog.commandline.CommandSettings;
import io.agentlog.config.LoadedConfig;
import io.agentlog.insight.gate.Gate;
import io.agentlog.insight.gate.GateException;
import io.agentlog.insight.gate.GateRequest;
import io.agentlog.insight.gate.GateResult;
import io.agentlog.insight.gate.JsonReport;
import io.agentlog.insight.gate.JunitReport;
import io.agentlog.insight.gate.MarkdownReport;
import io.agentlog.insight.gate.OutputFile;
import io.agentlog.insight.gate.TextReport;
import io.agentlog.sink.SinkUnavailableException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command {@code gate}: a thin shell around {@link Gate}. */
@Command(
    name = "gate",
    exitCodeOnExecutionException = GateResult.UNUSABLE, // 1 would say that a check failed.
    description = {
      "Judges executions against limits and a baseline, so that a build or a deployment stops when agents got worse. Reads the agent's tables alone and changes nothing.",
      "Exit status: 0 all checks pass, 1 a check failed, 2 wrong arguments or no database, 3 no check failed, but at least one is undecided, mostly for too few executions."
    })
final class GateCommand implements Callable<Integer> {
  @Mixin private GateOptions options = new GateOptions();

  @Option(
      names = "--save-baseline",
      paramLabel = "FILE",
      description =
          "Saves counts of the executions for later runs, if all checks pass. The file has no text of an execution.")
  private @Nullable Path saved;

  @Option(
      names = "--junit",
      paramLabel = "FILE",
      description = "Writes the checks as tests in JUnit's XML.")
  private @Nullable Path junit;

  @Option(
      names = "--markdown",
      paramLabel = "FILE",
      description = "Adds a table to the end of a file, such as $GITHUB_STEP_SUMMARY.")
  private @Nullable Path markdown;

  @Mixin private CommandOutput output = new CommandOutput();

  @Mixin private CommandSettings settings = new CommandSettings();

  @Override
  public Integer call() {
    try {
      GateRequest request = options.request(Instant.now(), saved != null);
      OutputFile baselineFile = file("--save-baseline", saved);
      OutputFile junitFile = file("--junit", junit);
      OutputFile markdownFile = file("--markdown", markdown);
      LoadedConfig config = settings.loadWithDatabase(Map.of());
      try (Gate gate = new Gate(config)) {
        GateResult result = gate.judge(request);
        if (baselineFile != null) {
          result = gate.save(result, baselineFile);
        }
        TextReport.lines(result).forEach(output::line);
        if (junitFile != null) {
          junitFile.write(JunitReport.of(result));
        }
        if (markdownFile != null) {
          markdownFile.append(MarkdownReport.of(result));
        }
        output.result(TextReport.summary(result), JsonReport.of(result));
        return result.exitStatus();
      }
    } catch (GateException | SinkUnavailableException e) {
      output.failure("gate", String.valueOf(e.getMessage()));
      return GateResult.UNUSABLE;
    }
  }

  private static @Nullable OutputFile file(String option, @Nullable Path path)
      throws GateException {
    if (path == null) {
      return null;
    }
    OutputFile file = new OutputFile(option, path);
    file.check();
    return file;
  }
}
