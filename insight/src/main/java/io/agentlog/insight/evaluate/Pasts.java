package io.agentlog.insight.evaluate;

import io.agentlog.insight.rules.Baseline;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Keeps what a window is compared with for as long as it is the same: for an hour, unless the
 * figures change.
 *
 * @param <T> what a kind of rules computes of it
 */
final class Pasts<T> {
  private final Series series;
  private final Baseline baseline;
  private final ToLongFunction<Slot> whole;
  private final int minCount;
  private final boolean apart;
  private final Function<Past, T> compute;
  private final Map<Duration, Kept<T>> kept = new HashMap<>();

  private record Kept<T>(long start, long version, List<TimeSpan> leftOut, T value) {}

  /** Makes one for a rule; the parameters are those of {@link Past}. */
  Pasts(
      Series series,
      Baseline baseline,
      ToLongFunction<Slot> whole,
      int minCount,
      boolean apart,
      Function<Past, T> compute) {
    this.series = series;
    this.baseline = baseline;
    this.whole = whole;
    this.minCount = minCount;
    this.apart = apart;
    this.compute = compute;
  }

  /** Returns what a window that ends at a time is compared with. */
  T of(Duration window, Instant to, List<TimeSpan> leftOut) {
    long begin = to.getEpochSecond() - window.toSeconds();
    long start = Math.floorDiv(begin + Series.HOUR_SECONDS / 2, Series.HOUR_SECONDS);
    @Nullable Kept<T> found = kept.get(window);
    if (found == null
        || found.start != start
        || found.version != series.version()
        || !found.leftOut.equals(leftOut)) {
      Past past = new Past(series, baseline, window, start, leftOut, whole, minCount, apart);
      found = new Kept<>(start, series.version(), List.copyOf(leftOut), compute.apply(past));
      kept.put(window, found);
    }
    return found.value;
  }
}
