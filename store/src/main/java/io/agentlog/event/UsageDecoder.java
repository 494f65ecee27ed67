package io.agentlog.event;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The part of {@link EventDecoder} for calls of models and what they used. Thread-safe. */
final class UsageDecoder {
  private UsageDecoder() {}

  static Event modelCall(EventReader reader, EventHeader header) {
    if (!reader.hasUsage()) {
      throw new IllegalArgumentException("a model's call of format " + Wire.FORMAT);
    }
    Map<String, @Nullable Object> flags = new LinkedHashMap<>();
    Identifier root = reader.identifier("root_execution_id", flags);
    boolean isStreaming = reader.byteValue() != 0;
    long duration = reader.longValue();
    long firstToken = reader.longValue();
    TokenCounts tokens = tokens(reader);
    Long cost = DetailDecoder.known(reader.longValue());
    String framework = reader.text("framework", flags);
    String provider = reader.text("provider", flags);
    String requestModel = reader.text("request_model", flags);
    String responseModel = reader.text("response_model", flags);
    String finishReason = reader.text("finish_reason", flags);
    String errorType = reader.text("error_type", flags);
    String errorMessage = reader.text("error_message", flags);
    String currency = reader.text("cost_currency", flags);
    String priceVersion = reader.text("price_version", flags);
    Map<String, @Nullable Object> metadata = reader.map();
    UsageTotals totals = totals(reader);
    if (framework == null || totals == null || duration < 0) {
      throw new IllegalArgumentException("a model's call without framework, totals or duration");
    }
    return new Event.ModelCall(
        header,
        root == null ? null : root.id(),
        new ModelCallValues(
            framework,
            provider,
            requestModel,
            responseModel,
            isStreaming,
            duration,
            firstToken,
            tokens,
            finishReason,
            errorType,
            errorMessage,
            cost,
            currency,
            priceVersion,
            totals,
            EventDecoder.joined(metadata, flags)));
  }

  /** The totals that end an event; null if it is of the format without. */
  static @Nullable UsageTotals totals(EventReader reader) {
    if (!reader.hasUsage()) {
      return null;
    }
    // Unflagged: a flag would come and go in the metadata of the execution, with the model.
    Map<String, @Nullable Object> unused = new LinkedHashMap<>();
    int modelCalls = reader.intValue();
    int toolCalls = reader.intValue();
    TokenCounts tokens = tokens(reader);
    Long cost = DetailDecoder.known(reader.longValue());
    String model = reader.text("model", unused);
    String currency = reader.text("cost_currency", unused);
    return new UsageTotals(model, modelCalls, toolCalls, tokens, cost, currency);
  }

  private static TokenCounts tokens(EventReader reader) {
    return new TokenCounts(
        reader.longValue(),
        reader.longValue(),
        reader.longValue(),
        reader.longValue(),
        reader.longValue());
  }
}
