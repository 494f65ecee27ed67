package io.agentlog.insight.command;

import io.agentlog.commandline.CommandOutput;
import io.agentlog.commandline.CommandSettings;
import io.agentlog.config.LoadedConfig;
import io.agentlog.config.SinkChoice;
import io.agentlog.insight.evaluate.Finding;
import io.agentlog.insight.evaluate.Series;
import io.agentlog.insight.figures.AgentFigures;
import io.agentlog.insight.figures.KnownAgents;
import io.agentlog.insight.figures.RowFindings;
import io.agentlog.insight.figures.Visibility;
import io.agentlog.insight.query.Database;
import io.agentlog.insight.rules.AlertRule;
import io.agentlog.insight.rules.Condition;
import io.agentlog.insight.rules.Rules;
import io.agentlog.insight.rules.RulesFile;
import io.agentlog.insight.rules.Texts;
import io.agentlog.sink.SinkUnavailableException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The command {@code rules}, which only has subcommands. */
@Command(
    name = "rules",
    description = "Works on a rules file of alerts.",
    subcommands = RulesCommand.Check.class)
final class RulesCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  /** Prints the usage, because no subcommand was given. */
  @Override
  public Integer call() {
    if (spec != null) {
      spec.commandLine().usage(System.err);
    }
    return ExitCode.USAGE;
  }

  /** The command {@code rules check}: mistakes of a file, and what its rules would see. */
  @Command(
      name = "check",
      description = {
        "Says what is wrong with a rules file, and, if a database is named, for each rule and agent which change it would see at the real traffic. Changes nothing.",
        "Exit status: 0 all is well, 1 the file has a mistake or names an agent that is not known, or the database can't be read, 2 wrong arguments."
      })
  static final class Check implements Callable<Integer> {
    @Parameters(paramLabel = "FILE", description = "The rules file.")
    private Path file = Path.of("");

    @Mixin private CommandOutput output = new CommandOutput();

    @Mixin private CommandSettings settings = new CommandSettings();

    private final Map<String, @Nullable Object> fields = new LinkedHashMap<>();

    @Override
    public Integer call() {
      RulesFile.Outcome read = RulesFile.read(file);
      read.problems().forEach(output::line);
      fields.put("file", file.toString());
      fields.put("problems", read.problems());
      Rules rules = read.rules();
      if (rules == null) {
        output.result("the file is not used as long as it has mistakes", fields);
        return ExitCode.SOFTWARE;
      }
      LoadedConfig config = settings.load(Map.of());
      if (!SinkChoice.of(config).has(SinkChoice.POSTGRES)) {
        output.result(
            "%s, %s and %s are right; with -o postgres.host=... it also says what the rules would see"
                .formatted(
                    count(rules.alerts(), "rule"),
                    count(rules.patterns(), "pattern"),
                    count(rules.scores(), "score")),
            fields);
        return ExitCode.OK;
      }
      try (Database database = CommandDatabase.open(config)) {
        return look(rules, database);
      } catch (SinkUnavailableException e) {
        output.failure("rules check", String.valueOf(e.getMessage()));
        return ExitCode.SOFTWARE;
      }
    }

    private static String count(List<?> entries, String what) {
      return entries.size() == 1 ? "1 " + what : entries.size() + " " + what + "s";
    }

    private int look(Rules rules, Database database) throws SinkUnavailableException {
      List<String> unknown = KnownAgents.unknown(rules, KnownAgents.read(database));
      unknown.forEach(output::line);
      fields.put("unknown_agents", unknown);
      AgentFigures figures = new AgentFigures(database, rules);
      RowFindings findings = new RowFindings(database);
      Instant now = Instant.now();
      figures.refresh(now);
      List<Object> of = new ArrayList<>();
      for (AlertRule rule : rules.alerts()) {
        of.add(
            rule.condition() instanceof Condition.Windowed condition
                ? windows(rule, condition, figures, now)
                : rows(rule, findings.find(rule)));
      }
      fields.put("rules", of);
      output.result(
          unknown.isEmpty()
              ? "the file has no mistakes; \"seen\" means in 95 of 100 cases, once the whole window is so"
              : "names that are no agent's: " + unknown.size(),
          fields);
      return unknown.isEmpty() ? ExitCode.OK : ExitCode.SOFTWARE;
    }

    private Map<String, Object> windows(
        AlertRule rule, Condition.Windowed condition, AgentFigures figures, Instant now) {
      List<String> agents = figures.agents(rule);
      output.line(
          "%s (%s), %s"
              .formatted(
                  rule.name(),
                  condition.kind(),
                  agents.isEmpty()
                      ? "no agent has executions yet"
                      : "shared by " + count(agents, "agent")));
      List<Object> of = new ArrayList<>();
      for (String agent : agents) {
        Series series = figures.of(agent);
        if (series != null) {
          List<Visibility.Window> windows = Visibility.of(rule, agents.size(), series, now);
          output.line("  %s: %s".formatted(agent, Visibility.text(condition, windows)));
          of.add(Map.of("agent", agent, "windows", windows.stream().map(Check::fields).toList()));
        }
      }
      return Map.of("name", rule.name(), "kind", condition.kind(), "agents", of);
    }

    private static Map<String, @Nullable Object> fields(Visibility.Window window) {
      Map<String, @Nullable Object> fields = new LinkedHashMap<>();
      fields.put("window", Texts.of(window.length()));
      fields.put("executions", window.executions());
      fields.put("usual", window.usual());
      fields.put("limit_us", window.limit());
      fields.put("seen_from", window.seenFrom());
      fields.put("problem", window.problem());
      return fields;
    }

    private Map<String, Object> rows(AlertRule rule, List<Finding> findings) {
      List<String> summaries = findings.stream().map(Finding::summary).toList();
      output.line(
          "%s (%s), %s"
              .formatted(
                  rule.name(),
                  rule.condition().kind(),
                  summaries.isEmpty() ? "nothing now" : "now:"));
      summaries.forEach(summary -> output.line("  " + summary));
      return Map.of("name", rule.name(), "kind", rule.condition().kind(), "now", summaries);
    }
  }
}
