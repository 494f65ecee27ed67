package io.agentlog.agent.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.junit.jupiter.api.Test;

/** The start of an execution, by a clock that is read only now and then. */
class WallClockTest {
  private long nanos = Long.MAX_VALUE - 7; // nanoTime may overflow, and does here.
  private long micros = 1_700_000_000_000_000L;
  private long nanosPerReading;
  private int readings;
  private final WallClock clock =
      new WallClock(
          () -> {
            readings++;
            nanos += nanosPerReading;
            return micros;
          },
          () -> nanos);

  @Test
  void timeGoesOnBetweenTwoReadings() {
    assertThat(clock.microsAt(nanos)).isEqualTo(micros);
    nanos += 99_999_000;
    assertThat(clock.microsAt(nanos)).isEqualTo(micros + 99_999);
    assertThat(readings).isEqualTo(1);
  }

  @Test
  void stepOfTheClockIsFollowedOnceTheReadingIsTooOld() {
    clock.microsAt(nanos);
    micros += 3_600_000_000L;
    nanos += WallClock.AGE_NANOS_MAX;
    assertThat(clock.microsAt(nanos)).isEqualTo(micros);
    assertThat(clock.microsAt(nanos - 2_000)).isEqualTo(micros - 2); // A thread that was slower.

    micros -= 7_200_000_000L;
    nanos += WallClock.AGE_NANOS_MAX;
    assertThat(clock.microsAt(nanos)).isEqualTo(micros);
  }

  @Test
  void readingThatTookTooLongIsNotKept() {
    nanosPerReading = 5_000_000;
    nanos += WallClock.AGE_NANOS_MAX;
    long moment = nanos;
    clock.microsAt(moment);
    int before = readings;
    nanosPerReading = 0;

    assertThat(clock.microsAt(nanos)).isEqualTo(micros);
    assertThat(readings).isEqualTo(before + 1);
  }

  @Test
  void defaultClockIsTheSystemsInMicroseconds() {
    Instant before = Instant.now();
    Instant read =
        Instant.EPOCH.plus(new WallClock().microsAt(System.nanoTime()), ChronoUnit.MICROS);
    assertThat(read).isBetween(before.minusSeconds(60), before.plusSeconds(60));
  }
}
