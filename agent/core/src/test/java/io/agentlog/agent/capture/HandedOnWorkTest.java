package io.agentlog.agent.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.agent.capture.spec.ExecutionSpec;
import io.agentlog.agent.capture.spec.MethodSpec;
import io.agentlog.agent.capture.spec.ParameterSpec;
import io.agentlog.agent.journal.HeapJournal;
import io.agentlog.agent.metrics.Counters;
import java.lang.ref.WeakReference;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RecursiveAction;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Work that is handed on belongs to a running execution or to none, and holds none in memory. */
class HandedOnWorkTest {
  private final CaptureBridge bridge = bridge();

  @Test
  void taskThatRunsAfterTheEndOfItsExecutionBelongsToNone() {
    Runnable late = () -> {};
    Object periodic = new FutureTask<>(late, null);
    Object token = enter("ends");
    bridge.onSubmit(late);
    bridge.onHandOn(periodic);
    bridge.onExit(token, null, null);
    assertThat(run(late)).isNull();
    Execution other = enter("does the work of the ended one");
    Object entered = bridge.onEnterWork(periodic, false);
    assertThat(bridge.onExecutionId()).isNull();
    assertThat(enter("starts in it").runningParent()).isNull();
    bridge.onLeaveWork(entered);
    assertThat(bridge.onExecutionId()).isEqualTo(other.id());
    bridge.onExit(other, null, null);
  }

  @Test
  void executionThatStartsInATaskOfAnEndedOneHasItsOwnCorrelation() {
    Runnable task = () -> {};
    Execution first = enter("first");
    bridge.onSubmit(task);
    bridge.onWorkerRuns(task);
    bridge.onExit(first, null, null); // As on another thread, while the task runs.
    Execution second = enter("second");
    assertThat(second.runningParent()).isNull();
    assertThat(second.correlationId()).isNotEqualTo(first.correlationId());
    bridge.onExit(second, null, null);
    bridge.onWorkerIdle();
    assertThat(bridge.onExecutionId()).isNull();
  }

  @Test
  void refusedTaskAndThreadThatDidNotStartLeaveNothingBehind() {
    Runnable refused = () -> {};
    Runnable queued = () -> {};
    Execution running = enter("runs");
    bridge.onSubmit(refused);
    bridge.onNotHandedOn(refused);
    bridge.onSubmit(queued);
    bridge.onSubmit(queued);
    bridge.onNotHandedOn(queued); // The second time.
    assertThat(runOnAnotherThread(refused)).isNull();
    assertThat(runOnAnotherThread(queued)).isEqualTo(running.id());
    bridge.onExit(running, null, null);
  }

