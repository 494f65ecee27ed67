package io.agentlog.benchmarks;

import io.agentlog.annotations.AgentExecution;
import io.opentelemetry.instrumentation.annotations.WithSpan;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RecursiveTask;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Question: what do a submit, a fork and the start of a thread cost in a JVM in which an execution
 * has run, outside of one and inside?
 *
 * <p>Method: {@code submit} gives a task to an executor whose only worker is held, takes it out of
 * the queue and runs it: making, queueing and running a task, without the wait for another thread.
 * {@code call} starts a thread that has ended already: the caller pays for all of a start until the
 * JDK refuses with an exception, whose stack {@link HandOn} has turned off. A real thread would
 * cost tens of microseconds, whose noise hides nanoseconds. {@code start} starts a thread that does
 * nothing and joins it. {@code fork} makes a tree of {@value #FORKS} tasks in a pool of one worker,
 * each of which forks one half, computes the other and joins, so no task is stolen. {@code
 * forkInside} and {@code submitInside} do the same {@value #FORKS} times within an execution, and
 * include their share of it. {@link HandOn} runs them without an agent and with each.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 10, time = 1)
@Fork(3)
@State(Scope.Thread)
public class HandOnBenchmark {
  private static final int DEPTH = 14;

  /** Forks of a tree: one for each task that has halves. */
  static final int FORKS = (1 << DEPTH) - 1;

  private final ForkJoinPool forks = new ForkJoinPool(1);

  private final ThreadPoolExecutor executor =
      new ThreadPoolExecutor(
          1, 1, 1, TimeUnit.MINUTES, new LinkedBlockingQueue<>(), HeldThread::new);

  /** The executor's worker, which never starts. */
  private static final class HeldThread extends Thread {
    HeldThread(Runnable worker) {
      super(worker);
    }

    @Override
    public void run() {
      // Does not run the worker's loop, so submitted tasks stay in the queue.
    }

    @Override
    public void start() {
      // Does not start.
    }
  }

  /** Adds the leaves below it. */
  private static final class Tree extends RecursiveTask<Integer> {
    private static final long serialVersionUID = 1;

    private final int depth;

    Tree(int depth) {
      this.depth = depth;
    }

    @Override
    protected Integer compute() {
      if (depth == 0) {
        return 1;
      }
      ForkJoinTask<Integer> half = new Tree(depth - 1).fork();
      return new Tree(depth - 1).compute() + half.join();
    }
  }

  private final Thread ended = new Thread(() -> {});

  /** Runs an execution, so that every class is woven. */
  @Setup
  public void runExecution() throws InterruptedException {
    new AnnotatedExecution().run("a prompt of some letters", new UUID(1, 2));
    executor.prestartCoreThread();
    ended.start();
    ended.join();
  }

  @TearDown
  public void shutDown() {
    forks.shutdown();
  }

  @Benchmark
  @OperationsPerInvocation(FORKS)
  public Integer fork() {
    return forks.invoke(new Tree(DEPTH));
  }

  @Benchmark
  @OperationsPerInvocation(FORKS)
  @AgentExecution("hand-on")
  @WithSpan
  public Integer forkInside() {
    return forks.invoke(new Tree(DEPTH));
  }

  @Benchmark
  @OperationsPerInvocation(FORKS)
  @AgentExecution("hand-on")
  @WithSpan
  public int submitInside() throws ExecutionException, InterruptedException {
    int sum = 0;
    for (int i = 0; i < FORKS; i++) {
      sum += submit();
    }
    return sum;
  }

  @Benchmark
  public Integer submit() throws ExecutionException, InterruptedException {
    Future<Integer> future = executor.submit(() -> 1);
    executor.getQueue().remove().run();
    return future.get();
  }

  @Benchmark
  public boolean call() {
    try {
      ended.start();
      return true;
    } catch (IllegalThreadStateException e) {
      return false;
    }
  }

  @Benchmark
  public void start() throws InterruptedException {
    Thread thread = new Thread(() -> {});
    thread.start();
    thread.join();
  }
}
