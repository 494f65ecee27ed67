package io.agentlog.agent.capture.framework.langchain4j;

import io.agentlog.agent.capture.framework.FrameworkCapture;
import io.agentlog.agent.capture.framework.FrameworkContext;
import io.agentlog.agent.capture.framework.Retrieval;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Finds of a search: contents of a retriever, or matches of a store. Lives on the stack, or as long
 * as its augmentation.
 *
 * @param source the store's kind, or null
 * @param query null unless texts are kept
 * @param micros how long it took
 */
record Found(@Nullable String source, @Nullable String query, long micros, List<?> items) {
  private static final String DOCUMENT = "document";

  /** Keys under which segments of documents have a name. */
  private static final List<String> NAME_KEYS = List.of("title", "file_name", "source", "url");

  /** Records it for the thread's execution, with no word on what goes into the prompt. */
  void record(FrameworkContext context) {
    record(context, null);
  }

  /**
   * @param isApplied true for items that go into the prompt; null if that is unknown
   */
  void record(FrameworkContext context, @Nullable Predicate<Object> isApplied) {
    FrameworkCapture capture = context.capture();
    boolean keepsTexts = capture.keepsKnowledgeTexts();
    List<Retrieval.Item> read = new ArrayList<>();
    for (Object item : items) {
      Boolean applied = isApplied == null ? null : (Boolean) isApplied.test(item);
      read.add(item(context, item, read.size() + 1, applied, keepsTexts));
    }
    capture.knowledge(new Retrieval(DOCUMENT, source, null, query, micros, read));
  }

  private static Retrieval.Item item(
      FrameworkContext context,
      Object item,
      int rank,
      @Nullable Boolean isApplied,
      boolean keepsText) {
    Map<String, @Nullable Object> facts = facts(context, item);
    Object segment = segment(context, item);
    Object score = facts.getOrDefault("RERANKED_SCORE", facts.get("SCORE"));
    return new Retrieval.Item(
        facts.get("EMBEDDING_ID"),
        name(context.read(segment, "metadata.toMap")),
        score instanceof Number number ? (Double) number.doubleValue() : null,
        rank,
        isApplied,
        keepsText ? text(context, segment) : null);
  }

  /** Returns what is known of a content by the names of the framework's constants. */
  private static Map<String, @Nullable Object> facts(FrameworkContext context, Object item) {
    Map<String, @Nullable Object> facts = new HashMap<>();
    if (context.read(item, "metadata") instanceof Map<?, ?> metadata) {
      metadata.forEach(
          (key, value) -> facts.put(key instanceof Enum<?> fact ? fact.name() : "", value));
    } else {
      facts.put("SCORE", context.read(item, "score"));
      facts.put("EMBEDDING_ID", context.read(item, "embeddingId"));
    }
    return facts;
  }

  private static @Nullable Object segment(FrameworkContext context, Object item) {
    Object segment = context.read(item, "textSegment");
    return segment != null ? segment : context.read(item, "embedded");
  }

  private static @Nullable String text(FrameworkContext context, @Nullable Object segment) {
    return segment instanceof String text ? text : context.text(segment, "text");
  }

  private static @Nullable String name(@Nullable Object metadata) {
    if (metadata instanceof Map<?, ?> map) {
      for (String key : NAME_KEYS) {
        if (map.get(key) instanceof String name && !name.isBlank()) {
          return name;
        }
      }
    }
    return null;
  }

  /** Returns the ID that a content has in its store, or null. */
  static @Nullable Object idOf(FrameworkContext context, Object content) {
    return facts(context, content).get("EMBEDDING_ID");
  }

  /** Returns a content's text, or null. */
  static @Nullable String textOf(FrameworkContext context, Object content) {
    return text(context, segment(context, content));
  }
}
