package io.agentlog.it;

import io.agentlog.annotations.AgentExecution;
import io.agentlog.annotations.CorrelationId;
import io.agentlog.annotations.ProgressStage;
import io.agentlog.annotations.Prompt;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Scanner;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;

/**
 * Makes executions at a fixed rate until it is killed, and writes down the truth beside agentlog:
 * one plain {@code write()} of an intent before each call and of an acknowledgement after it, one
 * file a thread. Says {@code warm} once each thread has made some. With a rate of 0 it makes one
 * execution and waits for the end of its input.
 */
final class KillLoad {
  static final String AGENT = "kill-load";
  static final int PROMPT_LENGTH = 1024;
  private static final int THREADS = 4;
  private static final int WARM_AFTER = 50;

  private KillLoad() {}

  @AgentExecution(AGENT)
  static int handle(@Prompt String prompt, @CorrelationId UUID id) {
    return read(prompt) + answer(prompt);
  }

  @ProgressStage(value = "read", percent = 50)
  static int read(String prompt) {
    return prompt.length();
  }

  @ProgressStage(value = "answer", percent = 90)
  static int answer(String prompt) {
    return prompt.hashCode();
  }

  @AgentExecution("kill-load-idle")
  static int idle(@Prompt String prompt) {
    return prompt.length();
  }

  /** What the prompt of an execution has to be. */
  static String prompt(UUID id) {
    String text = id.toString();
    return text.repeat(PROMPT_LENGTH / text.length() + 1).substring(0, PROMPT_LENGTH);
  }

  public static void main(String[] arguments) throws Exception {
    String truth = arguments[0];
    int rate = Integer.parseInt(arguments[1]);
    idle("first");
    if (rate > 0) {
      CountDownLatch warm = new CountDownLatch(THREADS);
      for (int i = 0; i < THREADS; i++) {
        String file = truth + "-" + i;
        Thread thread = new Thread(() -> run(file, rate / THREADS, warm));
        thread.setDaemon(true);
        thread.start();
      }
      warm.await();
    }
    System.out.println("warm");
    try (Scanner in = new Scanner(System.in, StandardCharsets.UTF_8)) {
      while (in.hasNextLine()) {
        in.nextLine();
      }
    }
  }

  private static void run(String file, int perSecond, CountDownLatch warm) {
    long interval = 1_000_000_000L / perSecond;
    long due = System.nanoTime();
    try (FileOutputStream truth = new FileOutputStream(file)) {
      for (int count = 1; ; count++) {
        UUID id = UUID.randomUUID();
        String prompt = prompt(id);
        truth.write(("I" + id + "\n").getBytes(StandardCharsets.US_ASCII));
        handle(prompt, id);
        truth.write(("A" + id + "\n").getBytes(StandardCharsets.US_ASCII));
        if (count == WARM_AFTER) {
          warm.countDown();
        }
        due += interval;
        long wait = due - System.nanoTime();
        if (wait > 0) {
          LockSupport.parkNanos(wait);
        }
      }
    } catch (IOException e) {
      throw new IllegalStateException("the truth can't be written", e);
    }
  }
}
