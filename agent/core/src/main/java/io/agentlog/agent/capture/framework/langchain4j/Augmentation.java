package io.agentlog.agent.capture.framework.langchain4j;

import io.agentlog.agent.capture.framework.FrameworkContext;
import io.agentlog.agent.capture.framework.HookHandler;
import io.agentlog.agent.capture.value.WeakIdentityMap;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * {@code augment} of a {@code RetrievalAugmentor}: asks retrievers, on several threads if there are
 * several, and returns the contents that go into the prompt. What its retrievers have found is
 * recorded at its end, when it is known which of it was applied. The metadata of the request, which
 * each query has as well, tells whose retriever one is.
 */
final class Augmentation extends HookHandler {
  /** Finds by the metadata of requests that are being augmented. */
  private static final WeakIdentityMap<Open> OPEN = new WeakIdentityMap<>();

  private final FrameworkContext context;

  Augmentation(FrameworkContext context) {
    this.context = context;
  }

  /** Finds of the retrievers of an augmentation. Does not refer to its request. */
  private static final class Open {
    final Queue<Found> found = new ConcurrentLinkedQueue<>();
  }

  /** An augmentation on the stack of its thread. */
  private record Call(Object metadata, Open open) {}

  /**
   * Leaves to the augmentation what one of its retrievers has found.
   *
   * @param metadata of the query
   * @return false if no augmentation is under way
   */
  static boolean takes(@Nullable Object metadata, Found found) {
    Open open = metadata == null ? null : OPEN.get(metadata);
    return open != null && open.found.add(found);
  }

  @Override
  public @Nullable Object enter(@Nullable Object self, @Nullable Object[] arguments) {
    if (!context.capture().recordsKnowledge()) {
      return null;
    }
    Object metadata = context.read(arguments[0], "metadata");
    if (metadata == null) {
      return null;
    }
    Open open = new Open();
    // One augmentor may ask another.
    return OPEN.putIfAbsent(metadata, open) ? new Call(metadata, open) : null;
  }

  @Override
  public @Nullable Object exit(
      Object token, @Nullable Object self, @Nullable Object result, @Nullable Throwable thrown) {
    Call call = (Call) token;
    OPEN.remove(call.metadata());
    Open open = call.open();
    if (open.found.isEmpty()) {
      return result;
    }
    ServiceCall.startInnermost();
    Applied applied = new Applied(context, context.read(result, "contents"));
    for (Found found : open.found) {
      found.record(context, applied::contains);
    }
    return result;
  }

  /** The contents that go into the prompt; a re-ranker makes new ones of those that were found. */
  private static final class Applied {
    private final FrameworkContext context;
    private final Set<Object> ids = new HashSet<>();
    private final Set<String> texts = new HashSet<>();

    Applied(FrameworkContext context, @Nullable Object contents) {
      this.context = context;
      if (contents instanceof List<?> list) {
        for (Object content : list) {
          Object id = Found.idOf(context, content);
          if (id instanceof String) {
            ids.add(id);
          }
          String text = Found.textOf(context, content);
          if (text != null) {
            texts.add(text);
          }
        }
      }
    }

    boolean contains(Object content) {
      Object id = Found.idOf(context, content);
      if (id instanceof String && ids.contains(id)) {
        return true;
      }
      String text = Found.textOf(context, content);
      return text != null && texts.contains(text);
    }
  }
}
