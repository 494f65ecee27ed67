package io.agentlog.agent.capture.async;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * {@link CompletionStage}, including {@link CompletableFuture} and the types that libraries derive
 * from it. The caller gets the very object that the method returned.
 */
final class CompletionStageType implements AsyncType {
  static final CompletionStageType INSTANCE = new CompletionStageType();

  private CompletionStageType() {}

  @Override
  public boolean includes(Object result) {
    return result instanceof CompletionStage<?>;
  }

  @Override
  @SuppressWarnings("FutureReturnValueIgnored") // The dependent stage has no further use.
  public Object observe(Object result, AsyncEnd end) {
    ((CompletionStage<?>) result).whenComplete(end::completed);
    return result;
  }

  /** {@code CompletableFuture} runs its dependents last-in, first-out: ours may still be due. */
  @Override
  @SuppressWarnings("FutureReturnValueIgnored") // The future is complete, so the callback has run.
  public void settle(Object result, AsyncEnd end) {
    if (result instanceof CompletableFuture<?> future && future.isDone()) {
      future.whenComplete(end::completed);
    }
  }
}
