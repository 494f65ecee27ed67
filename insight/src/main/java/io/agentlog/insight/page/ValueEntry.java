package io.agentlog.insight.page;

import org.jspecify.annotations.Nullable;

/**
 * A value of an execution's metadata.
 *
 * @param key names of nested objects and places in lists included, such as {@code order.lines[0]}
 * @param value null if it is hidden
 */
public record ValueEntry(String key, @Nullable String value) {}
