package io.agentlog.agent.capture.value;

import org.jspecify.annotations.Nullable;

/**
 * Sources of used knowledge, all read at the end; null if not given. Immutable, thread-safe.
 *
 * @param items the item, or the collection or array of items
 * @param query read once for all items
 */
public record IntelligenceSources(
    @Nullable ValueSource items,
    @Nullable ValueSource query,
    @Nullable OfItem id,
    @Nullable OfItem name,
    @Nullable OfItem score,
    @Nullable OfItem summary,
    @Nullable OfItem applied) {
  static final IntelligenceSources NONE =
      new IntelligenceSources(null, null, null, null, null, null, null);

  /**
   * A source that is read for each item.
   *
   * @param source reads the item as its result if {@code isBelowItem}
   * @param isBelowItem false if the value comes from the call, and is the same for all items
   */
  public record OfItem(ValueSource source, boolean isBelowItem) {
    boolean usesCall() {
      return !isBelowItem && !source.usesResult();
    }
  }

  /** True if a source is the receiver or an argument, or below one. */
  public boolean usesCall() {
    return (items != null && !items.usesResult())
        || (query != null && !query.usesResult())
        || usesCall(id)
        || usesCall(name)
        || usesCall(score)
        || usesCall(summary)
        || usesCall(applied);
  }

  private static boolean usesCall(@Nullable OfItem source) {
    return source != null && source.usesCall();
  }
}
