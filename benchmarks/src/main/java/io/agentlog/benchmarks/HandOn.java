package io.agentlog.benchmarks;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * Runs {@link HandOnBenchmark} without an agent, with the shipped one and with OpenTelemetry's, and
 * prints them side by side. Takes JMH's own options.
 */
public final class HandOn {
  private static final String WITHOUT_STACKS = "-XX:-StackTraceInThrowable";

  private HandOn() {}

  public static void main(String[] arguments) throws Exception {
    Path folder = Files.createTempDirectory("agentlog-hand-on-");
    CommandLineOptions commandLine = new CommandLineOptions(arguments);
    Map<String, Result<?>> plain = run(commandLine, List.of());
    Map<String, Map<String, Result<?>>> agents = new LinkedHashMap<>();
    agents.put("agentlog", run(commandLine, ShippedAgent.withFiles(folder).jvmOptions()));
    agents.put(
        "OpenTelemetry", run(commandLine, OpenTelemetryAgent.withoutExporter().jvmOptions()));
    plain.forEach(
        (name, result) -> {
          print(name, "no agent", result, 0);
          agents.forEach(
              (agent, results) -> {
                Result<?> with = Objects.requireNonNull(results.get(name), name);
                print(name, agent, with, with.getScore() - result.getScore());
              });
        });
  }

  @SuppressWarnings("SystemOut") // Printing is its purpose.
  private static void print(String name, String agent, Result<?> result, double more) {
    System.out.printf(
        Locale.ROOT,
        "%-12s %-13s %,11.1f ± %,.1f ns   more: %,.1f ns%n",
        name,
        agent,
        result.getScore(),
        result.getScoreError(),
        more);
  }

  private static Map<String, Result<?>> run(CommandLineOptions commandLine, List<String> options)
      throws Exception {
    Collection<RunResult> results =
        new Runner(
                new OptionsBuilder()
                    .parent(commandLine)
                    .include(HandOnBenchmark.class.getName())
                    .jvmArgsAppend(
                        Stream.concat(Stream.of(WITHOUT_STACKS), options.stream())
                            .toArray(String[]::new))
                    .build())
            .run();
    Map<String, Result<?>> byName = new LinkedHashMap<>();
    for (RunResult result : results) {
      byName.put(result.getPrimaryResult().getLabel(), result.getPrimaryResult());
    }
    return byName;
  }
}
