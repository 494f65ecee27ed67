package io.agentlog.it;

import io.agentlog.annotations.AgentExecution;
import io.agentlog.annotations.CurrentExecution;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * An application that logs inside executions and outside; see {@link LogLinesIT}. Says before each
 * line what its context is to be.
 */
public final class LogLinesApp {
  private LogLinesApp() {}

  @AgentExecution("outer")
  static void outer(Runnable work) {
    work.run();
  }

  @AgentExecution("inner")
  static void inner(Logger log) {
    logInside(log, "nested", null);
  }

  /**
   * Logs outside and inside executions.
   *
   * @param arguments {@code early}: the log is there before the first execution; {@code late}: the
   *     first execution makes it, with its threads; {@code attached}: as early, and the first
   *     execution waits for a byte of input
   */
  public static void main(String[] arguments) throws Exception {
    if (!arguments[0].equals("late")) {
      LoggerFactory.getLogger("app").info("first");
      expect("first", "", "", "");
    }
    if (arguments[0].equals("attached")) {
      System.out.println("ready");
      System.in.read();
    }
    CountDownLatch logs = new CountDownLatch(1);
    CountDownLatch loggedElsewhere = new CountDownLatch(1);
    Thread thread = new Thread(() -> outer(() -> work(logs, loggedElsewhere)));
    thread.start();
    logs.await();
    Logger log = LoggerFactory.getLogger("app");
    expect("elsewhere", "", "", "");
    log.info("elsewhere");
    loggedElsewhere.countDown();
    thread.join();
    expect("after", "", "", "");
    log.info("after");
    System.out.println("mdc is " + MDC.getCopyOfContextMap());
    System.out.println("done");
    System.in.read(); // The log's own threads print the rest meanwhile.
  }

  private static void work(CountDownLatch logs, CountDownLatch loggedElsewhere) {
    Logger log = LoggerFactory.getLogger("app");
    logInside(log, "inside", null);
    logs.countDown();
    await(loggedElsewhere);
    inner(log);
    logInside(log, "inside again", null);
    ExecutorService pool = Executors.newFixedThreadPool(1);
    try {
      pool.submit(() -> logInside(log, "pool", null)).get();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
    pool.shutdown();
    MDC.put("user", "me");
    logInside(log, "with user", null);
    MDC.put("correlation_id", "own");
    logInside(log, "with own", "own");
    System.out.println("mdc is " + new java.util.TreeMap<>(MDC.getCopyOfContextMap()));
    MDC.put("agent_execution_id", "too");
    expect("with both", "too", "own", "me");
    log.info("with both");
    MDC.clear();
    logInside(log, "cleared", null);
    System.out.println("mdc is " + MDC.getCopyOfContextMap());
  }

  private static void logInside(Logger log, String text, String correlation) {
    UUID execution = CurrentExecution.executionId().orElseThrow();
    String own = CurrentExecution.correlationId().orElseThrow().toString();
    String user = MDC.get("user");
    expect(
        text,
        execution.toString(),
        correlation == null ? own : correlation,
        user == null ? "" : user);
    log.info(text);
  }

  private static void expect(String text, String execution, String correlation, String user) {
    System.out.println("expect " + text + "|" + execution + "|" + correlation + "|" + user);
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The application in a loader of its own, which sees nothing of the class path. */
  static final class Elsewhere {
    private Elsewhere() {}

    public static void main(String[] arguments) throws Exception {
      String[] files = arguments[0].split(java.io.File.pathSeparator, -1);
      java.net.URL[] urls = new java.net.URL[files.length];
      for (int i = 0; i < files.length; i++) {
        urls[i] = java.nio.file.Path.of(files[i]).toUri().toURL();
      }
      ClassLoader loader = new java.net.URLClassLoader(urls, ClassLoader.getPlatformClassLoader());
      Thread.currentThread().setContextClassLoader(loader);
      Class.forName("io.agentlog.it.LogLinesApp", true, loader)
          .getMethod("main", String[].class)
          .invoke(null, (Object) new String[] {arguments[1]});
    }
  }

  /** Loads a Logback without the method that is woven. */
  static final class OtherLogback {
    private OtherLogback() {}

    public static void main(String[] arguments) throws Exception {
      outer(() -> {});
      Class<?> event = Class.forName("ch.qos.logback.classic.spi.LoggingEvent");
      System.out.println(event.getConstructor().newInstance());
      while (System.in.read() >= 0) {
        // The test ends the input.
      }
      System.out.println("done");
    }
  }
}
