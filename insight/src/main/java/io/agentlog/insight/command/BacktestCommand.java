package io.agentlog.insight.command;

import static java.util.Objects.requireNonNull;

import io.agentlog.commandline.CommandOutput;
import io.agentlog.commandline.CommandSettings;
import io.agentlog.insight.backtest.Backtest;
import io.agentlog.insight.backtest.Backtest.Report;
import io.agentlog.insight.backtest.Backtest.RuleOutcome;
import io.agentlog.insight.backtest.FalseAlarms;
import io.agentlog.insight.backtest.Replay;
import io.agentlog.insight.evaluate.Evidence;
import io.agentlog.insight.page.Format;
import io.agentlog.insight.rules.AlertRule;
import io.agentlog.insight.rules.Rules;
import io.agentlog.insight.rules.RulesFile;
import io.agentlog.sink.SinkUnavailableException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The command {@code backtest}: says when the rules of a file would have raised alerts. */
@Command(
    name = "backtest",
    description = {
      "Says when the rules of a file would have raised alerts in the past, and on what evidence."
          + " Reads the agent's rows and looks every five minutes, as the dashboard does. Sends"
          + " nothing and changes nothing.",
      "Exit status: 0 done, 1 the database can't be read, 2 wrong arguments or a rules file with a"
          + " mistake."
    })
final class BacktestCommand implements Callable<Integer> {
  private static final int DAYS_MAX = 365;
  private static final int SHUFFLES_MAX = 10_000;

  @Parameters(paramLabel = "RULES", description = "The rules file.")
  private Path file = Path.of("");

  @Option(
      names = "--since",
      paramLabel = "DAYS",
      description = "How far to look back in days, such as 28d, which is the default.")
  private String since = "28d";

  @Option(
      names = "--shuffle",
      paramLabel = "N",
      description =
          "Also looks at N histories with the same hours of the week in a random order of weeks, in"
              + " which nothing changes, and says how many weeks of these have an alert.")
  private int shuffles;

  @Option(
      names = "--rule",
      paramLabel = "NAME",
      description = "Only this rule of the file; may be repeated.")
  private List<String> names = List.of();

  @Mixin private CommandOutput output = new CommandOutput();

  @Mixin private CommandSettings settings = new CommandSettings();

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() {
    Duration length = length();
    if (shuffles < 0 || shuffles > SHUFFLES_MAX) {
      throw wrong("--shuffle is not from 0 to " + SHUFFLES_MAX);
    }
    Rules rules = rules();
    try {
      Report report =
          new Backtest(settings.loadWithDatabase(Map.of()), rules, length, shuffles)
              .run(Instant.now(), output::line);
      print(report);
      return ExitCode.OK;
    } catch (SinkUnavailableException e) {
      output.failure("backtest", String.valueOf(e.getMessage()));
      return ExitCode.SOFTWARE;
    }
  }

  private Duration length() {
    if (!since.matches("[1-9][0-9]{0,2}d") || days() > DAYS_MAX) {
      throw wrong("--since is " + since + ", not from 1d to " + DAYS_MAX + "d");
    }
    return Duration.ofDays(days());
  }

  private int days() {
    return Integer.parseInt(since.substring(0, since.length() - 1));
  }

  private Rules rules() {
    RulesFile.Outcome read = RulesFile.read(file);
    Rules rules = read.rules();
    if (rules == null) {
      throw wrong(String.join("\n", read.problems()));
    }
    for (String name : names) {
      if (rules.alerts().stream().noneMatch(rule -> rule.name().equals(name))) {
        throw wrong("--rule: " + file + " has no rule " + name);
      }
    }
    List<AlertRule> chosen =
        rules.alerts().stream()
            .filter(rule -> names.isEmpty() || names.contains(rule.name()))
            .toList();
    return new Rules(rules.channels(), chosen, rules.mutes(), rules.patterns(), rules.scores());
  }

  private ParameterException wrong(String problem) {
    return new ParameterException(requireNonNull(spec, "set by picocli").commandLine(), problem);
  }

