package io.agentlog.insight.evaluate;

import java.time.Duration;
import java.time.Instant;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Findings of a look at one window. Whether the value is back, and the evidence, are computed when
 * they are asked for: a simulation looks millions of times and asks almost never.
 *
 * @param to end of the window
 */
record Result(
    Look.Verdict verdict,
    Duration window,
    Instant to,
    BooleanSupplier isBack,
    Supplier<Evidence> evidence) {}
