package io.agentlog.event;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Values of a model's call, as capture hands them to the encoder.
 *
 * @param framework as {@code langchain4j}
 * @param firstTokenMicros from the begin to the first token; -1 if unknown
 * @param durationMicros from the begin to the end
 * @param costNanos in billionths of the currency; null without a price
 * @param priceVersion of the prices that the cost was computed with; null without a cost
 * @param totals of the execution, this call included
 * @param metadata JSON values, as {@code delegated}
 */
public record ModelCallValues(
    String framework,
    @Nullable String provider,
    @Nullable String requestModel,
    @Nullable String responseModel,
    boolean isStreaming,
    long durationMicros,
    long firstTokenMicros,
    TokenCounts tokens,
    @Nullable String finishReason,
    @Nullable String errorType,
    @Nullable String errorMessage,
    @Nullable Long costNanos,
    @Nullable String currency,
    @Nullable String priceVersion,
    UsageTotals totals,
    Map<String, @Nullable Object> metadata) {}
