package io.agentlog.backends;

import static java.time.ZoneOffset.UTC;

import java.time.LocalDate;
import java.time.LocalTime;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Today in UTC, for a test that would fail if the day ended while it runs. Stateless. */
public final class WholeDay {
  /** A test that takes longer may see the day end. */
  private static final LocalTime LAST = LocalTime.of(23, 59);

  /** Until then, some moments shortly before now are of the day before. */
  private static final LocalTime FIRST = LocalTime.of(0, 0, 5);

  private WholeDay() {}

  /** Returns today; waits for the next day in the last minute of one. */
  public static LocalDate today() {
    LocalTime time = LocalTime.now(UTC);
    while (time.isAfter(LAST) || time.isBefore(FIRST)) {
      LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(1));
      time = LocalTime.now(UTC);
    }
    return LocalDate.now(UTC);
  }
}
