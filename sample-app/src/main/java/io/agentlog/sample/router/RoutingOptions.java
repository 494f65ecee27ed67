package io.agentlog.sample.router;

import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The checked options of one request.
 *
 * @param agent {@code agent}: name of the agent to use, regardless of the words
 * @param exclude {@code exclude}: agents not to consider
 * @param maxAlternatives {@code max_alternatives}: 0 to {@value #ALTERNATIVES_MAX}, default 3
 * @param minConfidence {@code min_confidence}: 0.0 to 1.0, default {@value #MIN_CONFIDENCE}
 * @param fallback {@code fallback}: use the generalist if no other agent fits
 * @param dryRun {@code dry_run}: also answer with the steps that the agent would take
 * @param holdMillis {@code hold_ms}: delays the decision, as a slow registry would; 0 to {@value
 *     #HOLD_MILLIS_MAX}
 * @param cancel {@code cancel}: the sender has already withdrawn the request
 * @param cancelAfterMillis {@code cancel_after_ms}: time after the start at which the request is
 *     withdrawn
 * @param deadline {@code deadline}: an ISO 8601 instant after which no answer is wanted
 */
record RoutingOptions(
    @Nullable String agent,
    Set<String> exclude,
    int maxAlternatives,
    double minConfidence,
    boolean fallback,
    boolean dryRun,
    int holdMillis,
    boolean cancel,
    @Nullable Integer cancelAfterMillis,
    @Nullable Instant deadline) {
  static final double MIN_CONFIDENCE = 0.45;
  static final int ALTERNATIVES_MAX = 10;
  static final int HOLD_MILLIS_MAX = 20_000;
  private static final List<String> KEYS =
      List.of(
          "agent",
          "exclude",
          "max_alternatives",
          "min_confidence",
          "fallback",
          "dry_run",
          "hold_ms",
          "cancel",
          "cancel_after_ms",
          "deadline");

  RoutingOptions {
    exclude = Set.copyOf(exclude);
  }

  /**
   * Checks the options of a request.
   *
   * @throws InvalidOptionsException for the first option that can't be used; the message names it
   */
  static RoutingOptions of(Map<String, Object> options) {
    for (String key : new TreeSet<>(options.keySet())) {
      if (!KEYS.contains(key)) {
        String nearest = Similarity.nearest(key, KEYS);
        throw new InvalidOptionsException(
            "options.%s is unknown%s"
                .formatted(key, nearest == null ? "" : "; did you mean " + nearest + "?"));
      }
    }
    String agent = text(options, "agent");
    return new RoutingOptions(
        agent == null ? null : agent.startsWith("@") ? agent.substring(1) : agent,
        texts(options, "exclude"),
        (int) number(options, "max_alternatives", 3, 0, ALTERNATIVES_MAX, true),
        number(options, "min_confidence", MIN_CONFIDENCE, 0, 1, false),
        flag(options, "fallback"),
        flag(options, "dry_run"),
        (int) number(options, "hold_ms", 0, 0, HOLD_MILLIS_MAX, true),
        flag(options, "cancel"),
        options.containsKey("cancel_after_ms")
            ? (Integer) (int) number(options, "cancel_after_ms", 0, 0, Integer.MAX_VALUE, true)
            : null,
        instant(options, "deadline"));
  }

  private static @Nullable String text(Map<String, Object> options, String key) {
    Object value = options.get(key);
    if (value == null) {
      return null;
    }
    if (value instanceof String text && !text.isBlank()) {
      return text.strip();
    }
    throw wrong(key, "a text that is not empty", value);
  }

  private static Set<String> texts(Map<String, Object> options, String key) {
    Object value = options.get(key);
    if (value == null) {
      return Set.of();
    }
    Set<String> texts = new TreeSet<>();
    if (!(value instanceof List<?> list)) {
      throw wrong(key, "a list of agent names", value);
    }
    for (Object element : list) {
      if (!(element instanceof String text)) {
        throw wrong(key, "a list of agent names", value);
      }
      texts.add(text);
    }
    return texts;
  }

  private static double number(
      Map<String, Object> options,
      String key,
      double absent,
      double min,
      double max,
      boolean whole) {
    Object value = options.get(key);
    if (value == null) {
      return absent;
    }
    if (value instanceof Number number) {
      double found = number.doubleValue();
      if (found >= min && found <= max && (!whole || found == Math.rint(found))) {
        return found;
      }
    }
    throw wrong(
        key,
        whole
            ? "a whole number from %.0f to %.0f".formatted(min, max)
            : "a number from %s to %s".formatted(min, max),
        value);
  }

  private static boolean flag(Map<String, Object> options, String key) {
    Object value = options.get(key);
    if (value == null) {
      return false;
    }
    if (value instanceof Boolean flag) {
      return flag;
    }
    throw wrong(key, "true or false", value);
  }

  private static @Nullable Instant instant(Map<String, Object> options, String key) {
    String text = text(options, key);
    if (text == null) {
      return null;
    }
    try {
      return Instant.parse(text);
    } catch (DateTimeParseException e) {
      throw wrong(key, "an ISO 8601 instant such as 2030-01-31T12:00:00Z", text);
    }
  }

  private static InvalidOptionsException wrong(String key, String wanted, Object found) {
    String text = String.valueOf(found);
    return new InvalidOptionsException(
        "options.%s must be %s, was %s"
            .formatted(key, wanted, text.length() > 80 ? text.substring(0, 80) + "…" : text));
  }
}
