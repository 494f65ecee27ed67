package io.agentlog.agent.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.agent.capture.spec.ExecutionSpec;
import io.agentlog.agent.capture.spec.MethodSpec;
import io.agentlog.agent.capture.value.MethodSources;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Each thread has its own current execution, however many threads run at once. */
class CurrentExecutionsTest {
  /** More than there are places, so that most threads find their place taken. */
  private static final int THREAD_COUNT = 16;

  private static final int PLACE_COUNT = 4;

  private final CurrentExecutions current = new CurrentExecutions(PLACE_COUNT);

  @Test
  void removedExecutionLeavesNothingOnTheThread() {
    Execution outer = execution();
    Execution inner = execution();
    assertThat(current.get()).isNull();
    current.set(outer);
    current.set(inner);
    assertThat(current.get()).isSameAs(inner);
    current.set(outer);
    assertThat(current.get()).isSameAs(outer);
    current.remove();
    assertThat(current.get()).isNull();
    current.remove(); // There is nothing left to remove.
    assertThat(current.get()).isNull();
  }

  @Test
  void threadsThatShareAPlaceDoNotSeeEachOthersExecutions() throws Exception {
    Set<Thread> right = ConcurrentHashMap.newKeySet();
    CyclicBarrier all = new CyclicBarrier(THREAD_COUNT);
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < THREAD_COUNT; i++) {
      Thread thread =
          new Thread(
              () -> {
                if (keepsItsOwn(all)) {
                  right.add(Thread.currentThread());
                }
              });
      threads.add(thread);
      thread.start();
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(right).hasSize(THREAD_COUNT);
  }

  private boolean keepsItsOwn(CyclicBarrier all) {
    try {
      Execution outer = execution();
      Execution inner = execution();
      boolean right = current.get() == null;
      all.await(1, TimeUnit.MINUTES);
      current.set(outer);
      all.await(1, TimeUnit.MINUTES); // All have one.
      right &= current.get() == outer;
      current.set(inner);
      all.await(1, TimeUnit.MINUTES);
      right &= current.get() == inner;
      current.set(outer);
      right &= current.get() == outer;
      current.remove();
      right &= current.get() == null;
      all.await(1, TimeUnit.MINUTES); // None has.
      current.set(inner);
      right &= current.get() == inner;
      current.remove();
      return right && current.get() == null;
    } catch (Exception e) {
      return false;
    }
  }

  private static Execution execution() {
    MethodSpec spec =
        new MethodSpec(
            "T",
            "run",
            "()V",
            true,
            List.of(),
            new ExecutionSpec("agent", "", "", "", "", List.of()),
            null,
            null);
    MethodPlan plan =
        new MethodPlan(
            spec,
            CurrentExecutionsTest.class,
            new MethodSources(null, null, null, null, null),
            100);
    return new Execution(plan, null, null, null, 0, 1, 2, 3, 4, new UUID(5, 6), null, null);
  }
}
