package io.agentlog.insight.rollup;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import org.jspecify.annotations.Nullable;

/**
 * A time range of whole minutes.
 *
 * @param ends exclusive
 */
record Range(Instant begins, Instant ends) {
  /** Returns the buckets of a level that begin in it. */
  List<Instant> buckets(Level level) {
    List<Instant> buckets = new ArrayList<>();
    for (Instant bucket = level.floor(begins); bucket.isBefore(ends); bucket = level.next(bucket)) {
      if (!bucket.isBefore(begins)) {
        buckets.add(bucket);
      }
    }
    return buckets;
  }

  /** Joins buckets that follow each other. */
  static List<Range> of(NavigableSet<Instant> buckets, Level level) {
    List<Range> ranges = new ArrayList<>();
    @Nullable Range open = null;
    for (Instant bucket : buckets) {
      if (open != null && open.ends.equals(bucket)) {
        open = new Range(open.begins, level.next(bucket));
      } else {
        if (open != null) {
          ranges.add(open);
        }
        open = new Range(bucket, level.next(bucket));
      }
    }
    if (open != null) {
      ranges.add(open);
    }
    return ranges;
  }
}
