package io.agentlog.insight.query;

import io.agentlog.insight.page.Window;
import java.time.Duration;
import java.time.Instant;

/**
 * The rows of the rollup that answer for a window: whole minutes, hours or days.
 *
 * @param level as in the tables: 1 minute, 2 hour, 3 day
 * @param window widened to whole buckets
 * @param step time between two points of a line, a whole number of buckets
 */
public record TrendWindow(int level, Window window, Duration step) {
  public static final int MINUTE = 1;
  public static final int HOUR = 2;
  public static final int DAY = 3;

  /** Longest window that is read by the minute. */
  static final Duration BY_MINUTE_MAX = Duration.ofHours(6);

  /** Longest window of all agents that is read by the hour: 20 agents are 1,440 rows. */
  static final Duration BY_HOUR_MAX = Duration.ofDays(3);

  /** Longest window of one agent that is read by the hour. */
  static final Duration BY_HOUR_OF_ONE_MAX = Duration.ofDays(31);

  // The tables keep minutes for 48 hours and hours for 90 days.
  private static final Duration MINUTES_KEPT = Duration.ofHours(47);
  private static final Duration HOURS_KEPT = Duration.ofDays(89);

  /**
   * Chooses the level.
   *
   * @param oldest begin of this or of an earlier window that is read at the same level
   * @param ofOne whether one agent's rows are read, so that there may be more for each
   * @param points at most, of a line
   */
  static TrendWindow of(Window asked, Instant oldest, Instant now, boolean ofOne, int points) {
    Duration age = Duration.between(oldest, now);
    Duration hourMax = ofOne ? BY_HOUR_OF_ONE_MAX : BY_HOUR_MAX;
    int level =
        asked.length().compareTo(BY_MINUTE_MAX) <= 0 && age.compareTo(MINUTES_KEPT) < 0
            ? MINUTE
            : asked.length().compareTo(hourMax) <= 0 && age.compareTo(HOURS_KEPT) < 0 ? HOUR : DAY;
    return of(asked, level, points);
  }

  /** The buckets of a level that the window touches. */
  static TrendWindow of(Window asked, int level, int points) {
    long bucket = seconds(level);
    long from = Math.floorDiv(asked.from().getEpochSecond(), bucket) * bucket;
    long to = Math.floorDiv(asked.to().minusNanos(1).getEpochSecond(), bucket) * bucket + bucket;
    long buckets = (to - from) / bucket;
    long step = Math.max(1, (buckets + points - 1) / points);
    return new TrendWindow(
        level,
        new Window(Instant.ofEpochSecond(from), Instant.ofEpochSecond(to)),
        Duration.ofSeconds(step * bucket));
  }

  /** Returns the days that a window touches. */
  public static Window days(Window asked) {
    return of(asked, DAY, 1).window();
  }

  private static long seconds(int level) {
    return switch (level) {
      case MINUTE -> 60;
      case HOUR -> 3_600;
      default -> 86_400;
    };
  }

  /** Returns the number of points. */
  int points() {
    return (int) ((window.length().toSeconds() + step.toSeconds() - 1) / step.toSeconds());
  }

  /** Returns the point that a bucket belongs to. */
  int point(Instant bucket) {
    return (int) (Duration.between(window.from(), bucket).toSeconds() / step.toSeconds());
  }

  /** Returns when a point begins. */
  public Instant begin(int point) {
    return window.from().plus(step.multipliedBy(point));
  }

  /** Returns the name of the level. */
  public String by() {
    return level == MINUTE ? "minute" : level == HOUR ? "hour" : "day";
  }
}
