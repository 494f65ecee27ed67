package io.agentlog.insight.rollup;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** Widths of buckets. Each bucket begins at a whole minute, hour or day of UTC. */
enum Level {
  MINUTE(1, ChronoUnit.MINUTES),
  HOUR(2, ChronoUnit.HOURS),
  DAY(3, ChronoUnit.DAYS);

  /** Value of the column {@code level}. */
  final int code;

  private final ChronoUnit unit;

  Level(int code, ChronoUnit unit) {
    this.code = code;
    this.unit = unit;
  }

  /** Returns the width as an interval of SQL. */
  String interval() {
    return minutes() + " minutes";
  }

  /** Returns the name that {@code date_trunc} knows. */
  String unit() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }

  long minutes() {
    return unit.getDuration().toMinutes();
  }

  /** Returns the bucket that a time belongs to. */
  Instant floor(Instant time) {
    return time.truncatedTo(unit);
  }

  Instant next(Instant bucket) {
    return bucket.plus(unit.getDuration());
  }
}
