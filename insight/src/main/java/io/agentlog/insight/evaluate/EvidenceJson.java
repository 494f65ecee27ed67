package io.agentlog.insight.evaluate;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import io.agentlog.insight.statistics.Interval;
import io.agentlog.json.BrokenLineException;
import io.agentlog.json.JsonReader;
import io.agentlog.json.JsonWriter;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Writes evidence as JSON, for tables and messages, and reads it back.
 *
 * <pre>
 *  {"summary": "...", "window": {"from": "...", "to": "..."}, "n": 600, "k": 61, "value": 0.1017, "unit": "share",
 *   "limit": 0.05, "interval": {"low": 0.08, "high": 0.13},
 *   "baseline": {"from": "...", "to": "...", "windows": 27, "n": 16200, "k": 324, "value": 0.02, "worst": 0.04},
 *   "effect": 5.1, "p": 1e-9, "a": 2.1e-7, "examples": ["..."]}
 * </pre>
 *
 * <p>A number that JSON does not have (NaN, infinity) is null; a field without a value is left out.
 */
public final class EvidenceJson {
  private EvidenceJson() {}

  /** Returns it as compact JSON. */
  public static String write(Evidence evidence) {
    return JsonWriter.write(values(evidence));
  }

  /** Returns it as JSON values: maps, lists, texts and numbers. */
  public static Map<String, @Nullable Object> values(Evidence evidence) {
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    map.put("summary", evidence.summary());
    if (evidence.from() != null && evidence.to() != null) {
      map.put("window", span(evidence.from(), evidence.to()));
    }
    map.put("n", evidence.n());
    map.put("k", evidence.k());
    map.put("value", evidence.value());
    map.put("unit", evidence.unit());
    put(map, "limit", evidence.limit());
    Interval interval = evidence.interval();
    if (interval != null) {
      map.put("interval", Map.of("low", interval.low(), "high", interval.high()));
    }
    Evidence.Past past = evidence.baseline();
    if (past != null) {
      Map<String, @Nullable Object> baseline = span(past.from(), past.to());
      baseline.put("windows", past.windows());
      baseline.put("n", past.n());
      baseline.put("k", past.k());
      baseline.put("value", past.value());
      baseline.put("worst", past.worst());
      map.put("baseline", baseline);
    }
    put(map, "effect", evidence.effect());
    put(map, "p", evidence.p());
    put(map, "a", evidence.level());
    map.put("examples", evidence.examples().stream().map(UUID::toString).toList());
    return map;
  }

  /**
   * Reads what {@link #write} wrote, also after a database has changed spaces, the order of keys
   * and the digits of numbers.
   *
   * @throws IllegalArgumentException if it is something else
   */
  public static Evidence read(String json) {
    try {
      return read(JsonReader.parse(json.getBytes(UTF_8)));
    } catch (BrokenLineException | ClassCastException | NullPointerException e) {
      throw new IllegalArgumentException("no evidence: " + json, e);
    }
  }

  private static Evidence read(Map<String, @Nullable Object> map) {
    Map<?, ?> window = (Map<?, ?>) map.get("window");
    Map<?, ?> interval = (Map<?, ?>) map.get("interval");
    Map<?, ?> past = (Map<?, ?>) map.get("baseline");
    return new Evidence(
        (String) requireNonNull(map.get("summary"), "summary"),
        window == null ? null : time(window, "from"),
        window == null ? null : time(window, "to"),
        whole(map, "n"),
        whole(map, "k"),
        number(map, "value"),
        (String) requireNonNull(map.get("unit"), "unit"),
        decimal(map, "limit"),
        interval == null ? null : new Interval(number(interval, "low"), number(interval, "high")),
        past == null
            ? null
            : new Evidence.Past(
                time(past, "from"),
                time(past, "to"),
                Math.toIntExact(whole(past, "windows")),
                whole(past, "n"),
                whole(past, "k"),
                number(past, "value"),
                number(past, "worst")),
        decimal(map, "effect"),
        decimal(map, "p"),
        decimal(map, "a"),
        ((List<?>) requireNonNull(map.get("examples"), "examples"))
            .stream().map(id -> UUID.fromString((String) id)).toList());
  }

  private static void put(Map<String, @Nullable Object> map, String key, @Nullable Object value) {
    if (value != null) {
      map.put(key, value);
    }
  }

  private static Map<String, @Nullable Object> span(Instant from, Instant to) {
    Map<String, @Nullable Object> span = new LinkedHashMap<>();
    span.put("from", from.toString());
    span.put("to", to.toString());
    return span;
  }

  private static Instant time(Map<?, ?> map, String key) {
    return Instant.parse((String) requireNonNull(map.get(key), key));
  }

  private static long whole(Map<?, ?> map, String key) {
    return ((Number) requireNonNull(map.get(key), key)).longValue();
  }

  private static double number(Map<?, ?> map, String key) {
    Double value = decimal(map, key);
    return value == null ? Double.NaN : value;
  }

  private static @Nullable Double decimal(Map<?, ?> map, String key) {
    Object value = map.get(key);
    return value == null ? null : Double.valueOf(value.toString());
  }
}
