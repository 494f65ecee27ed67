package io.agentlog.threads;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DutyThreadTest {
  private static final long LONG_NANOS = TimeUnit.HOURS.toNanos(1);
  private static final long WAIT_NANOS = TimeUnit.SECONDS.toNanos(20);

  private final TestDuty duty = new TestDuty();
  private final DutyThread thread = new DutyThread("agentlog-test", duty);

  @AfterEach
  void stop() throws InterruptedException {
    thread.requestStop();
    assertThat(thread.awaitEnd(WAIT_NANOS)).isTrue();
  }

  @Test
  void turnsFollowAtOnceWhileThereIsWorkThenTheThreadWaits() throws InterruptedException {
    duty.workLeft.set(1_000);
    assertThat(thread.isStarted()).isFalse();
    thread.start();
    assertThat(thread.isStarted()).isTrue();
    duty.awaitTurns(1_001);
    awaitWaiting();
    assertThat(duty.turns).as("the idle time is an hour").hasValue(1_001);
  }

  @Test
  void threadIsADaemonWithItsNameAndWithoutTheApplicationsLoader() {
    thread.start();
    duty.awaitTurns(1);
    Thread seen = duty.thread();
    assertThat(seen.getName()).isEqualTo("agentlog-test");
    assertThat(seen.isDaemon()).isTrue();
    assertThat(seen.getContextClassLoader()).isSameAs(DutyThread.class.getClassLoader());
  }

  @Test
  void wakeUpEndsTheWait() {
    thread.start();
    for (int turn = 1; turn <= 100; turn++) {
      duty.awaitTurns(turn);
      thread.wakeUp();
    }
    duty.awaitTurns(101);
  }

  @Test
  void wakeUpDoesNotShortenTheWaitAfterATurnThatThrew() {
    long startNanos = System.nanoTime();
    duty.inTurn =
        () -> {
          thread.wakeUp();
          throw new OutOfMemoryError("planted");
        };
    thread.start();
    duty.awaitTurns(4);
    assertThat(System.nanoTime() - startNanos).isGreaterThanOrEqualTo(3 * 100_000_000L);
  }

  @Test
  void wakeUpDuringATurnIsNotLost() {
    duty.inTurn = thread::wakeUp;
    thread.start();
    duty.awaitTurns(50);
  }

  @Test
  void stopEndsTheWaitAndTheEndIsReportedOnce() throws InterruptedException {
    thread.start();
    duty.awaitTurns(1);
    awaitWaiting();
    assertThat(thread.awaitEnd(1)).isFalse();
    assertThat(thread.isStopRequested()).isFalse();
    thread.requestStop();
    assertThat(thread.isStopRequested()).isTrue();
    assertThat(thread.awaitEnd(WAIT_NANOS)).isTrue();
    assertThat(duty.turns).hasValue(1);
    assertThat(duty.starts).hasValue(1);
    assertThat(duty.ends).hasValue(1);
  }

  @Test
  void stopBeforeTheStartLeavesNoTurn() throws InterruptedException {
    assertThat(thread.awaitEnd(WAIT_NANOS)).as("does not wait for it").isTrue();
    thread.requestStop();
    thread.start();
    assertThat(thread.awaitEnd(WAIT_NANOS)).isTrue();
    assertThat(duty.turns).hasValue(0);
    assertThat(duty.ends).hasValue(1);
  }

  @Test
  void loopSurvivesWhatATurnThrowsAndWhatItsHandlerThrows() {
    duty.idleNanos = 1;
    duty.thrown = new OutOfMemoryError("of the turn");
    thread.start();
    duty.awaitTurns(3);
    assertThat(duty.failures.get()).isGreaterThanOrEqualTo(2);
    duty.thrownByHandler = new OutOfMemoryError("there is none for a line either");
    duty.awaitTurns(duty.turns.get() + 3);
    duty.thrownByIdle = new IllegalStateException("no idea");
    duty.awaitTurns(duty.turns.get() + 3);
    assertThat(duty.ends).hasValue(0);
  }

  @Test
  void turnThatThrewIsFollowedByAWaitAlthoughTheDutyWantsNone() throws InterruptedException {
    duty.idleNanos = 0;
    duty.thrown = new OutOfMemoryError("of the turn");
    thread.start();
    duty.awaitTurns(4);
    awaitWaiting(); // Never, if the loop went on at once.
  }

  @Test
  void turnThatThrewIsFollowedByTheIdleTime() throws InterruptedException {
    duty.thrown = new IllegalStateException();
    thread.start();
    duty.awaitTurns(1);
    awaitWaiting();
    assertThat(duty.turns).hasValue(1);
  }

  @Test
  void interruptEndsNeitherTheThreadNorItsWait() throws InterruptedException {
    duty.inTurn = () -> Thread.currentThread().interrupt();
    thread.start();
    duty.awaitTurns(1);
    awaitWaiting();
    duty.thread().interrupt();
    awaitWaiting();
    assertThat(duty.turns).hasValue(1);
  }

  @Test
  void failureOfTheStartEndsTheThread() throws InterruptedException {
    duty.thrownByStart = new IllegalStateException();
    thread.start();
    assertThat(thread.awaitEnd(WAIT_NANOS)).isTrue();
    assertThat(duty.turns).hasValue(0);
    assertThat(duty.ends).hasValue(1);
  }

  private void awaitWaiting() throws InterruptedException {
    long end = System.nanoTime() + WAIT_NANOS;
    while (duty.thread().getState() != Thread.State.TIMED_WAITING
        || duty.thread().isInterrupted()) {
      assertThat(System.nanoTime() - end).as("never waits").isNegative();
      TimeUnit.MILLISECONDS.sleep(1);
    }
  }

  private static final class TestDuty implements DutyThread.Duty {
    final AtomicInteger starts = new AtomicInteger();
    final AtomicInteger turns = new AtomicInteger();
    final AtomicInteger failures = new AtomicInteger();
    final AtomicInteger ends = new AtomicInteger();
    private final CountDownLatch began = new CountDownLatch(1);
    private volatile Thread thread;
    volatile long idleNanos = LONG_NANOS;
    final AtomicInteger workLeft = new AtomicInteger();
    volatile Runnable inTurn = () -> {};
    volatile Throwable thrown;
    volatile Error thrownByHandler;
    volatile RuntimeException thrownByIdle;
    volatile RuntimeException thrownByStart;

    @Override
    public void onStart() {
      starts.incrementAndGet();
      thread = Thread.currentThread();
      began.countDown();
      if (thrownByStart != null) {
        throw thrownByStart;
      }
    }

    @Override
    public int doWork() throws Exception {
      turns.incrementAndGet();
      inTurn.run();
      if (thrown instanceof Error error) {
        throw error;
      }
      if (thrown instanceof Exception exception) {
        throw exception;
      }
      return Math.max(0, workLeft.getAndDecrement());
    }

    @Override
    public long idleNanos(int done) {
      if (thrownByIdle != null) {
        throw thrownByIdle;
      }
      return done > 0 ? 0 : idleNanos;
    }

    @Override
    public void failed(Throwable t) {
      failures.incrementAndGet();
      if (thrownByHandler != null) {
        throw thrownByHandler;
      }
    }

    @Override
    public void onEnd() {
      ends.incrementAndGet();
    }

    Thread thread() {
      try {
        began.await();
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
      return thread;
    }

    void awaitTurns(int count) {
      long end = System.nanoTime() + WAIT_NANOS;
      while (turns.get() < count) {
        assertThat(System.nanoTime() - end).as("%d of %d turns", turns.get(), count).isNegative();
        Thread.onSpinWait();
      }
    }
  }
}
