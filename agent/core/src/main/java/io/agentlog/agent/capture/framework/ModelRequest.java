package io.agentlog.agent.capture.framework;

import org.jspecify.annotations.Nullable;

/**
 * Values of a model's call that are known when it begins.
 *
 * @param framework its name, as {@code langchain4j}
 * @param provider as {@code openai}; null if unknown
 * @param model name that is asked for; null if unknown
 * @param isStreaming true if the answer comes in parts
 * @param receiver the model, to tell one call through several of its methods from several calls
 */
public record ModelRequest(
    String framework,
    @Nullable String provider,
    @Nullable String model,
    boolean isStreaming,
    Object receiver) {}
