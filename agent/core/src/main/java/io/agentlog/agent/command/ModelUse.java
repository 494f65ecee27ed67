package io.agentlog.agent.command;

import static io.agentlog.agent.command.TraceText.joined;
import static io.agentlog.agent.command.TraceText.millis;
import static io.agentlog.agent.command.TraceText.text;

import io.agentlog.postgres.Timeline.Entry;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Calls of models, tokens and cost in words. A number that nobody reported is left out. */
final class ModelUse {
  private ModelUse() {}

  /** Returns what one call of a model was and used. */
  static String ofCall(Entry entry) {
    Map<String, Object> values = entry.values();
    String asked = text(entry, "request_model", "");
    String answered = text(entry, "response_model", asked);
    Object first = values.get("first_token_us");
    boolean isHandedOn = "true".equals(text(entry, "delegated", ""));
    return joined(
        "  ",
        answered.isEmpty() ? "(no name)" : answered,
        asked.isEmpty() || asked.equals(answered) ? null : "asked for " + asked,
        isHandedOn ? "handed on to another call" : tokens(values),
        cost(values),
        entry.durationMicros() == null ? null : "took " + millis(entry.durationMicros()),
        first instanceof Number micros ? "first token after " + millis(micros.longValue()) : null,
        text(entry, "finish_reason", ""),
        joined(": ", text(entry, "error_type", ""), text(entry, "error_message", "")));
  }

  /** Returns what an execution has used by its own calls. */
  static String ofExecution(Map<String, Object> usage) {
    Object model = usage.get("model");
    return joined(
        ", ",
        count(usage, "model_calls", "model call"),
        model == null ? null : "model " + model,
        count(usage, "tool_calls", "tool call"),
        tokens(usage),
        cost(usage));
  }

  /** Returns the sum of what executions have used; null if none has called a model or a tool. */
  static @Nullable String sum(List<Map<String, Object>> usages) {
    long calls = 0;
    long tools = 0;
    Long input = null;
    Long output = null;
    BigDecimal cost = null;
    String currency = null;
    boolean isOneCurrency = true;
    for (Map<String, Object> usage : usages) {
      calls += number(usage, "model_calls", 0L);
      tools += number(usage, "tool_calls", 0L);
      input = plus(input, usage.get("input_tokens"));
      output = plus(output, usage.get("output_tokens"));
      if (usage.get("cost") instanceof BigDecimal more) {
        String other = String.valueOf(usage.get("cost_currency"));
        isOneCurrency &= currency == null || currency.equals(other);
        currency = other;
        cost = cost == null ? more : cost.add(more);
      }
    }
    return usages.isEmpty()
        ? null
        : joined(
            ", ",
            plural(calls, "model call"),
            tools == 0 ? null : plural(tools, "tool call"),
            input == null ? null : input + " tokens in",
            output == null ? null : output + " tokens out",
            cost == null || !isOneCurrency ? null : money(cost) + " " + currency);
  }

  private static @Nullable String tokens(Map<String, Object> values) {
    String text =
        joined(
            ", ",
            part(values, "input_tokens", " tokens in"),
            part(values, "cache_read_tokens", " from a cache"),
            part(values, "cache_write_tokens", " into a cache"),
            part(values, "output_tokens", " tokens out"),
            part(values, "reasoning_tokens", " of them reasoning"));
    return text.isEmpty() ? null : text;
  }

  private static @Nullable String part(Map<String, Object> values, String column, String what) {
    return values.get(column) instanceof Number number ? number + what : null;
  }

  private static @Nullable String cost(Map<String, Object> values) {
    return values.get("cost") instanceof BigDecimal cost
        ? joined(" ", money(cost), String.valueOf(values.getOrDefault("cost_currency", "")))
        : null;
  }

  /** Amount without zeros at the end, of which the column has nine digits. */
  private static String money(BigDecimal cost) {
    BigDecimal stripped = cost.stripTrailingZeros();
    return (stripped.scale() < 2 ? stripped.setScale(2) : stripped).toPlainString();
  }

  private static @Nullable String count(Map<String, Object> values, String column, String what) {
    long count = number(values, column, 0L);
    return count == 0 ? null : plural(count, what);
  }

  private static String plural(long count, String what) {
    return count + " " + what + (count == 1 ? "" : "s");
  }

  private static long number(Map<String, Object> values, String column, long otherwise) {
    return values.get(column) instanceof Number number ? number.longValue() : otherwise;
  }

  private static @Nullable Long plus(@Nullable Long sum, @Nullable Object more) {
    if (!(more instanceof Number number)) {
      return sum;
    }
    return sum == null ? number.longValue() : Long.valueOf(sum + number.longValue());
  }
}
