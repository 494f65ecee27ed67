package io.agentlog.event;

import org.jspecify.annotations.Nullable;

/**
 * Sums of what an execution has used so far, by its own calls of models and tools alone. Each event
 * that carries totals carries all of them, so the latest one holds, whatever the order of arrival.
 * Immutable.
 *
 * @param model of the last call of a model; null if unknown
 * @param modelCalls calls that have ended and were not delegated
 * @param toolCalls calls that have begun
 * @param tokens sums; unknown only if no call has reported any
 * @param costNanos cost in billionths of the currency; null if no call had a price
 * @param currency three letters; null without a cost
 */
public record UsageTotals(
    @Nullable String model,
    int modelCalls,
    int toolCalls,
    TokenCounts tokens,
    @Nullable Long costNanos,
    @Nullable String currency) {}
