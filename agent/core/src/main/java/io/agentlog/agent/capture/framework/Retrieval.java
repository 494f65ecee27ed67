package io.agentlog.agent.capture.framework;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Items of knowledge that a framework has found for the current execution.
 *
 * @param kind of knowledge, as {@code document}
 * @param source from which it came, as {@code qdrant}; null if unknown
 * @param collection in the source; null if unknown
 * @param query null if it is not read, see {@link FrameworkCapture#keepsKnowledgeTexts}
 * @param micros how long the search took; -1 if unknown
 * @param items best first; those beyond a limit of the capture are counted
 */
public record Retrieval(
    String kind,
    @Nullable String source,
    @Nullable String collection,
    @Nullable String query,
    long micros,
    List<Item> items) {
  public Retrieval {
    items = List.copyOf(items);
  }

  /**
   * One item.
   *
   * @param id in its source: a UUID, a text or a number; null if it has none
   * @param name null if it has none
   * @param score 0.0 to 1.0; others are rejected and flagged; null if it has none
   * @param rank among the items found, from 1; 0 if unknown
   * @param isApplied true if it went into the prompt; null if unknown
   * @param text null if it is not read, see {@link FrameworkCapture#keepsKnowledgeTexts}
   */
  public record Item(
      @Nullable Object id,
      @Nullable String name,
      @Nullable Double score,
      int rank,
      @Nullable Boolean isApplied,
      @Nullable String text) {}
}
