package io.agentlog.connect;

import io.agentlog.annotations.AgentExecution;
import io.agentlog.annotations.CorrelationId;
import io.agentlog.annotations.ProgressStage;
import io.agentlog.annotations.Prompt;
import io.agentlog.annotations.QualityScore;
import io.agentlog.annotations.RoutingDecision;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Scanner;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;

/**
 * An application of a fleet, which works when it is told to, one command a line on its standard
 * input: {@code load RATE} makes so many executions a second until {@code stop}, which answers
 * {@code stopped N} with the number made; {@code run N} makes N and answers {@code ran N}; {@code
 * refused} makes one of another agent; {@code hang} begins one that does not end. The end of input
 * ends it.
 *
 * <p>It writes down the truth beside agentlog, in the file named by its argument: a line with
 * {@code I} and the correlation ID before each execution of {@link #AGENT}, one with {@code A}
 * after it.
 */
final class FleetApp {
  static final String AGENT = "fleet-agent";
  static final String REFUSED_AGENT = "refused-agent";

  /** Stages and decisions of one execution of {@link #AGENT}. */
  static final int STAGES = 2;

  /** Part of each prompt, by which a prompt is found where none should be. */
  static final String SECRET = "secret-of-a-prompt";

  private static final int PROMPT_LENGTH = 1_024;

  private FleetApp() {}

  record Answer(String agent, double confidence, @QualityScore double quality) {}

  @AgentExecution(
      value = AGENT,
      metadata = {"chosen=result.agent", "length=arg0.length"})
  static Answer handle(@Prompt String prompt, @CorrelationId UUID id) {
    read(prompt);
    if (fails(id)) {
      throw new IllegalStateException("no capacity for " + id);
    }
    if (isCancelled(id)) {
      throw new CancellationException("the user went away");
    }
    return decide(prompt);
  }

  @ProgressStage(value = "read", percent = 25, metadata = "length=arg0.length")
  static int read(String prompt) {
    return prompt.length();
  }

  @ProgressStage(value = "decided", percent = 90)
  @RoutingDecision
  static Answer decide(String prompt) {
    return new Answer("worker-" + prompt.length() % 3, 0.75, 0.5);
  }

  @AgentExecution(REFUSED_AGENT)
  static int refused(@Prompt String prompt) {
    return read(prompt);
  }

  @AgentExecution("hanging-agent")
  static void hang(@Prompt String prompt) throws InterruptedException {
    read(prompt);
    System.out.println("hanging");
    new CountDownLatch(1).await(); // Until the JVM ends.
  }

  /** One in 16 fails. */
  static boolean fails(UUID id) {
    return (id.getLeastSignificantBits() & 15) == 0;
  }

  /** One in 16 is cancelled. */
  static boolean isCancelled(UUID id) {
    return (id.getLeastSignificantBits() & 15) == 1;
  }

  /** What the prompt of an execution has to be. */
  static String prompt(UUID id) {
    String text = SECRET + " \"\u00e4\u4e2d\ud83d\ude00\" " + id + "\n";
    return text.repeat(PROMPT_LENGTH / text.length() + 1).substring(0, PROMPT_LENGTH);
  }

  public static void main(String[] arguments) throws Exception {
    try (FileOutputStream truth = new FileOutputStream(arguments[0], true);
        Scanner in = new Scanner(System.in, StandardCharsets.UTF_8)) {
      execute(truth);
      System.out.println("ready");
      Load load = new Load(truth, 1);
      while (in.hasNextLine()) {
        String[] command = in.nextLine().split(" ", 2);
        switch (command[0]) {
          case "load" -> {
            load = new Load(truth, Integer.parseInt(command[1]));
            load.start();
          }
          case "stop" -> System.out.println("stopped " + load.end());
          case "run" -> {
            int count = Integer.parseInt(command[1]);
            for (int i = 0; i < count; i++) {
              execute(truth);
            }
            System.out.println("ran " + count);
          }
          case "refused" -> {
            refused(prompt(UUID.randomUUID()));
            System.out.println("refused");
          }
          case "hang" -> hangOnAThread();
          default -> System.out.println("unknown " + command[0]);
        }
      }
    }
  }

  private static void execute(FileOutputStream truth) throws IOException {
    UUID id = UUID.randomUUID();
    truth.write(("I" + id + "\n").getBytes(StandardCharsets.US_ASCII));
    try {
      handle(prompt(id), id);
    } catch (IllegalStateException expected) { // Also the CancellationException.
      if (!fails(id) && !isCancelled(id)) {
        throw expected;
      }
    }
    truth.write(("A" + id + "\n").getBytes(StandardCharsets.US_ASCII));
  }

  private static void hangOnAThread() {
    Thread thread =
        new Thread(
            () -> {
              try {
                hang(prompt(UUID.randomUUID()));
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    thread.setDaemon(true);
    thread.start();
  }

  private static final class Load extends Thread {
    private final FileOutputStream truth;
    private final long interval;
    private volatile boolean ended;
    private long made;

    Load(FileOutputStream truth, int perSecond) {
      this.truth = truth;
      this.interval = 1_000_000_000L / perSecond;
      setDaemon(true);
    }

    long end() throws InterruptedException {
      ended = true;
      join();
      return made;
    }

    @Override
    public void run() {
      long due = System.nanoTime();
      try {
        while (!ended) {
          execute(truth);
          made++;
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
}
