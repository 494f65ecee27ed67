package io.agentlog.insight.evaluate;

import io.agentlog.insight.statistics.Bins;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * The figures of one agent: of each hour since a first one, and of each five minutes since a later
 * one. A window is summed up from five minutes where there are any, a baseline from hours. What was
 * never put is empty. One thread.
 */
public final class Series {
  static final long HOUR_SECONDS = 3_600;
  static final long SLOT_SECONDS = 300;
  private static final long HOURS_PER_WEEK = 168;

  private final String agent;
  private final long firstHour;
  private final long firstSlot;
  private Bins running = new Bins();
  private Slot[] hours = new Slot[0];
  private Slot[] slots = new Slot[0];
  private long version;

  /**
   * Makes figures of nothing.
   *
   * @param hoursFrom the first hour; earlier ones are ignored
   * @param slotsFrom from when on there are five minutes too, for the longest window of up to 12
   *     hours at least; earlier ones are ignored
   */
  public Series(String agent, Instant hoursFrom, Instant slotsFrom) {
    this.agent = agent;
    firstHour = Math.floorDiv(hoursFrom.getEpochSecond(), HOUR_SECONDS);
    firstSlot =
        Math.floorDiv(slotsFrom.getEpochSecond(), HOUR_SECONDS) * (HOUR_SECONDS / SLOT_SECONDS);
  }

  /** Returns the agent's name. */
  public String agent() {
    return agent;
  }

  /** Sets the figures of an hour, in place of those it had. */
  public void putHour(Instant begin, Slot figures) {
    long index = Math.floorDiv(begin.getEpochSecond(), HOUR_SECONDS) - firstHour;
    if (index >= 0) {
      hours = put(hours, Math.toIntExact(index), figures);
    }
    version++;
  }

  /** Sets the figures of five minutes, in place of those they had. */
  public void putSlot(Instant begin, Slot figures) {
    long index = Math.floorDiv(begin.getEpochSecond(), SLOT_SECONDS) - firstSlot;
    if (index >= 0) {
      slots = put(slots, Math.toIntExact(index), figures);
    }
    version++;
  }

  private static Slot[] put(Slot[] into, int index, Slot figures) {
    Slot[] grown =
        index < into.length ? into : Arrays.copyOf(into, Math.max(index + 1, into.length * 2));
    grown[index] = figures;
    return grown;
  }

  /**
   * Returns how long the executions in progress have been running, by bins of durations; empty in a
   * history.
   */
  public Bins running() {
    return running;
  }

  /** Sets how long the executions in progress have been running, in place of those before. */
  public void setRunning(Bins durations) {
    running = durations;
    version++;
  }

  /**
   * Returns the same figures with each hour of the week in another order of weeks: the hours of the
   * day, the days of the week and what happened together within an hour stay, and no change that
   * lasts is left. There have to be five minutes for all of it.
   *
   * @param to a whole hour; later figures are left out
   * @param seed the same for the same order
   */
  public Series shuffled(Instant to, long seed) {
    Instant begin = Instant.ofEpochSecond(firstHour * HOUR_SECONDS);
    Series shuffled = new Series(agent, begin, begin);
    SplittableRandom random = new SplittableRandom(seed);
    long end = Math.floorDiv(to.getEpochSecond(), HOUR_SECONDS);
    for (long ofWeek = firstHour; ofWeek < firstHour + HOURS_PER_WEEK; ofWeek++) {
      int weeks = (int) Math.max(0, (end - ofWeek + HOURS_PER_WEEK - 1) / HOURS_PER_WEEK);
      long[] from = new long[weeks];
      for (int week = 0; week < weeks; week++) {
        int other = random.nextInt(week + 1);
        from[week] = from[other];
        from[other] = ofWeek + (long) week * HOURS_PER_WEEK;
      }
      for (int week = 0; week < weeks; week++) {
        copyHour(from[week], ofWeek + (long) week * HOURS_PER_WEEK, shuffled);
      }
    }
    return shuffled;
  }

  private void copyHour(long from, long to, Series into) {
    into.putHour(Instant.ofEpochSecond(to * HOUR_SECONDS), hour(from));
    long slotsPerHour = HOUR_SECONDS / SLOT_SECONDS;
    for (long i = 0; i < slotsPerHour; i++) {
      into.putSlot(
          Instant.ofEpochSecond(to * HOUR_SECONDS + i * SLOT_SECONDS),
          at(slots, from * slotsPerHour + i - firstSlot));
    }
  }

  /** Returns a number that is another one after each change. */
  long version() {
    return version;
  }

  /** Returns the first hour with an end; null without any. Hours count from 1970. */
  @Nullable Long firstHourWithEnds() {
    for (int i = 0; i < hours.length; i++) {
      if (hours[i] != null && hours[i].ended() + hours[i].provisional() > 0) {
        return firstHour + i;
      }
    }
    return null;
  }

  /** Returns the figures of an hour, counted from 1970. */
  Slot hour(long hour) {
    return at(hours, hour - firstHour);
  }

  private static Slot at(Slot[] of, long index) {
    Slot found = index >= 0 && index < of.length ? of[(int) index] : null;
    return found == null ? Slot.EMPTY : found;
  }

  /** Is told each of the parts of a window. */
  public interface Parts {
    void add(Slot part);
  }

  /**
   * Tells all five minutes of a window, and the hours of the part for which there are no five
   * minutes.
   *
   * @param to a multiple of five minutes, or of an hour for a window of more than 12 hours
   */
  public void window(Instant to, Duration length, Parts into) {
    long end = Math.floorDiv(to.getEpochSecond(), SLOT_SECONDS);
    long slot = end - length.toSeconds() / SLOT_SECONDS;
    long perHour = HOUR_SECONDS / SLOT_SECONDS;
    while (slot < end) {
      if (slot >= firstSlot) {
        into.add(at(slots, slot - firstSlot));
        slot++;
      } else {
        if (slot % perHour == 0 && slot + perHour <= end) {
          into.add(hour(slot / perHour));
        }
        slot += perHour - slot % perHour;
      }
    }
  }
}
