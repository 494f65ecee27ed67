package io.agentlog.agent.command;

import static java.util.Objects.requireNonNull;

import io.agentlog.agent.prices.Price;
import io.agentlog.agent.prices.PriceList;
import io.agentlog.agent.prices.PriceReader;
import io.agentlog.agent.prices.UnusablePricesException;
import io.agentlog.commandline.CommandOutput;
import io.agentlog.commandline.CommandSettings;
import io.agentlog.config.LoadedConfig;
import io.agentlog.config.Options;
import io.agentlog.log.AgentLog;
import io.agentlog.postgres.Repricing;
import io.agentlog.postgres.Repricing.Counts;
import io.agentlog.postgres.Repricing.Priced;
import io.agentlog.postgres.Repricing.Result;
import io.agentlog.sink.SinkUnavailableException;
import java.math.BigDecimal;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command {@code reprice}: reads the prices, and has {@link Repricing} compute the costs. */
@Command(
    name = "reprice",
    description = {
      "Computes the costs of calls of models again, from their tokens and the prices of a file, and"
          + " the sums of the executions that made them. Calls of models without a price keep the"
          + " cost that they have; executions that still run are left out.",
      "Exit status: 0 done, 1 the prices or the database can't be used, 2 wrong arguments."
    })
final class RepriceCommand implements Callable<Integer> {
  /** PostgreSQL has no later time. */
  private static final Instant NEVER = Instant.parse("9999-12-31T00:00:00Z");

  @Option(
      names = "--since",
      required = true,
      paramLabel = "TIME",
      description =
          "Calls that began then or later: 2026-11-01 (in UTC), or 2026-11-01T08:00:00+01:00.")
  private String since = "";

  @Option(names = "--until", paramLabel = "TIME", description = "Calls that began before.")
  private @Nullable String until;

  @Option(
      names = "--prices",
      paramLabel = "FILE",
      description = "File with the prices. Default: the option prices.")
  private @Nullable String file;

  @Option(names = "--dry-run", description = "Changes nothing, and says what it would do.")
  private boolean isTrial;

  @Mixin private CommandOutput output = new CommandOutput();

  @Mixin private CommandSettings settings = new CommandSettings();

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() {
    Instant from = time("--since", since);
    Instant to = until == null ? NEVER : time("--until", until);
    if (!from.isBefore(to)) {
      throw wrong("--until is not after --since: no call is between them");
    }
    LoadedConfig config = settings.loadWithDatabase(Map.of());
    String name = file == null ? config.find(Options.PRICES) : file;
    if (name == null) {
      throw wrong("no prices are named: give --prices FILE, or set the option prices");
    }
    PriceList prices;
    try {
      PriceReader.Read read = PriceReader.read(Path.of(name));
      prices = read.prices();
      if (read.leftOut() != null) {
        AgentLog.warn("reprice", "%s: without a price: %s".formatted(name, read.leftOut()));
      }
    } catch (UnusablePricesException | InvalidPathException e) {
      return failure(
          "%s can't be used: %s. See docs/frameworks.md#prices".formatted(name, e.getMessage()));
    }
    Repricing repricing = new Repricing(config);
    try {
      Result result =
          repricing.run(
              from,
              to,
              isTrial,
              (provider, response, request, tokens) -> {
                Price price = prices.of(provider, response, request);
                Long nanos = price == null ? null : price.costNanos(tokens);
                return price == null || nanos == null
                    ? null
                    : new Priced(nanos, price.currency(), price.version());
              });
      report(result, prices, repricing.place());
      return ExitCode.OK;
    } catch (SinkUnavailableException e) {
      return failure(String.valueOf(e.getMessage()));
    }
  }

  private void report(Result result, PriceList prices, String place) {
    Counts counts = result.counts();
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("calls", counts.calls());
    fields.put("changed", counts.changed());
    fields.put("unpriced", counts.unpriced());
    fields.put("executions", counts.executions());
    fields.put("incomplete", counts.incomplete());
    fields.put("running", counts.running());
    fields.put("cost_before", result.before());
    fields.put("cost_after", result.after());
    fields.put("price_version", prices.version());
    fields.put("dry_run", isTrial);
    StringBuilder text = new StringBuilder();
    text.append(counts.calls()).append(" calls with tokens at ").append(place);
    text.append(", prices of version ").append(prices.version()).append(": ");
    text.append(counts.changed()).append(isTrial ? " would have" : " have");
    text.append(" a new cost");
    if (counts.changed() > 0) {
      text.append(" (").append(sum(result.before())).append(" before, ");
      text.append(sum(result.after())).append(isTrial ? " then)" : " now)");
    }
    text.append(", and ").append(counts.executions()).append(" executions a new sum");
    append(text, counts.unpriced(), "calls of models without a price keep what they had");
    append(
        text, counts.incomplete(), "executions keep their sum, as not all their calls are there");
    append(text, counts.running(), "executions still run and are left out");
    output.result(text.toString(), fields);
  }

  private static String sum(Map<String, BigDecimal> costs) {
    return costs.isEmpty()
        ? "none"
        : costs.entrySet().stream()
            .map(each -> each.getValue().stripTrailingZeros().toPlainString() + " " + each.getKey())
            .collect(Collectors.joining(" and "));
  }

  private static void append(StringBuilder text, long count, String what) {
    if (count > 0) {
      text.append("; ").append(count).append(' ').append(what);
    }
  }

  private int failure(String problem) {
    output.failure("reprice", problem);
    return ExitCode.SOFTWARE;
  }

  private Instant time(String option, String text) {
    try {
      return text.indexOf('T') < 0
          ? LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant()
          : OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeException e) {
      throw wrong(
          "%s=%s is no time: give 2026-11-01 (in UTC), or 2026-11-01T08:00:00+01:00"
              .formatted(option, text));
    }
  }

  private ParameterException wrong(String message) {
    return new ParameterException(requireNonNull(spec, "set by picocli").commandLine(), message);
  }
}
