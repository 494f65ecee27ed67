package io.agentlog.sample.router;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Makes the router worse for some time on purpose, to rehearse alerts. Thread-safe.
 *
 * <p>Slow and failing concern the look-up of the history alone, so that one agent gets worse.
 */
final class Worsening {
  /** How the router gets worse. */
  enum Kind {
    /** Not at all. */
    NONE,
    /** Each look-up of the history takes {@link #DELAY} longer. */
    SLOW,
    /** One look-up of the history in ten fails. */
    FAILING,
    /** The quality score of each answer is {@link #FACTOR} of what it was. */
    QUALITY
  }

  /** For a router that stays as it is. */
  static final Worsening NONE =
      new Worsening(Kind.NONE, Duration.ZERO, Duration.ZERO, System::nanoTime);

  static final Duration DELAY = Duration.ofMillis(400);
  static final double FACTOR = 0.6;
  private static final int FAILING_ONE_OF = 10;

  private final Kind kind;
  private final Duration after;
  private final Duration length;
  private final LongSupplier nanoTime;
  private final long beginNanos;
  private final AtomicLong lookups = new AtomicLong();

  /**
   * @param after time from now until it begins
   * @param length how long it lasts
   * @param nanoTime a clock such as {@link System#nanoTime()}
   */
  Worsening(Kind kind, Duration after, Duration length, LongSupplier nanoTime) {
    this.kind = kind;
    this.after = after;
    this.length = length;
    this.nanoTime = nanoTime;
    this.beginNanos = nanoTime.getAsLong();
  }

  private boolean is(Kind asked) {
    if (kind != asked) {
      return false;
    }
    Duration since = Duration.ofNanos(nanoTime.getAsLong() - beginNanos);
    return since.compareTo(after) >= 0 && since.minus(after).compareTo(length) < 0;
  }

  /**
   * Is called with each look-up of the history.
   *
   * @throws HistoryUnavailableException with one in ten, while the router fails
   */
  void lookUp() {
    if (is(Kind.SLOW)) {
      try {
        TimeUnit.NANOSECONDS.sleep(DELAY.toNanos());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt(); // The caller notices.
      }
    } else if (is(Kind.FAILING) && lookups.getAndIncrement() % FAILING_ONE_OF == 0) {
      throw new HistoryUnavailableException("the store of the history does not answer");
    }
  }

  /** Returns the quality score of an answer whose usual one is given. */
  double quality(double usual) {
    return is(Kind.QUALITY) ? usual * FACTOR : usual;
  }
}
