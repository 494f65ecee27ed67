package io.agentlog.agent.capture.framework.spring;

import io.agentlog.agent.capture.framework.FrameworkCapture;
import io.agentlog.agent.capture.framework.FrameworkContext;
import io.agentlog.agent.capture.framework.HookHandler;
import io.agentlog.agent.capture.framework.Run;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The search of a retriever, or of a vector store that no retriever asks. Inside an advisor, what
 * was found is recorded at the advisor's end, which tells what goes into the prompt.
 */
final class Retrievals extends HookHandler {
  private static final String STORE = "VectorStore";

  /** Whose own names are not those of their databases. */
  private static final Map<String, String> SOURCES = Map.of("pg", "postgres");

  private final FrameworkContext context;
  private final boolean isStore;

  /**
   * @param isStore true for vector stores, false for retrievers, which may ask one
   */
  Retrievals(FrameworkContext context, boolean isStore) {
    this.context = context;
    this.isStore = isStore;
  }

  /** A search that has begun. */
  private record Search(Path.Step step, @Nullable Object request, long startNanos) {}

  @Override
  public @Nullable Object enter(@Nullable Object self, @Nullable Object[] arguments) {
    if (self == null || !context.capture().recordsKnowledge()) {
      return null;
    }
    Path.Step around = Path.innermost(Path.Kind.RETRIEVAL);
    if (around != null) {
      if (around.name == null && isStore) {
        around.name = source(self.getClass());
      }
      return null;
    }
    Path.Step step = Path.enter(Path.Kind.RETRIEVAL, self);
    step.name = isStore ? source(self.getClass()) : null;
    return new Search(step, arguments[0], System.nanoTime());
  }

  @Override
  public @Nullable Object exit(
      Object token, @Nullable Object self, @Nullable Object result, @Nullable Throwable thrown) {
    Search search = (Search) token;
    Path.leave(search.step());
    if (result instanceof List<?> documents && !documents.isEmpty()) {
      FrameworkCapture capture = context.capture();
      String query =
          capture.keepsKnowledgeTexts()
              ? context.text(search.request(), isStore ? "getQuery" : "text")
              : null;
      long micros = Math.max(0, System.nanoTime() - search.startNanos()) / 1_000;
      Found found = new Found(search.step().name, query, micros, documents);
      Run run = capture.current();
      if (run == null || !Augmentation.isLater(run, found)) {
        capture.knowledge(found.retrieval(context, null));
      }
    }
    return result;
  }

  /** Returns the database of a vector store: the first word of its class's name. */
  private static @Nullable String source(Class<?> store) {
    String name = store.getSimpleName();
    String kind =
        name.endsWith(STORE)
            ? name.substring(0, name.length() - STORE.length()).toLowerCase(Locale.ROOT)
            : "";
    return kind.isEmpty() ? null : SOURCES.getOrDefault(kind, kind);
  }
}
