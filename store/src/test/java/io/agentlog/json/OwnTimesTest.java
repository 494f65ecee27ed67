package io.agentlog.json;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The quick parser and the JDK's formatter agree on every time that the quick one takes. */
class OwnTimesTest {
  private static final DateTimeFormatter FORM =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

  @Test
  void timesAreThoseOfTheJdk() {
    Random random = new Random(1);
    long first = Instant.parse("0001-01-01T00:00:00Z").getEpochSecond();
    long last = Instant.parse("9999-12-31T23:59:59Z").getEpochSecond();
    for (int i = 0; i < 50_000; i++) {
      long second = first + (long) (random.nextDouble() * (last - first));
      long micros = second * 1_000_000 + random.nextInt(1_000_000);
      Instant instant =
          Instant.ofEpochSecond(
              Math.floorDiv(micros, 1_000_000L), Math.floorMod(micros, 1_000_000L) * 1_000L);
      assertThat(OwnTimes.micros(FORM.format(instant))).as("%s", instant).isEqualTo(micros);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "2026-01-02T03:04:05Z",
        "2026-01-02T03:04:05.123Z",
        "2026-01-02T03:04:05.123456",
        "2026-01-02 03:04:05.123456Z",
        "2026-01-02T03:04:05.123456+01:00",
        "2026-02-30T03:04:05.123456Z",
        "2026-13-01T03:04:05.123456Z",
        "2026-01-02T24:00:00.000000Z",
        "2026-01-02T03:60:00.000000Z",
        "2026-01-02T03:04:60.000000Z",
        "0000-01-02T03:04:05.123456Z",
        "2026-01-02T03:04:0\u0665.123456Z",
        ""
      })
  void anyOtherTextIsLeftToTheJdk(String text) {
    assertThat(OwnTimes.micros(text)).isNull();
  }
}
