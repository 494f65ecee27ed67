package io.agentlog.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class FleetPauseTest {
  private final AtomicLong nanos = new AtomicLong();
  private final FleetPause pause = new FleetPause(nanos::get);

  @Test
  void lockedRowIsTriedAgainEverMoreSeldomUntilItIsFree() {
    List<Long> seconds = new ArrayList<>();
    for (int i = 0; i < 7; i++) {
      pause.locked("locked");
      seconds.add(secondsOfPause());
    }
    assertThat(seconds).containsExactly(5L, 10L, 20L, 40L, 60L, 60L, 60L);
    pause.used();
    pause.locked("locked");
    assertThat(secondsOfPause()).isEqualTo(5);
  }

  @Test
  void tablesThatCanNotBeUsedAreTriedAgainAMinuteLater() {
    assertThat(pause.why()).isNull();
    pause.refused("missing");
    assertThat(secondsOfPause()).isEqualTo(60);
  }

  private long secondsOfPause() {
    long seconds = 0;
    while (pause.why() != null) {
      nanos.addAndGet(TimeUnit.SECONDS.toNanos(1));
      seconds++;
    }
    return seconds;
  }
}
