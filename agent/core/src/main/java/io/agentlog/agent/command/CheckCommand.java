package io.agentlog.agent.command;

import io.agentlog.commandline.CommandSettings;
import io.agentlog.config.LoadedConfig;
import io.agentlog.json.JsonWriter;
import io.agentlog.log.AgentLog;
import io.agentlog.log.Finding;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command {@code check}: a thin shell around {@link Check}. */
@Command(
    name = "check",
    description = {
      "Checks the settings, the directory, the rules, the prices, the database and the topic as an application with these settings would use them, and reports what is wrong and what to do. Changes nothing. Run it as the user of the service, with its environment.",
      "Exit status: 0 events would be recorded and delivered, 1 something is wrong, 2 wrong arguments."
    })
final class CheckCommand implements Callable<Integer> {
  @Option(names = "--json", description = "Prints one JSON object a line.")
  private boolean json;

  @Mixin private CommandSettings settings = new CommandSettings();

  @Override
  public Integer call() {
    LoadedConfig config = settings.loadQuietly(Map.of());
    List<Finding> findings = new Check(config).run(System.getProperties(), System.getenv());
    for (Finding finding : findings) {
      System.out.println(json ? json(finding) : text(finding));
    }
    boolean wrong = findings.stream().anyMatch(f -> f.level() == Finding.Level.WRONG);
    return wrong ? ExitCode.SOFTWARE : ExitCode.OK;
  }

  private static String text(Finding finding) {
    return AgentLog.escape(
        "%-5s  %-9s  %s".formatted(finding.level().text(), finding.area(), finding.text()));
  }

  private static String json(Finding finding) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("level", finding.level().text());
    fields.put("area", finding.area());
    fields.put("text", finding.text());
    return JsonWriter.write(fields);
  }
}
