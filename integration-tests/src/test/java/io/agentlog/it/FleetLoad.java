package io.agentlog.it;

import io.agentlog.annotations.AgentExecution;
import io.agentlog.annotations.CorrelationId;
import io.agentlog.annotations.CurrentExecution;
import io.agentlog.annotations.ProgressStage;
import io.agentlog.annotations.Prompt;
import io.agentlog.annotations.RoutingDecision;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Scanner;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;

/**
 * An application whose executions differ in all that an event can tell, one command a line on its
 * standard input: {@code run N} makes N outermost executions and answers {@code ran N}, {@code hang
 * N} starts N that don't end, each on a thread of its own, and answers {@code hanging N}. The end
 * of input ends it.
 */
@SuppressWarnings("UnusedVariable") // What looks unused is read by the agent.
final class FleetLoad {
  private FleetLoad() {}

  record Answer(
      String agent,
      double confidence,
      Map<String, Double> parts,
      List<Map<String, Object>> others) {}

  static class Router {
    @AgentExecution("fleet-router")
    void route(@Prompt String prompt, @CorrelationId String ticket, int number) {
      CurrentExecution.metadata("number", number);
      Answer answer = decide(number);
      CurrentExecution.metadata("chosen", answer.agent());
      if (number % 8 == 0) {
        decide(number + 1); // The row has the first decision.
      }
      new Worker().work(prompt, ticket, number);
    }

    @RoutingDecision(
        strategy = "result.agent",
        confidence = "result.confidence",
        alternatives = "result.others",
        components = "result.parts")
    Answer decide(int number) {
      return new Answer(
          "fleet-worker",
          number % 40 == 0 ? 17.5 : number / 10_000.0 + 0.000_05, // 17.5 is too large to keep.
          Map.of("trigger", 1 / 3.0, "context", 0.99995, "historical", -0.25),
          List.of(Map.of("agent", "planner", "confidence", 0.125)));
    }
  }

  static class Worker {
    @AgentExecution("fleet-worker")
    void work(@Prompt String prompt, @CorrelationId String ticket, int number) {
      CurrentExecution.metadata("number", number);
      if (number % 3 == 0) {
        CurrentExecution.metadata("ratio", number / 7.0);
        CurrentExecution.metadata("list", List.of(1, "two", true, List.of(0.5)));
        CurrentExecution.metadata("nested", Map.of("a", Map.of("b", number), "c", "d"));
        CurrentExecution.metadata("te\"xt", "quote \" slash / back \\ ü \ud83d\ude00\n\u0001");
        CurrentExecution.metadata("flag", number % 2 == 0);
      }
      for (int stage = 0; stage < number % 4; stage++) {
        CurrentExecution.metadata("at", stage);
        CurrentExecution.progress("stage " + stage, stage * 33);
      }
      checked(number);
      if (number % 5 == 0) {
        CurrentExecution.quality((number % 10_000) / 10_000.0 + 0.000_05); // Half a digit.
      }
      if (number % 10 == 3) {
        throw new IllegalStateException("no capacity for " + number + "\n\u001b[31m");
      }
      if (number % 17 == 0) {
        throw new CancellationException("user went away");
      }
    }

    @ProgressStage(value = "checked", percent = 99, metadata = "number=arg0")
    void checked(int number) {}

    @AgentExecution("fleet-hanging")
    void hang(@Prompt String prompt, CountDownLatch begun) throws InterruptedException {
      CurrentExecution.metadata("hangs", true);
      CurrentExecution.progress("waiting", 1);
      begun.countDown();
      new CountDownLatch(1).await(); // Until the JVM ends.
    }
  }

  public static void main(String[] arguments) throws InterruptedException {
    System.out.println("ready");
    try (Scanner in = new Scanner(System.in, StandardCharsets.UTF_8)) {
      while (in.hasNextLine()) {
        String[] command = in.nextLine().split(" ", 2);
        int count = Integer.parseInt(command[1]);
        if (command[0].equals("run")) {
          run(count);
          System.out.println("ran " + count);
        } else {
          hang(count);
          System.out.println("hanging " + count);
        }
      }
    }
  }

  private static void run(int count) {
    for (int number = 0; number < count; number++) {
      String prompt = number % 50 == 0 ? null : "prompt \"" + number + "\" ü\ud83d\ude00\\";
      String ticket = number % 2 == 0 ? "ticket-" + number / 3 : null;
      try {
        if (number % 4 == 0) {
          new Router().route(prompt, ticket, number);
        } else {
          new Worker().work(prompt, ticket, number);
        }
      } catch (IllegalStateException e) { // A CancellationException is one, too.
        // As it should be.
      }
    }
  }

  private static void hang(int count) throws InterruptedException {
    CountDownLatch begun = new CountDownLatch(count);
    for (int i = 0; i < count; i++) {
      Thread thread =
          new Thread(
              () -> {
                try {
                  new Worker().hang("hanging", begun);
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              });
      thread.setDaemon(true);
      thread.start();
    }
    begun.await();
  }
}
