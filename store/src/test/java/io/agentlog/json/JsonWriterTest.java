package io.agentlog.json;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class JsonWriterTest {
  @Test
  void mapsListsAndScalarsAreWrittenInOrder() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("text", "a \"quoted\"\nline");
    map.put("list", Arrays.asList(1, 2L, 0.5, 0.1f, new BigDecimal("1.10"), true, null));
    map.put("map", Map.of("k", List.of()));

    assertThat(JsonWriter.write(map))
        .isEqualTo(
            "{\"text\":\"a \\\"quoted\\\"\\nline\",\"list\":[1,2,0.5,0.1,1.10,true,null],\"map\":{\"k\":[]}}");
  }

  @Test
  void jsonInsideTextIsEscapedOnce() { // Fault 77
    assertThat(JsonWriter.write("{\"a\":\"\\\"\"}")).isEqualTo("\"{\\\"a\\\":\\\"\\\\\\\"\\\"}\"");
  }

  @Test
  void numberThatJsonLacksIsNull() {
    assertThat(JsonWriter.write(List.of(Double.NaN, Float.NEGATIVE_INFINITY)))
        .isEqualTo("[null,null]");
  }

  @Test
  void objectThatIsNoJsonValueIsItsClassName() {
    assertThat(JsonWriter.write(Thread.State.NEW)).isEqualTo("\"java.lang.Thread$State\"");
  }

  @Test
  void timesAreAsTheFormatterOfThePlatformWritesThem() {
    DateTimeFormatter expected =
        DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);
    List<Instant> times =
        new ArrayList<>(
            List.of(
                Instant.EPOCH,
                Instant.EPOCH.minusNanos(1),
                Instant.parse("2024-02-29T23:59:59.999999999Z"),
                Instant.parse("0000-01-01T00:00:00Z"),
                Instant.parse("-0001-12-31T23:59:59Z"),
                Instant.parse("9999-12-31T23:59:59.999999Z"),
                Instant.parse("+10000-01-01T00:00:00Z")));
    Random random = new Random(1);
    for (int i = 0; i < 10_000; i++) {
      times.add(
          Instant.ofEpochSecond(random.nextLong(-70_000_000_000L, 260_000_000_000L), i * 99_000L));
    }
    assertThat(times)
        .allSatisfy(time -> assertThat(JsonWriter.time(time)).isEqualTo(expected.format(time)));
  }
}
