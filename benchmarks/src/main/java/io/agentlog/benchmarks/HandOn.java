package io.agentlog.benchmarks;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * Runs {@link HandOnBenchmark} without and with the shipped agent, and prints both side by side.
 * Takes JMH's own options.
 */
public final class HandOn {
  private static final String WITHOUT_STACKS = "-XX:-StackTraceInThrowable";

  private HandOn() {}

  public static void main(String[] arguments) throws Exception {
    Path folder = Files.createTempDirectory("agentlog-hand-on-");
    CommandLineOptions commandLine = new CommandLineOptions(arguments);
    Collection<RunResult> without = run(commandLine, List.of());
    Collection<RunResult> with = run(commandLine, ShippedAgent.withFiles(folder).jvmOptions());
    for (RunResult plain : without) {
      String name = plain.getPrimaryResult().getLabel();
      for (RunResult other : with) {
        if (other.getPrimaryResult().getLabel().equals(name)) {
          print(name, plain, other);
        }
      }
    }
  }

  @SuppressWarnings("SystemOut") // Printing is its purpose.
  private static void print(String name, RunResult without, RunResult with) {
    double plain = without.getPrimaryResult().getScore();
    double woven = with.getPrimaryResult().getScore();
    System.out.printf(
        Locale.ROOT,
        "%-8s no agent %,10.1f ± %,.1f ns   agentlog %,10.1f ± %,.1f ns   more: %,.1f ns%n",
        name,
        plain,
        without.getPrimaryResult().getScoreError(),
        woven,
        with.getPrimaryResult().getScoreError(),
        woven - plain);
  }

  private static Collection<RunResult> run(CommandLineOptions commandLine, List<String> options)
      throws Exception {
    return new Runner(
            new OptionsBuilder()
                .parent(commandLine)
                .include(HandOnBenchmark.class.getName())
                .jvmArgsAppend(
                    Stream.concat(Stream.of(WITHOUT_STACKS), options.stream())
                        .toArray(String[]::new))
                .build())
        .run();
  }
}
