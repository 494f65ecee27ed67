package io.agentlog.agent.capture.framework;

import io.agentlog.event.TokenCounts;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Values of a model's call that are known when it ends.
 *
 * @param model that has answered; null if unknown
 * @param finishReason in the framework's words, in lower case; null if unknown
 * @param tokens as reported, with cached tokens among the input; {@link TokenCounts#UNKNOWN} if
 *     nothing was reported
 * @param metadata JSON values, as {@code rounds_hidden}
 */
public record ModelAnswer(
    @Nullable String model,
    @Nullable String finishReason,
    TokenCounts tokens,
    Map<String, @Nullable Object> metadata) {}
