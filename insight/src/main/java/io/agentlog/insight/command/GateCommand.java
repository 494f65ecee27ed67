package io.agentlog.insight.command;

import io.agentlog.commandline.CommandOutput;
import io.agentlog.commandline.CommandSettings;
import io.agentlog.config.LoadedConfig;
import io.agentlog.insight.gate.Gate;
import io.agentlog.insight.gate.GateException;
import io.agentlog.insight.gate.GateRequest;
import io.agentlog.insight.gate.GateResult;
import io.agentlog.insight.gate.JsonReport;
import io.agentlog.insight.gate.TextReport;
import io.agentlog.sink.SinkUnavailableException;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

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

  @Mixin private CommandOutput output = new CommandOutput();

  @Mixin private CommandSettings settings = new CommandSettings();

  @Override
  public Integer call() {
    try {
      GateRequest request = options.request(Instant.now(), false);
      LoadedConfig config = settings.loadWithDatabase(Map.of());
      try (Gate gate = new Gate(config)) {
        GateResult result = gate.judge(request);
        TextReport.lines(result).forEach(output::line);
        output.result(TextReport.summary(result), JsonReport.of(result));
        return result.exitStatus();
      }
    } catch (GateException | SinkUnavailableException e) {
      output.failure("gate", String.valueOf(e.getMessage()));
      return GateResult.UNUSABLE;
    }
  }
}
