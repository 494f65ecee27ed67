package io.agentlog.agent.capture.spec;

import org.jspecify.annotations.Nullable;

/**
 * {@code @IntelligenceUsed}; what is not given is empty, but {@code items} never is.
 *
 * @param type a constant, as are {@code source}, {@code collection} and {@code context}
 * @param items path to the item or items
 * @param id path that may begin with {@value #ITEM}, as those after it, except {@code query}
 * @param applied such a path, or {@code true} or {@code false}
 */
public record IntelligenceSpec(
    String type,
    String source,
    String collection,
    String context,
    String items,
    String id,
    String name,
    String score,
    String summary,
    String query,
    String applied) {
  /** Root of a path that is followed for each item. */
  public static final String ITEM = "item";

  /** Name of the parameter that is the query without a path. */
  public static final String QUERY = "query";

  /** Path to the items if none is given. */
  public static final String DEFAULT_ITEMS = "result";

  /** Returns whether the items are, or are part of, what the method returns. */
  public boolean readsItemsOfResult() {
    String path = items.strip();
    return path.startsWith(DEFAULT_ITEMS)
        && (path.length() == DEFAULT_ITEMS.length()
            || !Character.isJavaIdentifierPart(path.charAt(DEFAULT_ITEMS.length())));
  }

  /** Returns what is always known of {@code applied}; null if a path gives it, or nothing. */
  public @Nullable Boolean appliedAlways() {
    return switch (applied.strip()) {
      case "true" -> Boolean.TRUE;
      case "false" -> Boolean.FALSE;
      default -> null;
    };
  }
}
