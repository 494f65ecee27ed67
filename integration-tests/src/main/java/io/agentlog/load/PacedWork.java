package io.agentlog.load;

import io.agentlog.annotations.AgentExecution;
import io.agentlog.annotations.CorrelationId;
import io.agentlog.annotations.ProgressStage;
import io.agentlog.annotations.Prompt;
import java.io.IOException;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * An application that makes executions at a fixed rate on four threads until its input ends, then
 * prints {@code made N} and when the longest call was. The correlation ID holds the number, and the
 * prompt repeats the correlation ID.
 */
final class PacedWork {
  static final String MADE = "made ";
  static final int PROMPT_LENGTH = 1024;
  private static final int THREADS = 4;
  private static final long ID_MARK = 0x5061_6365_6400_0000L;

  private PacedWork() {}

  @AgentExecution("paced-work")
  static int handle(@Prompt String prompt, @CorrelationId UUID id) {
    return read(prompt) + answer(id);
  }

  @ProgressStage(value = "read", percent = 50)
  static int read(String prompt) {
    return prompt.length();
  }

  @ProgressStage(value = "answer", percent = 90)
  static int answer(UUID id) {
    return (int) id.getLeastSignificantBits();
  }

  /** Takes the executions a second. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    long interval = 1_000_000_000L * THREADS / Integer.parseInt(arguments[0]);
    AtomicLong next = new AtomicLong();
    AtomicLong longest = new AtomicLong();
    AtomicBoolean stop = new AtomicBoolean();
    Thread[] threads = new Thread[THREADS];
    for (int i = 0; i < THREADS; i++) {
      threads[i] = new Thread(() -> run(interval, next, longest, stop), "work-" + i);
      threads[i].start();
    }
    while (System.in.read() >= 0) {
      // Lines have no meaning; only the end of the input has.
    }
    stop.set(true);
    for (Thread thread : threads) {
      thread.join();
    }
    System.out.println(MADE + next.get() + ", longest call " + longest.get() / 1_000 + " us");
  }

  private static void run(long interval, AtomicLong next, AtomicLong longest, AtomicBoolean stop) {
    long due = System.nanoTime();
    while (!stop.get()) {
      UUID id = new UUID(ID_MARK, next.getAndIncrement());
      String prompt = promptOf(id);
      long begin = System.nanoTime();
      handle(prompt, id);
      longest.accumulateAndGet(System.nanoTime() - begin, Math::max);
      due += interval;
      for (long wait = due - System.nanoTime(); wait > 0; wait = due - System.nanoTime()) {
        LockSupport.parkNanos(wait);
      }
    }
  }

  private static String promptOf(UUID id) {
    String text = id.toString();
    return text.repeat(PROMPT_LENGTH / text.length() + 1).substring(0, PROMPT_LENGTH);
  }
}
