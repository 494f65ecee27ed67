package io.agentlog.insight.evaluate;

import io.agentlog.insight.rules.Windows;
import io.agentlog.insight.statistics.BinCounts;
import io.agentlog.insight.statistics.Bins;
import java.time.Duration;
import java.time.Instant;

/** A series that is drawn from worlds, one after another in time. */
final class History {
  private static final Duration HOUR = Duration.ofHours(1);

  final Series series;
  private final Instant slotsFrom;
  private Instant end;

  /**
   * Begins at {@link World#START}.
   *
   * @param slotsFrom a whole hour, from which on there are five minutes
   */
  History(String agent, Instant slotsFrom) {
    this.slotsFrom = slotsFrom;
    series = new Series(agent, World.START, slotsFrom);
    end = World.START;
  }

  /** Draws on. */
  History until(Instant to, World.Stream stream) {
    while (end.isBefore(to)) {
      if (end.isBefore(slotsFrom)) {
        series.putHour(end, stream.draw(end, HOUR));
        end = end.plus(HOUR);
      } else {
        series.putSlot(end, stream.draw(end, Windows.SLOT));
        end = end.plus(Windows.SLOT);
        if (end.getEpochSecond() % HOUR.toSeconds() == 0) {
          series.putHour(end.minus(HOUR), hour(end));
        }
      }
    }
    return this;
  }

  private Slot hour(Instant to) {
    long[] sums = new long[2];
    Bins durations = new Bins();
    Bins scores = new Bins();
    series.window(
        to,
        HOUR,
        slot -> {
          sums[0] += slot.ended();
          sums[1] += slot.failed();
          slot.durations().addTo(durations);
          slot.qualities().addTo(scores);
        });
    return new Slot(sums[0], sums[1], 0, 0, 0, 0, 0, BinCounts.of(durations), BinCounts.of(scores));
  }
}
