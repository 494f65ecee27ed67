package io.agentlog.benchmarks;

import java.util.Arrays;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * A new JVM that makes calls at a fixed rate without warm-up. {@link Paced} starts it and reads the
 * line that it prints.
 */
final class PacedApp {
  /** Starts the line of figures: calls, whether traced, microseconds; see {@link #percentiles}. */
  static final String RESULT = "paced ";

  /** Time before the first call, in which a young JVM starts its threads. */
  private static final long START_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private static final int CORRELATION_IDS = 1_024;

  private final AnnotatedExecution annotated = new AnnotatedExecution();
  private final Execution execution;
  private final AtomicInteger result = new AtomicInteger();
  private final String prompt;
  private final UUID[] correlationIds = new UUID[CORRELATION_IDS];

  private PacedApp(int promptBytes, Execution execution) {
    this.execution = execution;
    prompt = Prompts.of(promptBytes);
    Arrays.setAll(correlationIds, i -> UUID.randomUUID());
  }

  /**
   * Takes the calls a second of all threads, the seconds, the threads, the bytes of the prompt, and
   * optionally the milliseconds that an execution lasts; by default an execution ends with its
   * call.
   */
  public static void main(String[] arguments) throws InterruptedException {
    int rate = Integer.parseInt(arguments[0]);
    int seconds = Integer.parseInt(arguments[1]);
    int threadCount = Integer.parseInt(arguments[2]);
    HeldExecution held =
        arguments.length > 4 ? new HeldExecution(Long.parseLong(arguments[4])) : null;
    PacedApp app =
        new PacedApp(
            Integer.parseInt(arguments[3]), held == null ? new AnnotatedExecution() : held);

    int callsPerThread = rate * seconds / threadCount;
    long intervalNanos = TimeUnit.SECONDS.toNanos(threadCount) / rate;
    long[][] call = new long[threadCount][callsPerThread];
    long[][] response = new long[threadCount][callsPerThread];
    CountDownLatch done = new CountDownLatch(threadCount);
    long begin = System.nanoTime() + START_NANOS;
    for (int t = 0; t < threadCount; t++) {
      int number = t;
      long first = begin + intervalNanos * t / threadCount; // The threads take turns.
      new Thread(
              () -> {
                app.run(first, intervalNanos, call[number], response[number]);
                done.countDown();
              },
              "caller-" + t)
          .start();
    }
    done.await();
    long nanos = System.nanoTime() - begin;
    boolean traced = app.annotated.isTraced();
    if (held != null) {
      held.awaitAll();
    }
    System.out.println(
        String.format(
            Locale.ROOT,
            "%s%d %b %.0f %s %s",
            RESULT,
            callsPerThread * threadCount,
            traced,
            (double) callsPerThread * threadCount * TimeUnit.SECONDS.toNanos(1) / nanos,
            percentiles(call),
            percentiles(response)));
    if (app.result.get() == 0) {
      System.out.println("the calls were not made"); // Keeps the calls from being optimised away.
    }
  }

  /**
   * Makes each call when it is due, or at once if it is late.
   *
   * @param callNanos receives the duration of each call
   * @param responseNanos receives the time from each call's due time to its end
   */
  private void run(long first, long intervalNanos, long[] callNanos, long[] responseNanos) {
    int sum = 0;
    long due = first;
    for (int i = 0; i < callNanos.length; i++) {
      long now = System.nanoTime();
      while (now < due) {
        LockSupport.parkNanos(this, due - now);
        now = System.nanoTime();
      }
      sum += execution.run(prompt, correlationIds[i % CORRELATION_IDS]);
      long end = System.nanoTime();
      callNanos[i] = end - now;
      responseNanos[i] = end - due;
      due += intervalNanos;
    }
    result.addAndGet(sum);
  }

  /** The median, 99 %, 99.9 % and the greatest, in microseconds. */
  private static String percentiles(long[][] nanos) {
    Percentiles all = new Percentiles(Arrays.stream(nanos).flatMapToLong(Arrays::stream).toArray());
    return String.format(
        Locale.ROOT,
        "%.3f %.3f %.3f %.3f",
        all.at(50) / 1e3,
        all.at(99) / 1e3,
        all.at(99.9) / 1e3,
        all.at(100) / 1e3);
  }
}
