package io.agentlog.agent.command;

import io.agentlog.agent.OpenJournal;
import io.agentlog.agent.SinkFactory;
import io.agentlog.agent.instrumentation.FrameworkWeaving;
import io.agentlog.agent.instrumentation.rules.RulesFile;
import io.agentlog.agent.prices.PriceList;
import io.agentlog.agent.prices.PriceReader;
import io.agentlog.agent.prices.UnusablePricesException;
import io.agentlog.agent.sink.kafka.TopicCheck;
import io.agentlog.config.BaseDirectory;
import io.agentlog.config.LoadedConfig;
import io.agentlog.config.Options;
import io.agentlog.config.ServiceName;
import io.agentlog.config.SinkChoice;
import io.agentlog.log.AgentLog;
import io.agentlog.log.Finding;
import io.agentlog.postgres.DatabaseCheck;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.StringJoiner;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The command {@code check}: checks everything that recording depends on, without an application.
 * Changes nothing: files that it makes under the base directory are removed again. Not thread-safe;
 * runs once.
 */
public final class Check {
  private static final String CONFIG = "config";
  private static final String DIRECTORY = "directory";
  private static final String RULES = "rules";
  private static final String PRICES = "prices";

  private final LoadedConfig config;
  private final List<Finding> findings = new ArrayList<>();

  /** Does no I/O. */
  public Check(LoadedConfig config) {
    this.config = config;
  }

  /**
   * Checks settings, directory, rules, prices and sinks, in this order. Never throws.
   *
   * @return the findings; at least one
   */
  public List<Finding> run(Properties systemProperties, Map<String, String> environment) {
    SinkChoice choice = SinkChoice.of(config);
    lookAtConfig(choice);
    ServiceName service = ServiceName.configured(config, environment);
    BaseDirectory base = BaseDirectory.find(config, systemProperties, environment);
    lookAtDirectory(base, service);
    lookAtRules();
    lookAtPrices();
    if (choice.has(SinkChoice.POSTGRES)) {
      lookAtSink(SinkChoice.POSTGRES, () -> new DatabaseCheck(config).run());
    }
    if (choice.has(SinkChoice.KAFKA)) {
      lookAtSink(SinkChoice.KAFKA, () -> new TopicCheck(config).run());
    }
    return findings;
  }

  private void lookAtConfig(SinkChoice choice) {
    config.problems().forEach(problem -> findings.add(Finding.warn(CONFIG, problem)));
    FrameworkWeaving.problems(config)
        .forEach(problem -> findings.add(Finding.warn(CONFIG, problem)));
    String problem = choice.problem();
    if (problem != null) {
      findings.add(Finding.wrong(CONFIG, problem));
      return;
    }
    StringJoiner sinks = new StringJoiner(", ", "events go to ", "");
    choice.origins().forEach((sink, origin) -> sinks.add(sink + " (" + origin + ")"));
    findings.add(Finding.ok(CONFIG, sinks.toString()));
  }

  private void lookAtDirectory(BaseDirectory base, @Nullable ServiceName service) {
    Path path = base.path();
    base.problems()
        .forEach(
            problem ->
                findings.add(
                    path == null
                        ? Finding.wrong(DIRECTORY, problem)
                        : Finding.warn(DIRECTORY, problem)));
    if (path == null) {
      return;
    }
    Path folder = service == null ? path : path.resolve(service.folder());
    try {
      OpenJournal.probe(config, folder, buffer -> {});
      findings.add(
          Finding.ok(
              DIRECTORY,
              "events can wait %s, %s MiB free, user %s"
                  .formatted(
                      OpenJournal.describe(folder),
                      Files.getFileStore(path).getUsableSpace() >> 20,
                      System.getProperty("user.name"))));
    } catch (IOException | RuntimeException e) {
      findings.add(
          Finding.wrong(
              DIRECTORY,
              "events can't wait in "
                  + folder
                  + ": "
                  + AgentLog.describe(e)
                  + ". Free disk space, or set agentlog.dir to a folder of this user"));
    }
  }

  private void lookAtRules() {
    List<String> problems = new ArrayList<>();
    RulesFile.read(config, problems::add);
    problems.forEach(problem -> findings.add(Finding.wrong(RULES, problem)));
  }

  private void lookAtPrices() {
    String file = config.find(Options.PRICES);
    if (file == null) {
      return;
    }
    try {
      PriceReader.Read read = PriceReader.read(Path.of(file));
      PriceList prices = read.prices();
      findings.add(
          Finding.ok(
              PRICES,
              "%s models from %s, version %s, %s"
                  .formatted(prices.size(), file, prices.version(), prices.currency())));
      if (read.leftOut() != null) {
        findings.add(Finding.warn(PRICES, "without a price: " + read.leftOut()));
      }
    } catch (UnusablePricesException | InvalidPathException e) {
      findings.add(
          Finding.wrong(
              PRICES,
              "no call of a model gets a cost, because %s can't be used: %s. See docs/frameworks.md#prices"
                  .formatted(file, e.getMessage())));
    }
  }

  private void lookAtSink(String name, Supplier<List<Finding>> check) {
    try {
      findings.addAll(check.get());
    } catch (LinkageError e) {
      findings.add(Finding.wrong(name, SinkFactory.lacking(e)));
    }
  }
}
