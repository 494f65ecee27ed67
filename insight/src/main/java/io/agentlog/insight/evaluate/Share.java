package io.agentlog.insight.evaluate;

import io.agentlog.insight.statistics.Dispersion;
import io.agentlog.insight.statistics.ExactTests;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * A share in the windows of the past, and how likely a share of now is if nothing has changed. One
 * thread.
 */
final class Share {
  /** Events below which the comparable windows do not tell how a part varies. */
  private static final long PART_MIN = 50;

  final ToLongFunction<Slot> part;
  final ToLongFunction<Slot> whole;
  private final Past past;
  private final long pastPart;
  private final long pastWhole;
  private @Nullable Double factor;
  private @Nullable Double worst;

  Share(Past past, ToLongFunction<Slot> part, ToLongFunction<Slot> whole) {
    this(past, part, whole, past.total(part), past.total(whole));
  }

  /** Makes one whose sums over the past are known. */
  Share(
      Past past,
      ToLongFunction<Slot> part,
      ToLongFunction<Slot> whole,
      long pastPart,
      long pastWhole) {
    this.past = past;
    this.part = part;
    this.whole = whole;
    this.pastPart = pastPart;
    this.pastWhole = pastWhole;
  }

  long pastPart() {
    return pastPart;
  }

  long pastWhole() {
    return pastWhole;
  }

  /** Returns the share of all of the past. */
  double past() {
    return pastWhole == 0 ? 0 : (double) pastPart / pastWhole;
  }

  /** Returns the highest share of a window of the past. */
  double worst() {
    summarize();
    return worst == null ? 0 : worst;
  }

  /** How executions fail together is no matter of weekdays, so all windows tell of it. */
  private void summarize() {
    if (worst == null) {
      Dispersion dispersion = new Dispersion();
      double[] sums = new double[3];
      past.eachWindow(
          part,
          whole,
          (k, n) -> {
            dispersion.add(k, n, past());
            sums[0] = Math.max(sums[0], n == 0 ? 0 : (double) k / n);
          });
      past.eachOtherWindow(
          part,
          whole,
          (k, n) -> {
            sums[1] += k;
            sums[2] += n;
          });
      past.eachOtherWindow(part, whole, (k, n) -> dispersion.add(k, n, sums[1] / sums[2]));
      factor = Math.max(dispersion.factor(), pastPart < PART_MIN ? factorOfAllHours() : 1);
      worst = sums[0];
    }
  }

  /**
   * Returns how much all hours of the baseline vary. Where failures are rare and come five at a
   * time, the same hour of the day may have had one such time or none, so that those of now look
   * independent. All hours have many times as much. They are not taken where they are not needed:
   * an agent that fails more at night is no agent whose executions fail together.
   */
  private double factorOfAllHours() {
    long[] sums = new long[2];
    past.eachHourOfAnyDay(
        part,
        whole,
        (k, n) -> {
          sums[0] += k;
          sums[1] += n;
        });
    Dispersion dispersion = new Dispersion();
    double share = (double) sums[0] / Math.max(1, sums[1]);
    past.eachHourOfAnyDay(part, whole, (k, n) -> dispersion.add(k, n, share));
    return dispersion.factor();
  }

  /** Returns Fisher's probability without regard to dependence: never more than {@link #p}. */
  double leastP(long k, long n) {
    return (double) k * pastWhole <= (double) pastPart * n
        ? 1 // About a half or more, which no rule asks for.
        : ExactTests.fisher(k, n, pastPart, pastWhole);
  }

  /**
   * Returns Fisher's probability of at least that share. Executions fail together, so all counts
   * are divided by what their windows vary more than by chance.
   */
  double p(long k, long n) {
    summarize();
    double by = factor == null ? 1 : factor;
    return by <= 1
        ? ExactTests.fisher(k, n, pastPart, pastWhole)
        : ExactTests.fisher(
            (long) (k / by),
            (long) (n / by),
            (long) Math.ceil(pastPart / by), // The other way round, so as not to be too low.
            Math.max((long) Math.ceil(pastPart / by), (long) (pastWhole / by)));
  }
}
