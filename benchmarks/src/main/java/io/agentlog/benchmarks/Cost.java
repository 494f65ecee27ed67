package io.agentlog.benchmarks;

import java.util.Arrays;
import java.util.List;

/**
 * The cost of one call in the bursts that count, over all threads and JVMs. NaN means not measured.
 *
 * @param meanNanos wall time, including the wait for a core
 * @param cpuNanos CPU time of the calling thread
 * @param bytes allocated by the calling thread
 */
record Cost(
    long calls,
    double meanNanos,
    double cpuNanos,
    double medianNanos,
    double p99Nanos,
    double bytes) {

  /** The cost when no burst counts. */
  static final Cost NONE = new Cost(0, Double.NaN, Double.NaN, Double.NaN, Double.NaN, Double.NaN);

  static Cost of(List<MeasuredVariant.Fork> forks) {
    long calls = 0;
    long wallNanos = 0;
    long cpuNanos = 0;
    long bytes = 0;
    for (MeasuredVariant.Fork fork : forks) {
      for (ThreadLog thread : fork.threads()) {
        for (ThreadLog.Burst burst : thread.bursts) {
          if (burst.counts()) {
            calls += burst.calls();
            wallNanos += burst.wallNanos();
            cpuNanos += burst.cpuNanos();
            bytes += burst.allocatedBytes();
          }
        }
      }
    }
    Percentiles percentiles =
        new Percentiles(
            forks.stream()
                .flatMap(fork -> fork.threads().stream())
                .flatMapToLong(thread -> Arrays.stream(thread.callNanos).asLongStream())
                .toArray());
    return new Cost(
        calls,
        wallNanos < 0 ? Double.NaN : (double) wallNanos / calls,
        cpuNanos < 0 ? Double.NaN : (double) cpuNanos / calls,
        percentiles.at(50),
        percentiles.at(99),
        (double) bytes / calls);
  }
}
