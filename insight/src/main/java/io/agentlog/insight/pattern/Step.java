package io.agentlog.insight.pattern;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A stage that an execution went through.
 *
 * @param begin when it was entered; null if that is not known
 * @param end when it was left, if that was measured, otherwise when the next stage or the end of
 *     the execution came; null if neither is known
 */
public record Step(String stage, @Nullable Instant begin, @Nullable Instant end) {}
