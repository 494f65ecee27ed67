package io.agentlog.json;

import static io.agentlog.json.EventJsonWriter.writeField;
import static io.agentlog.json.EventJsonWriter.writeText;

import com.fasterxml.jackson.core.JsonGenerator;
import io.agentlog.event.Event;
import io.agentlog.event.EventHeader;
import io.agentlog.event.ModelCallValues;
import io.agentlog.event.TokenCounts;
import io.agentlog.event.UsageTotals;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The JSON of calls of models and of what they used, written and read. Stateless. */
final class UsageJson {
  private static final String TOTALS = "totals";

  /** Digits of a cost after the point. */
  private static final int COST_SCALE = 9;

  /** Most that a long can hold in billionths. */
  private static final BigDecimal COST_MAX = BigDecimal.valueOf(Long.MAX_VALUE, COST_SCALE);

  private UsageJson() {}

  /** Writes the fields after the header. */
  static void write(JsonGenerator json, Event.ModelCall event) throws IOException {
    ModelCallValues values = event.values();
    writeText(json, "root_execution_id", event.rootExecutionId());
    writeField(json, "framework", values.framework());
    writeField(json, "provider", values.provider());
    writeField(json, "request_model", values.requestModel());
    writeField(json, "response_model", values.responseModel());
    writeField(json, "streaming", values.isStreaming());
    writeText(json, "call_started_at", JsonWriter.time(event.startedAt()));
    DetailJsonWriter.writeMicros(json, "duration_ms", "duration_us", values.durationMicros());
    if (values.firstTokenMicros() >= 0) {
      writeField(json, "first_token_us", values.firstTokenMicros());
    }
    writeTokens(json, values.tokens());
    writeCost(json, values.costNanos(), values.currency());
    writeField(json, "price_version", values.priceVersion());
    writeField(json, "finish_reason", values.finishReason());
    writeField(json, "error_type", values.errorType());
    writeField(json, "error_message", values.errorMessage());
    writeTotals(json, values.totals());
    writeField(json, "metadata", values.metadata());
  }

  /** Writes an object of its own; nothing without totals. */
  static void writeTotals(JsonGenerator json, @Nullable UsageTotals totals) throws IOException {
    if (totals == null) {
      return;
    }
    json.writeObjectFieldStart(TOTALS);
    writeField(json, "model", totals.model());
    writeField(json, "model_calls", totals.modelCalls());
    writeField(json, "tool_calls", totals.toolCalls());
    writeTokens(json, totals.tokens());
    writeCost(json, totals.costNanos(), totals.currency());
    json.writeEndObject();
  }

  private static void writeTokens(JsonGenerator json, TokenCounts tokens) throws IOException {
    writeField(json, "input_tokens", tokens.input());
    writeField(json, "output_tokens", tokens.output());
    writeField(json, "cache_read_tokens", tokens.cacheRead());
    writeField(json, "cache_write_tokens", tokens.cacheWrite());
    writeField(json, "reasoning_tokens", tokens.reasoning());
  }

  private static void writeCost(JsonGenerator json, @Nullable Long nanos, @Nullable String currency)
      throws IOException {
    if (nanos != null) {
      json.writeFieldName("cost");
      json.writeNumber(BigDecimal.valueOf(nanos, COST_SCALE).stripTrailingZeros().toPlainString());
    }
    writeField(json, "cost_currency", currency);
  }

  static Event modelCall(Fields fields, EventHeader header) throws BrokenLineException {
    Long duration = fields.count("duration_us");
    UsageTotals totals = totals(fields);
    if (duration == null || totals == null) {
      throw new BrokenLineException(duration == null ? "no duration_us" : "no totals");
    }
    Long firstToken = fields.count("first_token_us");
    return new Event.ModelCall(
        header,
        EventJsonReader.uuid(fields, "root_execution_id"),
        new ModelCallValues(
            fields.requiredText("framework"),
            fields.text("provider"),
            fields.text("request_model"),
            fields.text("response_model"),
            Boolean.TRUE.equals(fields.flag("streaming")),
            duration,
            firstToken == null ? -1 : firstToken,
            tokens(fields),
            fields.text("finish_reason"),
            fields.text("error_type"),
            fields.text("error_message"),
            cost(fields),
            fields.text("cost_currency"),
            fields.text("price_version"),
            totals,
            EventJsonReader.flagged(fields.map("metadata"), fields))); // Last: flags texts before.
  }

  /** The totals of an event; null if it has none, or no object where they should be. */
  static @Nullable UsageTotals totals(Fields event) {
    if (!(event.raw(TOTALS) instanceof Map<?, ?> object)) {
      return null;
    }
    Map<String, @Nullable Object> named = new LinkedHashMap<>();
    object.forEach((key, value) -> named.put(String.valueOf(key), value));
    Fields fields = new Fields(named);
    return new UsageTotals(
        fields.text("model"),
        number(fields.integer("model_calls")),
        number(fields.integer("tool_calls")),
        tokens(fields),
        cost(fields),
        fields.text("cost_currency"));
  }

  private static int number(@Nullable Integer count) {
    return count == null ? 0 : Math.max(0, count);
  }

  private static TokenCounts tokens(Fields fields) {
    return new TokenCounts(
        fields.count("input_tokens"),
        fields.count("output_tokens"),
        fields.count("cache_read_tokens"),
        fields.count("cache_write_tokens"),
        fields.count("reasoning_tokens"));
  }

  private static @Nullable Long cost(Fields fields) {
    BigDecimal cost = fields.number("cost");
    if (cost == null || cost.signum() < 0 || cost.compareTo(COST_MAX) > 0) {
      return null;
    }
    return cost.setScale(COST_SCALE, RoundingMode.HALF_UP).unscaledValue().longValueExact();
  }
}
