package io.agentlog.insight.command;

import static java.util.Objects.requireNonNull;

import io.agentlog.commandline.CommandOutput;
import io.agentlog.commandline.CommandSettings;
import io.agentlog.config.LoadedConfig;
import io.agentlog.insight.page.Format;
import io.agentlog.insight.pattern.Proposal;
import io.agentlog.insight.query.Database;
import io.agentlog.insight.query.SequenceQuery;
import io.agentlog.insight.query.SequenceQuery.Found;
import io.agentlog.insight.query.SequenceQuery.Sequence;
import io.agentlog.json.JsonWriter;
import io.agentlog.sink.SinkUnavailableException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * The command {@code patterns}: prints the stages that executions of an agent went through, and a
 * declaration of them for the rules file.
 */
@Command(
    name = "patterns",
    description = {
      "Prints which stages the executions of an agent went through, how often, how they ended and how long they took, and a declaration of stages for the rules file that covers 95 %% of those that succeeded. Changes nothing.",
      "Exit status: 0 executions were found, 1 none were found or the database can't be read, 2 wrong arguments."
    })
final class PatternsCommand implements Callable<Integer> {
  /** Share of the executions that a declaration should cover. */
  static final double COVERED = 0.95;

  private static final int LISTED_MAX = 30;
  private static final int STAGES_SHOWN_MAX = 40;
  private static final Pattern AGE = Pattern.compile("([0-9]{1,5})([smhd])");

  @Option(
      names = "--agent",
      paramLabel = "NAME",
      required = true,
      description = "The agent, by its whole name.")
  private String agent = "";

  @Option(
      names = "--since",
      paramLabel = "AGE",
      description = "How far to look back, such as 12h or 7d, which is the default.")
  private String since = "7d";

  @Mixin private CommandOutput output = new CommandOutput();

  @Mixin private CommandSettings settings = new CommandSettings();

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() {
    Instant to = Instant.now();
    Instant from = to.minus(age());
    LoadedConfig config = settings.loadWithDatabase(Map.of());
    try (Database database = CommandDatabase.open(config)) {
      Found found = new SequenceQuery(database).read(agent, from, to);
      if (found.executions() == 0) {
        output.failure(
            "patterns",
            "no execution of %s has ended in the last %s at %s; names are case-sensitive"
                .formatted(agent, since, database.place()));
        return ExitCode.SOFTWARE;
      }
      print(found, proposal(found));
      return ExitCode.OK;
    } catch (SinkUnavailableException e) {
      output.failure("patterns", String.valueOf(e.getMessage()));
      return ExitCode.SOFTWARE;
    }
  }

  private Duration age() {
    Matcher matcher = AGE.matcher(since);
    if (!matcher.matches()) {
      throw wrong("--since is " + since + ", not an age such as 12h or 7d");
    }
    long number = Long.parseLong(matcher.group(1));
    return switch (matcher.group(2)) {
      case "s" -> Duration.ofSeconds(number);
      case "m" -> Duration.ofMinutes(number);
      case "h" -> Duration.ofHours(number);
      default -> Duration.ofDays(number);
    };
  }

  private ParameterException wrong(String problem) {
    return new ParameterException(requireNonNull(spec, "set by picocli").commandLine(), problem);
  }

  private static @Nullable Proposal proposal(Found found) {
    Map<List<String>, Long> succeeded = new HashMap<>();
    for (Sequence sequence : found.sequences()) {
      if (sequence.succeeded() > 0) {
        succeeded.put(sequence.stages(), sequence.succeeded());
      }
    }
    return Proposal.of(succeeded, COVERED);
  }

  private void print(Found found, @Nullable Proposal proposal) {
    output.line(
        "%s executions of %s since %s, %s different sequences of stages"
            .formatted(
                Format.count(found.executions()),
                agent,
                found.since() == null ? since : found.since(),
                Format.count(found.sequences().size())));
    if (found.leftOut() > 0) {
      output.line(
          "%s more were left out: they run, their end is provisional, or they have too many stages"
              .formatted(Format.count(found.leftOut())));
    }
    found.sequences().stream().limit(LISTED_MAX).forEach(sequence -> print(sequence, found));
    if (found.sequences().size() > LISTED_MAX) {
      output.line(
          "... and %s sequences that are less frequent"
              .formatted(Format.count(found.sequences().size() - LISTED_MAX)));
    }
    if (proposal == null) {
      output.result(
          "no declaration: there are no executions with success and stages, or too many different sequences",
          fields(found, proposal));
      return;
    }
    output.line(
        "a declaration for the rules file, which %s of the executions with success follow:"
            .formatted(Format.percent(Math.round(proposal.covered() * 10_000), 10_000)));
    output.line("patterns:");
    output.line("  - agent: " + JsonWriter.write(agent));
    output.result("    stages: " + JsonWriter.write(proposal.stages()), fields(found, proposal));
  }

  private void print(Sequence sequence, Found found) {
    List<String> stages = sequence.stages();
    String shown = String.join(" > ", stages.subList(0, Math.min(STAGES_SHOWN_MAX, stages.size())));
    if (stages.size() > STAGES_SHOWN_MAX) {
      shown += " > ... (%s stages)".formatted(Integer.toString(stages.size()));
    }
    output.line(
        "%6s  %s success, %s failed, %s cancelled, median %s: %s"
            .formatted(
                Format.percent(sequence.count(), found.executions()),
                Format.count(sequence.succeeded()),
                Format.count(sequence.failed()),
                Format.count(sequence.cancelled()),
                sequence.medianMicros() == null
                    ? "unknown"
                    : Format.micros(sequence.medianMicros()),
                stages.isEmpty() ? "(no stages)" : shown));
  }

  private Map<String, @Nullable Object> fields(Found found, @Nullable Proposal proposal) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("agent", agent);
    fields.put("executions", found.executions());
    fields.put("left_out", found.leftOut());
    fields.put("since", found.since() == null ? since : found.since().toString());
    fields.put(
        "sequences",
        found.sequences().stream().limit(LISTED_MAX).map(PatternsCommand::fields).toList());
    fields.put("more_sequences", Math.max(0, found.sequences().size() - LISTED_MAX));
    fields.put("stages", proposal == null ? null : proposal.stages());
    fields.put("covered", proposal == null ? null : proposal.covered());
    return fields;
  }

  private static Map<String, @Nullable Object> fields(Sequence sequence) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("stages", sequence.stages());
    fields.put("success", sequence.succeeded());
    fields.put("failed", sequence.failed());
    fields.put("cancelled", sequence.cancelled());
    fields.put("median_us", sequence.medianMicros());
    return fields;
  }
}