  @Test
  void threadThatRunsAlreadyGoesOnAsItIs() throws InterruptedException {
    CountDownLatch asked = new CountDownLatch(1);
    AtomicReference<@Nullable UUID> seen = new AtomicReference<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                asked.await();
              } catch (InterruptedException e) {
                throw new AssertionError(e);
              }
              seen.set(bridge.onExecutionId());
            });
    thread.start();
    Execution running = enter("starts it again");
    bridge.onStartThread(thread);
    bridge.onNotHandedOn(thread);
    asked.countDown();
    thread.join();
    assertThat(seen.get()).isNull();
    bridge.onExit(running, null, null);
  }

  @Test
  void taskObjectOfSeveralExecutionsBelongsToNoneFromThenOn() {
    Runnable shared = () -> {};
    for (int i = 0; i < 2; i++) {
      Object token = enter("p");
      bridge.onSubmit(shared);
      bridge.onSubmit(() -> {});
      if (i == 0) {
        bridge.onExit(token, null, null);
      } else {
        assertThat(run(shared)).isNull();
        bridge.onSubmit(shared);
        assertThat(run(shared)).isNull();
        bridge.onExit(token, null, null);
      }
    }
  }

  @Test
  void taskObjectThatIsAlsoQueuedOutsideBelongsToNone() {
    Runnable shared = () -> {};
    Object token = enter("p");
    bridge.onSubmit(shared);
    bridge.onWorkerIdle();
    bridge.onSubmit(shared); // By a thread without an execution.
    assertThat(run(shared)).isNull();
    bridge.onExit(token, null, null);
  }

  @Test
  void taskObjectQueuedTwiceByOneExecutionBelongsToItBothTimes() {
    Runnable twice = () -> {};
    Execution execution = enter("p");
    bridge.onSubmit(twice);
    bridge.onSubmit(twice);
    assertThat(run(twice)).isEqualTo(execution.id());
    assertThat(run(twice)).isEqualTo(execution.id());
    bridge.onExit(execution, null, null);
  }

  @Test
  void forkedTaskBelongsToTheExecutionThatForkedIt() {
    Split task = new Split();
    bridge.onHandOn(task);
    Execution execution = enter("forks");
    bridge.onHandOn(task);
    bridge.onWorkerIdle();
    Object entered = bridge.onEnterWork(task, true);
    assertThat(bridge.onExecutionId()).isEqualTo(execution.id());
    bridge.onLeaveWork(entered);
    assertThat(bridge.onExecutionId()).isNull();
    bridge.onExit(execution, null, null);
  }

  @Test
  void forkedTaskOfAnEndedExecutionBelongsToNone() {
    Split task = new Split();
    Execution ended = enter("ends");
    bridge.onHandOn(task);
    bridge.onExit(ended, null, null);
    Execution other = enter("steals");
    Object entered = bridge.onEnterWork(task, true);
    assertThat(bridge.onExecutionId()).isNull();
    bridge.onLeaveWork(entered);
    assertThat(bridge.onExecutionId()).isEqualTo(other.id());
    bridge.onExit(other, null, null);
  }

  private static final class Split extends RecursiveAction {
    private static final long serialVersionUID = 1;

    @Override
    protected void compute() {}
  }

  @Test
  void endedExecutionsAreReachableNeitherFromTasksNorFromRunningOnes() {
    Runnable pending = () -> {};
    Execution running = enter("outermost");
    WeakReference<Execution> ended = endedWithin(pending);
    awaitCollected(ended);
    assertThat(running.isEnded()).isFalse();
    bridge.onExit(running, null, null);
    assertThat(run(pending)).isNull();
  }

  private WeakReference<Execution> endedWithin(Runnable pending) {
    Execution execution = enter("inner");
    bridge.onSubmit(pending);
    bridge.onExit(execution, null, null);
    return new WeakReference<>(execution);
  }

  @Test
  void endedExecutionHoldsNeitherItsPromptNorItsParent() {
    Execution outer = enter("outer");
    Execution inner = enter("inner");
    assertThat(inner.runningParent()).isSameAs(outer);
    bridge.onExit(inner, null, null);
    assertThat(inner.prompt).isNull();
    assertThat(inner.parent).isNull();
    bridge.onExit(outer, null, null);
  }

  private static void awaitCollected(WeakReference<?> reference) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!reference.refersTo(null)) {
      assertThat(System.nanoTime() - deadline).as("it is collected").isNegative();
      System.gc();
    }
  }

  private @Nullable UUID runOnAnotherThread(Runnable task) {
    return CompletableFuture.supplyAsync(() -> run(task)).join();
  }

  /** Returns the execution that a worker's run of the task belongs to. */
  private @Nullable UUID run(Runnable task) {
    bridge.onWorkerIdle();
    bridge.onWorkerRuns(task);
    UUID id = bridge.onExecutionId();
    bridge.onWorkerIdle();
    return id;
  }

  private Execution enter(String prompt) {
    Object token = bridge.onEnter(HandedOnWorkTest.class, 0, null, new Object[] {prompt});
    assertThat(token).isInstanceOf(Execution.class);
    return (Execution) token;
  }

  private static CaptureBridge bridge() {
    CaptureLimits limits = new CaptureLimits(1_000, 500, 1_000);
    Counters counters = new Counters();
    MethodSpec spec =
        new MethodSpec(
            HandedOnWorkTest.class.getName(),
            "execution",
            "(Ljava/lang/String;)V",
            true,
            List.of(new ParameterSpec("prompt", Set.of(), null)),
            new ExecutionSpec("agent", "prompt", "", "", "", List.of()),
            null,
            null);
    MethodPlans plans =
        new MethodPlans(
            type -> List.of(spec),
            limits,
            type -> {},
            (method, path, reason) -> {
              throw new AssertionError(path + ": " + reason);
            });
    Capture capture =
        new Capture(new HeapJournal(new UUID(1, 2), 8 << 20), limits, type -> {}, counters);
    return new CaptureBridge(plans, capture, counters);
  }
}
