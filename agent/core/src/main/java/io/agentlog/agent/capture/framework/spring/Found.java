package io.agentlog.agent.capture.framework.spring;

import io.agentlog.agent.capture.framework.FrameworkContext;
import io.agentlog.agent.capture.framework.Retrieval;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Documents that a search has found.
 *
 * @param query null if it is not kept
 * @param documents of the application, so it is held no longer than the call that it is part of
 */
record Found(@Nullable String source, @Nullable String query, long micros, List<?> documents) {
  private static final List<String> NAMES = List.of("title", "file_name", "source");

  /**
   * Reads what is recorded of them.
   *
   * @param applied IDs of the documents that go into the prompt; null if unknown
   */
  Retrieval retrieval(FrameworkContext context, @Nullable Set<Object> applied) {
    boolean keepsTexts = context.capture().keepsKnowledgeTexts();
    List<Retrieval.Item> items = new ArrayList<>();
    for (Object document : documents) {
      Object id = context.read(document, "getId");
      items.add(
          new Retrieval.Item(
              id,
              name(context.read(document, "getMetadata")),
              context.read(document, "getScore") instanceof Number score
                  ? (Double) score.doubleValue()
                  : null,
              items.size() + 1,
              (applied == null || id == null) ? null : (Boolean) applied.contains(id),
              keepsTexts ? context.text(document, "getText") : null));
    }
    return new Retrieval("document", source, null, query, micros, items);
  }

  private static @Nullable String name(@Nullable Object metadata) {
    if (metadata instanceof Map<?, ?> map) {
      for (String key : NAMES) {
        if (map.get(key) instanceof String name) {
          return name;
        }
      }
    }
    return null;
  }
}
