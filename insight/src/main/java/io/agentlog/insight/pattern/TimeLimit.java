package io.agentlog.insight.pattern;

import java.time.Duration;

/**
 * How long it may take from a stage to another: from when it was entered until the other was
 * entered next.
 *
 * @param from a stage
 * @param to the same stage for its own duration
 */
public record TimeLimit(String from, String to, Duration max) {}
