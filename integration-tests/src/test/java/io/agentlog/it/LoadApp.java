package io.agentlog.it;

import io.agentlog.annotations.AgentExecution;
import io.agentlog.annotations.ProgressStage;
import java.nio.charset.StandardCharsets;
import java.util.Scanner;
import java.util.concurrent.CountDownLatch;

/**
 * An application that works when it is told to, one command a line on its standard input: {@code
 * run N} makes N executions and answers {@code ran N}; {@code hostile} makes one whose prompt means
 * harm to whoever shows it; {@code hang} starts one that does not end, on a thread of its own;
 * {@code exit} calls {@code System.exit(3)} within one; {@code threads} lists those of the agent;
 * {@code drivers} lists what {@code DriverManager} sees; the end of input ends it.
 */
final class LoadApp {
  /**
   * Markup, an end of a statement, a forged line, a terminal's escape, text that runs backwards.
   */
  static final String HOSTILE =
      "<script>alert('x')</script>'; DROP TABLE x; --\r\n[agentlog] forged\u001b[2J\u202eevil";

  private LoadApp() {}

  @AgentExecution("load")
  static int work(String prompt, int number) {
    half(number);
    return number;
  }

  @ProgressStage(value = "half", percent = 50)
  static void half(int number) {}

  @AgentExecution("hanging")
  static void hang() throws InterruptedException {
    System.out.println("hanging");
    new CountDownLatch(1).await(); // Until the JVM ends.
  }

  @AgentExecution("exiting")
  static void exit() {
    System.exit(3);
  }

  @AgentExecution("halting")
  static void halt() {
    half(0);
    Runtime.getRuntime().halt(4);
  }

  public static void main(String[] arguments) {
    work("first", 0);
    System.out.println("ready");
    try (Scanner in = new Scanner(System.in, StandardCharsets.UTF_8)) {
      while (in.hasNextLine()) {
        obey(in.nextLine().split(" ", 2));
      }
    }
  }

  private static void obey(String[] command) {
    switch (command[0]) {
      case "run" -> {
        int count = Integer.parseInt(command[1]);
        for (int i = 0; i < count; i++) {
          work("prompt " + i, i);
        }
        System.out.println("ran " + count);
      }
      case "hostile" -> {
        work(HOSTILE, 0);
        System.out.println("done");
      }
      case "hang" -> {
        Thread thread =
            new Thread(
                () -> {
                  try {
                    hang();
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                });
        thread.setDaemon(true);
        thread.start();
      }
      case "exit" -> exit();
      case "halt" -> halt();
      case "threads" ->
          System.out.println(
              "threads "
                  + Thread.getAllStackTraces().keySet().stream()
                      .map(Thread::getName)
                      .filter(name -> name.startsWith("agentlog"))
                      .sorted()
                      .toList());
      case "drivers" ->
          System.out.println(
              "drivers "
                  + java.sql.DriverManager.drivers()
                      .map(
                          driver ->
                              driver.getClass().getName()
                                  + "@"
                                  + driver.getClass().getClassLoader().getClass().getSimpleName())
                      .sorted()
                      .toList());
      default -> System.out.println("unknown " + command[0]);
    }
  }
}
