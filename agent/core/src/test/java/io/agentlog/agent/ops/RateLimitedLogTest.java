package io.agentlog.agent.ops;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RateLimitedLogTest {
  private long nowNanos = Long.MAX_VALUE - 5; // The clock may wrap at any time.
  private final List<String> printed = new ArrayList<>();
  private final RateLimitedLog log =
      new RateLimitedLog(
          "postgres",
          Duration.ofMinutes(1),
          () -> nowNanos,
          (area, message) -> printed.add(message));

  @Test
  void oneLineAnIntervalAndTheRestCounted() { // Fault 87
    log.warn("down 1");
    log.warn("down 2");
    nowNanos += Duration.ofSeconds(59).toNanos();
    log.warn("down 3");
    nowNanos += Duration.ofSeconds(1).toNanos();
    log.warn("down 4");
    nowNanos += Duration.ofHours(1).toNanos();
    log.warn("down 5");
    assertThat(printed)
        .containsExactly("down 1", "down 4 (2 lines like it were left out)", "down 5");
  }
}
