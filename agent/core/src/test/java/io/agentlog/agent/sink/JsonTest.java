package io.agentlog.agent.sink;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class JsonTest {
  @Test
  void mapsListsAndScalarsAreWrittenInOrder() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("text", "a \"quoted\"\nline");
    map.put("list", Arrays.asList(1, 2L, 0.5, 0.1f, new BigDecimal("1.10"), true, null));
    map.put("map", Map.of("k", List.of()));

    assertThat(Json.write(map))
        .isEqualTo(
            "{\"text\":\"a \\\"quoted\\\"\\nline\",\"list\":[1,2,0.5,0.1,1.10,true,null],\"map\":{\"k\":[]}}");
  }

  @Test
  void jsonInsideTextIsEscapedOnce() { // Fault 77
    assertThat(Json.write("{\"a\":\"\\\"\"}")).isEqualTo("\"{\\\"a\\\":\\\"\\\\\\\"\\\"}\"");
  }

  @Test
  void numberThatJsonLacksIsNull() {
    assertThat(Json.write(List.of(Double.NaN, Float.NEGATIVE_INFINITY))).isEqualTo("[null,null]");
  }

  @Test
  void objectThatIsNoJsonValueIsItsClassName() {
    assertThat(Json.write(Thread.State.NEW)).isEqualTo("\"java.lang.Thread$State\"");
  }
}
