package io.agentlog.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.config.Config;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class UpkeepTest {
  private final AtomicLong nanos = new AtomicLong();

  /** Most tables have no partitions, and a look each minute would wake a connection for nothing. */
  @Test
  void comingDaysAreLookedForWhenTheLeaseIsRenewedAndNotByThemselves() {
    Config config = new TestConfig().with("postgres.host", "db");
    Upkeep upkeep =
        Upkeep.of(
            config,
            PostgresTarget.of(config),
            UUID.randomUUID(),
            "router",
            () -> null,
            nanos::get,
            () -> 0.0);
    nanos.addAndGet(Duration.ofDays(1).toNanos());

    assertThat(upkeep.due(true).lease()).isFalse(); // It has not begun.
    assertThat(upkeep.due(true).isNothing()).isTrue();
  }
}
