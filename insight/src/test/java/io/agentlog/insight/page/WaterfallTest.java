package io.agentlog.insight.page;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WaterfallTest {
  private static final long SECOND = 1_000_000;

  /** Each step is round, and the whole has two to eleven lines. */
  @ParameterizedTest
  @CsvSource({
    "1, 1",
    "7, 1",
    "412000, 100000",
    "1830000, 500000",
    "4999999, 1000000",
    "5000010, 2000000",
    "146000000, 30000000",
    "3000000000, 600000000",
    "86400000000, 21600000000",
    "2592000000000, 518400000000"
  })
  void linesStandAtRoundTimes(long micros, long step) {
    assertThat(Waterfall.step(micros)).isEqualTo(step);
  }

  @ParameterizedTest
  @CsvSource({"1", "9", "99", "123456", "59", "3601", "86401", "31536000"})
  void thereAreNeverManyLines(long seconds) {
    for (long micros : new long[] {seconds, seconds * 1_000, seconds * SECOND}) {
      assertThat(micros / Waterfall.step(micros)).isLessThanOrEqualTo(10);
    }
  }
}
