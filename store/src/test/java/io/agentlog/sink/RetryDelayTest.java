package io.agentlog.sink;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class RetryDelayTest {
  @Test
  void delayStaysBetweenItsBoundsWhateverTheChance() { // Fault 37
    for (double chance : new double[] {0, 0.5, Math.nextDown(1.0)}) {
      RetryDelay delay = new RetryDelay(() -> chance);
      for (int i = 0; i < 100; i++) {
        assertThat(delay.nextNanos()).isBetween(RetryDelay.MIN_NANOS, RetryDelay.MAX_NANOS);
      }
    }
  }

  @Test
  void delayGrowsToHalfOfTheLongestAtLeastAndStartsAnewAfterAReset() {
    RetryDelay delay = new RetryDelay(new Random(1)::nextDouble);
    assertThat(delay.nextNanos()).isLessThanOrEqualTo(2 * RetryDelay.MIN_NANOS);
    for (int i = 0; i < 20; i++) {
      delay.nextNanos();
    }
    assertThat(delay.nextNanos()).isGreaterThanOrEqualTo(RetryDelay.MAX_NANOS / 2);
    delay.reset();
    assertThat(delay.nextNanos()).isLessThanOrEqualTo(2 * RetryDelay.MIN_NANOS);
  }

  @Test
  void instancesThatFailedTogetherDontComeBackTogether() {
    RetryDelay delay = new RetryDelay(new Random(1)::nextDouble);
    RetryDelay other = new RetryDelay(new Random(2)::nextDouble);
    assertThat(delay.nextNanos()).isNotEqualTo(other.nextNanos());
  }
}
