package io.agentlog.insight.rules;

import java.time.Instant;
import java.util.List;

/**
 * A time in which alerts send nothing.
 *
 * @param to exclusive
 * @param agents names of agents; "*" is any number of characters
 */
public record Mute(Instant from, Instant to, List<String> agents) {}
