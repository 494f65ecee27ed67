package io.agentlog.insight.web;

import io.agentlog.log.AgentLog;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Threads on which the JDK's server reads requests and writes answers. A slow client holds one, so
 * there are many more than pages are made at a time, and a client that does not take its answer is
 * cut off. Thread-safe.
 */
final class PageThreads implements Executor, AutoCloseable {
  /** Connections that may be in the middle of a request or an answer; more wait. */
  static final int THREADS_MAX = 256;

  /** A client that has not taken its answer by then is cut off, in seconds. */
  static final int ANSWER_SECONDS_MAX = 30;

  private static final int IDLE_SECONDS = 30;
  private static final long WATCH_MILLIS = 5_000;

  private final ThreadPoolExecutor threads;
  private final Map<Thread, Long> answering = new ConcurrentHashMap<>();
  private final Thread watch;

  PageThreads(ThreadFactory factory) {
    threads =
        new ThreadPoolExecutor(
            THREADS_MAX,
            THREADS_MAX,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            factory);
    threads.allowCoreThreadTimeOut(true);
    watch = factory.newThread(this::watch);
  }

  void start() {
    watch.start();
  }

  @Override
  public void execute(Runnable task) {
    threads.execute(task);
  }

  /** Begins the time that the calling thread's client has for its answer. */
  void begin() {
    answering.put(Thread.currentThread(), System.nanoTime());
  }

  /** Ends that time. */
  void end() {
    answering.remove(Thread.currentThread());
    if (Thread.interrupted()) { // Cleared for the thread's next client.
      AgentLog.debug("http", "a client that did not take its answer was cut off");
    }
  }

  /** An interrupt closes the connection on which a thread waits to write. */
  private void watch() {
    try {
      while (true) {
        Thread.sleep(WATCH_MILLIS);
        long oldest = System.nanoTime() - TimeUnit.SECONDS.toNanos(ANSWER_SECONDS_MAX);
        answering
            .keySet()
            .forEach(
                thread -> answering.computeIfPresent(thread, (t, since) -> cut(t, since, oldest)));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // By close.
    }
  }

  private static long cut(Thread thread, long since, long oldest) {
    if (since - oldest < 0) {
      thread.interrupt();
    }
    return since;
  }

  @Override
  public void close() {
    watch.interrupt();
    threads.shutdownNow();
  }
}
