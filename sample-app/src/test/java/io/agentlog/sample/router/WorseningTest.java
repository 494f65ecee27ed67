package io.agentlog.sample.router;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class WorseningTest {
  private final AtomicLong nanos = new AtomicLong();

  @Test
  void oneLookUpInTenFailsForTheTimeAskedForAndNoOther() {
    Worsening worsening = of(Worsening.Kind.FAILING);
    assertThat(failures(worsening)).isZero();
    later(60);
    assertThat(failures(worsening)).isEqualTo(5);
    later(29);
    assertThat(failures(worsening)).isEqualTo(5);
    later(1);
    assertThat(failures(worsening)).isZero();
  }

  @Test
  void qualityIsLowerForTheTimeAskedFor() {
    Worsening worsening = of(Worsening.Kind.QUALITY);
    assertThat(worsening.quality(0.5)).isEqualTo(0.5);
    later(60);
    assertThat(worsening.quality(0.5)).isEqualTo(0.3);
    later(30);
    assertThat(worsening.quality(0.5)).isEqualTo(0.5);
    assertThat(failures(worsening)).isZero();
  }

  @Test
  void slowLookUpTakesTheDelay() {
    Worsening worsening = of(Worsening.Kind.SLOW);
    later(60);
    assertThat(took(worsening)).isGreaterThanOrEqualTo(Worsening.DELAY);
  }

  private Worsening of(Worsening.Kind kind) {
    return new Worsening(kind, Duration.ofSeconds(60), Duration.ofSeconds(30), nanos::get);
  }

  private void later(long seconds) {
    nanos.addAndGet(Duration.ofSeconds(seconds).toNanos());
  }

  private static Duration took(Worsening worsening) {
    long begin = System.nanoTime();
    worsening.lookUp();
    return Duration.ofNanos(System.nanoTime() - begin);
  }

  /** How many of 50 look-ups fail. */
  private static long failures(Worsening worsening) {
    return IntStream.range(0, 50)
        .filter(
            i -> {
              try {
                worsening.lookUp();
                return false;
              } catch (HistoryUnavailableException e) {
                return true;
              }
            })
        .count();
  }
}
