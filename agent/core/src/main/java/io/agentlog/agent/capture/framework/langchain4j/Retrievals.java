package io.agentlog.agent.capture.framework.langchain4j;

import io.agentlog.agent.capture.framework.FrameworkContext;
import io.agentlog.agent.capture.framework.HookHandler;
import io.agentlog.agent.capture.framework.Run;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Searches for knowledge: {@code retrieve} of a {@code ContentRetriever}, and {@code search} of an
 * {@code EmbeddingStore} that no retriever asks. The outermost search of a thread in a run is
 * recorded; a store inside it tells where the knowledge comes from.
 */
final class Retrievals extends HookHandler {
  private static final OnThread<Search> INNERMOST = new OnThread<>();
  private static final String STORE = "EmbeddingStore";

  /** Stores whose names are not those of their databases. */
  private static final Map<String, String> SOURCES = Map.of("pgvector", "postgres");

  private final FrameworkContext context;
  private final boolean isStore;

  /**
   * @param isStore true for stores, false for retrievers
   */
  Retrievals(FrameworkContext context, boolean isStore) {
    this.context = context;
    this.isStore = isStore;
  }

  /** A search on the stack of its thread. */
  private static final class Search {
    final @Nullable Object request;
    final @Nullable Run run;
    final long startNanos = System.nanoTime();
    @Nullable Search outer;
    @Nullable String source;

    Search(@Nullable Object request, @Nullable Run run) {
      this.request = request;
      this.run = run;
    }
  }

  @Override
  public @Nullable Object enter(@Nullable Object self, @Nullable Object[] arguments) {
    if (self == null || !context.capture().recordsKnowledge()) {
      return null;
    }
    Search around = INNERMOST.get();
    Run run = context.capture().current();
    if (around != null && around.run == run) { // Else a retriever has asked a service.
      if (isStore && around.source == null) {
        around.source = source(self.getClass());
      }
      return null;
    }
    Search search = new Search(arguments[0], run);
    search.source = isStore ? source(self.getClass()) : null;
    search.outer = INNERMOST.enter(search);
    return search;
  }

  private static String source(Class<?> store) {
    String name = store.getSimpleName();
    String kind =
        (name.endsWith(STORE) ? name.substring(0, name.length() - STORE.length()) : name)
            .toLowerCase(Locale.ROOT);
    return SOURCES.getOrDefault(kind, kind);
  }

  @Override
  public @Nullable Object exit(
      Object token, @Nullable Object self, @Nullable Object result, @Nullable Throwable thrown) {
    Search search = (Search) token;
    INNERMOST.leave(search.outer);
    Object items = isStore ? context.read(result, "matches") : result;
    if (!(items instanceof List<?> list) || list.isEmpty()) {
      return result;
    }
    String query =
        context.capture().keepsKnowledgeTexts()
            ? context.text(search.request, isStore ? "query" : "text")
            : null;
    long micros = (System.nanoTime() - search.startNanos) / 1_000;
    Found found = new Found(search.source, query, micros, list);
    Object metadata = isStore ? null : context.read(search.request, "metadata");
    if (!Augmentation.takes(metadata, found)) {
      ServiceCall.startInnermost();
      found.record(context);
    }
    return result;
  }
}
