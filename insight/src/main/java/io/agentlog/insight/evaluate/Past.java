package io.agentlog.insight.evaluate;

import io.agentlog.insight.rules.Baseline;
import io.agentlog.insight.statistics.Bins;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.LongPredicate;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * Windows to compare with: those of the same length, in whole hours, that were neither left out nor
 * are among the newest two lengths. One thread.
 *
 * <p>The baseline begins with the first execution that is known. At {@code same-hour} those of each
 * earlier day begin up to an hour before or after the window's hour of the day (UTC). Weekdays and
 * weekends (UTC) are apart once each has {@link #WINDOWS_MIN}.
 */
final class Past {
  /** Comparable windows below which nothing is said. */
  static final int WINDOWS_MIN = 8;

  /** Executions below which nothing is said. */
  static final long EXECUTIONS_MIN = 200;

  private static final int HOURS_PER_DAY = 24;

  private final Series series;
  private final int hours; // Length of each window.
  private final long[] starts; // All of the baseline, ascending.
  private final long[] comparable; // Those with enough executions.
  private final long[] others; // Such windows of the other kind of days.
  private final long executions;
  private final long oldest; // Hours of the baseline, whatever the hour of the day.
  private final long newest;
  private final List<TimeSpan> leftOut;
  private @Nullable Bins durations;
  private @Nullable Bins qualities;

  /**
   * Finds the windows.
   *
   * @param start of the window that is compared, in hours since 1970
   * @param whole what has to be at least {@code minCount} for a window to be comparable
   * @param apart whether weekdays and weekends are apart in any case
   */
  Past(
      Series series,
      Baseline baseline,
      Duration window,
      long start,
      List<TimeSpan> leftOut,
      ToLongFunction<Slot> whole,
      int minCount,
      boolean apart) {
    this.series = series;
    this.hours = Math.max(1, (int) window.toHours());
    Long first = series.firstHourWithEnds();
    this.leftOut = leftOut;
    oldest =
        Math.max(
            first == null ? Long.MAX_VALUE : first, start + hours - baseline.length().toHours());
    newest = start - 2L * hours; // Ends two lengths before the window does.
    boolean isSameHour = baseline.kind() == Baseline.Kind.SAME_HOUR;
    LongStream all = isSameHour ? sameHour(start, oldest, newest) : previous(oldest, newest);
    long[] kept = all.filter(begin -> !isLeftOut(begin)).toArray();
    LongPredicate isEnough = begin -> sum(begin, whole) >= minCount;
    long[] enough = LongStream.of(kept).filter(isEnough).toArray();
    long[] unlike = {};
    if (isSameHour) {
      LongPredicate isAlike = begin -> isWeekend(begin) == isWeekend(start);
      long[] alike = LongStream.of(enough).filter(isAlike).toArray();
      if (apart || (alike.length >= WINDOWS_MIN && enough.length - alike.length >= WINDOWS_MIN)) {
        kept = LongStream.of(kept).filter(isAlike).toArray();
        unlike = LongStream.of(enough).filter(isAlike.negate()).toArray();
        enough = alike;
      }
    }
    starts = kept;
    comparable = enough;
    others = unlike;
    executions = total(whole);
  }

  private static LongStream sameHour(long start, long oldest, long newest) {
    long days = oldest > newest ? 0 : (start - oldest) / HOURS_PER_DAY + 1;
    return LongStream.rangeClosed(1, days)
        .map(day -> start - (days - day + 1) * HOURS_PER_DAY)
        .flatMap(begin -> LongStream.rangeClosed(begin - 1, begin + 1))
        .filter(begin -> begin >= oldest && begin <= newest);
  }

  private LongStream previous(long oldest, long newest) {
    long count = oldest > newest ? 0 : (newest - oldest) / hours + 1;
    return LongStream.range(0, count).map(i -> newest - (count - 1 - i) * hours);
  }

  /** Counts from a window before each span: what went wrong began before the alert fired. */
  private boolean isLeftOut(long begin) {
    long from = begin * Series.HOUR_SECONDS;
    long to = (begin + hours) * Series.HOUR_SECONDS;
    for (TimeSpan span : leftOut) {
      if (span.from().getEpochSecond() - hours * Series.HOUR_SECONDS < to
          && span.to().getEpochSecond() > from) {
        return true;
      }
    }
    return false;
  }

  /** Returns whether the middle of a window is on a Saturday or Sunday; day 0 was a Thursday. */
  private boolean isWeekend(long begin) {
    long day = Math.floorDiv(begin + hours / 2, (long) HOURS_PER_DAY);
    return Math.floorMod(day - 2, 7L) < 2;
  }

  private long sum(long begin, ToLongFunction<Slot> of) {
    long sum = 0;
    for (long hour = begin; hour < begin + hours; hour++) {
      sum += of.applyAsLong(series.hour(hour));
    }
    return sum;
  }

  /** Returns how many windows are comparable. */
  int windows() {
    return comparable.length;
  }

  /** Returns whether there is too little to compare with. */
  boolean isTooLittle() {
    return comparable.length < WINDOWS_MIN || executions < EXECUTIONS_MIN;
  }

  /** Returns the sum over all hours of the baseline; each counts once. */
  long total(ToLongFunction<Slot> of) {
    long[] sum = new long[1];
    eachHour(slot -> sum[0] += of.applyAsLong(slot));
    return sum[0];
  }

  private void eachHour(Series.Parts into) {
    long next = Long.MIN_VALUE;
    for (long begin : starts) {
      for (long hour = Math.max(begin, next); hour < begin + hours; hour++) {
        into.add(series.hour(hour));
      }
      next = Math.max(next, begin + hours);
    }
  }

  /** Returns the durations of the baseline. */
  Bins durations() {
    Bins found = durations;
    if (found == null) {
      Bins sum = new Bins();
      eachHour(slot -> slot.durations().addTo(sum));
      durations = found = sum;
    }
    return found;
  }

  /** Returns the scores of the baseline. */
  Bins qualities() {
    Bins found = qualities;
    if (found == null) {
      Bins sum = new Bins();
      eachHour(slot -> slot.qualities().addTo(sum));
      qualities = found = sum;
    }
    return found;
  }

  /** Is told a part and the whole of a comparable window. */
  interface Windows {
    void add(long part, long whole);
  }

  /** Tells each comparable window. */
  void eachWindow(ToLongFunction<Slot> part, ToLongFunction<Slot> of, Windows into) {
    each(comparable, part, of, into);
  }

  /** Tells each window that would be comparable on the other kind of days. */
  void eachOtherWindow(ToLongFunction<Slot> part, ToLongFunction<Slot> of, Windows into) {
    each(others, part, of, into);
  }

  /** Tells each hour of the baseline, whatever the hour of the day. */
  void eachHourOfAnyDay(ToLongFunction<Slot> part, ToLongFunction<Slot> of, Windows into) {
    for (long hour = oldest; hour <= newest; hour++) {
      if (!isLeftOut(hour)) {
        Slot slot = series.hour(hour);
        into.add(part.applyAsLong(slot), of.applyAsLong(slot));
      }
    }
  }

  private void each(
      long[] begins, ToLongFunction<Slot> part, ToLongFunction<Slot> of, Windows into) {
    for (long begin : begins) {
      into.add(sum(begin, part), sum(begin, of));
    }
  }

  /** Returns the highest value that the durations of a comparable window have. */
  double highestOfDurations(ToDoubleFunction<Bins> value) {
    double highest = 0;
    for (long begin : comparable) {
      Bins sum = new Bins();
      for (long hour = begin; hour < begin + hours; hour++) {
        series.hour(hour).durations().addTo(sum);
      }
      highest = Math.max(highest, value.applyAsDouble(sum));
    }
    return highest;
  }

  /** Returns the lowest value that the scores of a comparable window have. */
  double lowestOfQualities(ToDoubleFunction<Bins> value) {
    double lowest = Double.POSITIVE_INFINITY;
    for (long begin : comparable) {
      Bins sum = new Bins();
      for (long hour = begin; hour < begin + hours; hour++) {
        series.hour(hour).qualities().addTo(sum);
      }
      lowest = Math.min(lowest, value.applyAsDouble(sum));
    }
    return lowest;
  }

  /** Returns when the oldest hour begins. */
  Instant from() {
    return at(starts.length == 0 ? 0 : starts[0]);
  }

  /** Returns when the newest hour ends. */
  Instant to() {
    return at(starts.length == 0 ? 0 : starts[starts.length - 1] + hours);
  }

  private static Instant at(long hour) {
    return Instant.ofEpochSecond(hour * Series.HOUR_SECONDS);
  }
}
