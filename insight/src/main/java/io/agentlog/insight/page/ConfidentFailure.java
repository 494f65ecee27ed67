package io.agentlog.insight.page;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A failed execution whose routing decision was confident.
 *
 * @param agent of the execution
 * @param selected agent that the decision named
 * @param reasoning null unless texts are shown
 */
public record ConfidentFailure(
    UUID id,
    String agent,
    String selected,
    String strategy,
    double confidence,
    @Nullable Instant startedAt,
    @Nullable String error,
    @Nullable String reasoning) {}
