package io.agentlog.benchmarks;

import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.util.Statistics;

/**
 * Runs {@link CallerCostBenchmark} with the shipped jar and without an agent, and prints both side
 * by side. Takes JMH's own options. Exits with an error if the agent dropped anything.
 */
public final class CallerCost {
  /** Nanoseconds and bytes of one call. */
  private static final class Cost {
    double mean;
    double bytes;
    double median;
    double p99;
  }

  private CallerCost() {}

  public static void main(String[] arguments) throws Exception {
    CommandLineOptions commandLine = new CommandLineOptions(arguments);
    if (commandLine.shouldHelp()) {
      commandLine.showHelp();
      return;
    }
    ShippedAgent.jar(); // Said before minutes are spent.
    // With the agent first: if its figures don't count, that is known sooner.
    Map<String, Cost> with =
        costs(new Runner(options(commandLine).addProfiler(ShippedAgent.class).build()).run());
    Map<String, Cost> without = costs(new Runner(options(commandLine).build()).run());
    print(without, with);
  }

  private static ChainedOptionsBuilder options(CommandLineOptions commandLine) {
    return new OptionsBuilder().parent(commandLine).shouldFailOnError(true);
  }

  private static Map<String, Cost> costs(Collection<RunResult> results) {
    Map<String, Cost> costs = new TreeMap<>();
    for (RunResult result : results) {
      String benchmark = result.getParams().getBenchmark();
      String name =
          String.format(
              Locale.ROOT,
              "%-11s %6s B",
              benchmark.substring(benchmark.lastIndexOf('.') + 1),
              result.getParams().getParam("promptBytes"));
      Cost cost = costs.computeIfAbsent(name, k -> new Cost());
      Statistics statistics = result.getPrimaryResult().getStatistics();
      if (result.getParams().getMode() == Mode.AverageTime) {
        cost.mean =
            statistics.getPercentile(50); // Of the iterations: one of them may be disturbed.
        cost.bytes = score(result, "callerBytes") / score(result, "calls");
      } else {
        cost.median = statistics.getPercentile(50);
        cost.p99 = statistics.getPercentile(99);
      }
    }
    return costs;
  }

  private static double score(RunResult result, String counter) {
    Result<?> counted = result.getSecondaryResults().get(counter);
    return counted == null ? Double.NaN : counted.getScore();
  }

  private static void print(Map<String, Cost> without, Map<String, Cost> with) {
    line(
        "%n%-21s %8s %10s %10s %10s %10s",
        "ns, B of the caller", "agent", "mean", "p50", "p99", "bytes");
    with.forEach(
        (name, cost) -> {
          print(name, "no", without.getOrDefault(name, new Cost()));
          print("", "yes", cost);
        });
    line(
        "%s %s, %d cores",
        System.getProperty("java.vm.name"),
        Runtime.version(),
        Runtime.getRuntime().availableProcessors());
  }

  private static void print(String name, String agent, Cost cost) {
    line(
        "%-21s %8s %10.0f %10.0f %10.0f %10.0f",
        name, agent, cost.mean, cost.median, cost.p99, cost.bytes);
  }

  private static void line(String format, Object... values) {
    System.out.println(String.format(Locale.ROOT, format, values));
  }
}
