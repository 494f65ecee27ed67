package io.agentlog.benchmarks;

import io.agentlog.annotations.AgentExecution;
import io.agentlog.annotations.ProgressStage;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.Phaser;
import java.util.concurrent.TimeUnit;

/**
 * One execution with two stages, like {@link AnnotatedExecution}, but with an asynchronous result.
 * The first stage is reported at once, the second with the end.
 */
final class HeldExecution implements Execution {
  private final Executor later;
  private final Phaser running = new Phaser(1);

  HeldExecution(long holdMillis) {
    later = CompletableFuture.delayedExecutor(holdMillis, TimeUnit.MILLISECONDS);
  }

  @Override
  public int run(String prompt, UUID correlationId) {
    running.register();
    handle(prompt, correlationId).whenComplete((result, thrown) -> running.arriveAndDeregister());
    return 1;
  }

  /** Waits until all executions have ended. */
  void awaitAll() {
    running.arriveAndAwaitAdvance();
  }

  @AgentExecution("held")
  CompletionStage<Integer> handle(String prompt, UUID correlationId) {
    int read = read(prompt);
    return CompletableFuture.supplyAsync(() -> read + answer(correlationId), later);
  }

  @ProgressStage(value = "read", percent = 50)
  int read(String prompt) {
    return prompt.charAt(7) | 1;
  }

  @ProgressStage(value = "answer", percent = 90)
  int answer(UUID correlationId) {
    return (int) correlationId.getLeastSignificantBits() & 1_023;
  }
}
