package io.agentlog.agent.capture.framework.spring;

import io.agentlog.agent.capture.framework.FrameworkContext;
import io.agentlog.agent.capture.framework.HookHandler;
import io.agentlog.agent.capture.framework.Run;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * An advisor that puts documents into the prompt: what was searched for it, on any thread of the
 * execution, is recorded at its end with what of it was used.
 */
final class Augmentation extends HookHandler {
  /** Where {@code QuestionAnswerAdvisor} leaves the documents that it has used. */
  static final String QA_DOCUMENTS = "qa_retrieved_documents";

  /** Where {@code RetrievalAugmentationAdvisor} leaves them. */
  static final String RAG_DOCUMENTS = "rag_document_context";

  /** Finds for advisors that are at work, by execution. Each one removes its own. */
  private static final ConcurrentMap<UUID, Queue<Found>> AT_WORK = new ConcurrentHashMap<>();

  private final FrameworkContext context;
  private final String documents;

  /**
   * @param documents key of the used documents in the request that the advisor makes
   */
  Augmentation(FrameworkContext context, String documents) {
    this.context = context;
    this.documents = documents;
  }

  /** Takes documents that are recorded at the end of an advisor; false if none is at work. */
  static boolean isLater(Run run, Found found) {
    Queue<Found> queue = AT_WORK.get(run.id());
    return queue != null && queue.add(found);
  }

  private record Work(UUID execution, Queue<Found> found) {}

  @Override
  public @Nullable Object enter(@Nullable Object self, @Nullable Object[] arguments) {
    Run run = context.capture().recordsKnowledge() ? context.capture().current() : null;
    if (run == null) {
      return null;
    }
    Work work = new Work(run.id(), new ConcurrentLinkedQueue<>());
    return AT_WORK.putIfAbsent(work.execution(), work.found()) == null ? work : null;
  }

  @Override
  public @Nullable Object exit(
      Object token, @Nullable Object self, @Nullable Object result, @Nullable Throwable thrown) {
    Work work = (Work) token;
    AT_WORK.remove(work.execution());
    Set<Object> applied = null;
    if (context.read(result, "context") instanceof Map<?, ?> values
        && values.get(documents) instanceof List<?> used) {
      applied = new HashSet<>();
      for (Object document : used) {
        Object id = context.read(document, "getId");
        if (id != null) {
          applied.add(id);
        }
      }
    }
    for (Found found : work.found()) {
      context.capture().knowledge(found.retrieval(context, applied));
    }
    return result;
  }
}
