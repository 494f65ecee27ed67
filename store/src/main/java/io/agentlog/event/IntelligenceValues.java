package io.agentlog.event;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The values of a used item of knowledge, as they go into a journal; see {@link
 * Event.IntelligenceUsage}.
 *
 * @param itemId a {@link java.util.UUID}, a {@link String} or null
 * @param confidence NaN if not known
 * @param queryMicros below 0 if not known
 * @param rank from 1; 0 if not known
 * @param qualityImpact NaN if not known
 */
public record IntelligenceValues(
    @Nullable String kind,
    @Nullable String source,
    @Nullable Object itemId,
    @Nullable String name,
    @Nullable String collection,
    @Nullable String usageContext,
    double confidence,
    @Nullable String summary,
    @Nullable String query,
    long queryMicros,
    int rank,
    @Nullable Boolean applied,
    @Nullable Boolean contributed,
    double qualityImpact,
    Map<String, @Nullable Object> metadata) {}