  private void print(Report report) {
    if (!report.leftOut().isEmpty()) {
      output.line(
          report.leftOut().size()
              + " agents are over the limit and were not looked at: "
              + String.join(", ", report.leftOut()));
    }
    if (report.executions() == 0) {
      output.line(
          "no execution of an agent of these rules ended before %s, so there is nothing to look at. A backtest ends at the last full hour: if agents run since less than an hour, try again after it"
              .formatted(Format.time(report.to())));
    }
    int alarms = 0;
    for (RuleOutcome outcome : report.rules()) {
      print(outcome);
      alarms += outcome.alarms().size();
    }
    output.result(
        "%s alerts of %s rules from %s to %s at %s"
            .formatted(
                Integer.toString(alarms),
                Integer.toString(report.rules().size()),
                Format.time(report.from()),
                Format.time(report.to()),
                report.place()),
        fields(report));
  }

  private void print(RuleOutcome outcome) {
    String name = outcome.rule().name();
    if (outcome.problem() != null) {
      output.line(
          name
              + ": kind "
              + outcome.rule().condition().kind()
              + " is left out, since "
              + outcome.problem());
      return;
    }
    for (Replay.Alarm alarm : outcome.alarms()) {
      String end =
          alarm.end() == null
              ? "and would still be firing"
              : "for " + Format.age(Duration.between(alarm.begin(), alarm.end()));
      output.line(
          name
              + " fires at "
              + Format.time(alarm.begin())
              + " "
              + end
              + ": "
              + alarm.evidence().summary());
    }
    output.line(
        "%s: %s alerts for %s agents"
            .formatted(
                name,
                Integer.toString(outcome.alarms().size()),
                Integer.toString(outcome.agents().size())));
    if (!outcome.learning().isEmpty()) {
      output.line(
          name + " has too little to compare with for: " + String.join(", ", outcome.learning()));
    }
    FalseAlarms falseAlarms = outcome.falseAlarms();
    if (falseAlarms != null) {
      printFalseAlarms(outcome.rule(), falseAlarms);
    }
  }

  private void printFalseAlarms(AlertRule rule, FalseAlarms falseAlarms) {
    output.line(
        "%s: %s of %s shuffled weeks have an alert, %s (%s to %s)"
            .formatted(
                rule.name(),
                Format.count(falseAlarms.alarmed()),
                Format.count(falseAlarms.weeks()),
                percent(falseAlarms.share()),
                percent(falseAlarms.interval().low()),
                percent(falseAlarms.interval().high())));
    if (falseAlarms.share() > rule.falseAlarms()) {
      output.line(
          "%s: that is more than its false-alarms of %s a week. Where executions fail together, count requests (unit: request) or use longer windows"
              .formatted(rule.name(), percent(rule.falseAlarms())));
    }
  }

  private static String percent(double share) {
    return Format.decimals(100 * share, 2) + " %";
  }

  private static Map<String, @Nullable Object> fields(Report report) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("from", report.from().toString());
    fields.put("to", report.to().toString());
    fields.put("executions", report.executions());
    fields.put("agents_left_out", report.leftOut());
    fields.put("rules", report.rules().stream().map(BacktestCommand::fields).toList());
    return fields;
  }

  private static Map<String, @Nullable Object> fields(RuleOutcome outcome) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("rule", outcome.rule().name());
    fields.put("kind", outcome.rule().condition().kind());
    fields.put("left_out", outcome.problem());
    fields.put("agents", outcome.agents());
    fields.put("learning", outcome.learning());
    fields.put("alerts", outcome.alarms().stream().map(BacktestCommand::fields).toList());
    FalseAlarms falseAlarms = outcome.falseAlarms();
    if (falseAlarms != null) {
      fields.put("shuffled_weeks", falseAlarms.weeks());
      fields.put("shuffled_weeks_with_alert", falseAlarms.alarmed());
      fields.put("shuffled_share_low", falseAlarms.interval().low());
      fields.put("shuffled_share_high", falseAlarms.interval().high());
    }
    return fields;
  }

  private static Map<String, @Nullable Object> fields(Replay.Alarm alarm) {
    Evidence evidence = alarm.evidence();
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("agent", alarm.agent());
    fields.put("fires_at", alarm.begin().toString());
    fields.put("resolved_at", alarm.end() == null ? null : alarm.end().toString());
    fields.put("summary", evidence.summary());
    fields.put("n", evidence.n());
    fields.put("k", evidence.k());
    fields.put("value", evidence.value());
    fields.put("unit", evidence.unit());
    fields.put("p", evidence.p());
    fields.put("level", evidence.level());
    return fields;
  }
}
