package io.agentlog.agent.capture.async;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * {@link CompletionStage}, with {@link CompletableFuture} and all that other libraries derive from
 * it. The caller gets the very object that the method returned.
 */
final class CompletionStageType implements AsyncType {
  static final CompletionStageType INSTANCE = new CompletionStageType();

  private CompletionStageType() {}

  @Override
  public boolean includes(Object result) {
    return result instanceof CompletionStage<?>;
  }

  @Override
  @SuppressWarnings("FutureReturnValueIgnored") // Completed with the stage; nobody waits for it.
  public Object observe(Object result, AsyncEnd end) {
    ((CompletionStage<?>) result).whenComplete(end::completed);
    return result;
  }

  /** A future tells those first who came last. */
  @Override
  @SuppressWarnings("FutureReturnValueIgnored") // Complete.
  public void settle(Object result, AsyncEnd end) {
    if (result instanceof CompletableFuture<?> future && future.isDone()) {
      future.whenComplete(end::completed);
    }
  }
}
