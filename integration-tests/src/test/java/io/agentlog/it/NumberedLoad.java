package io.agentlog.it;

import io.agentlog.annotations.AgentExecution;
import io.agentlog.annotations.CorrelationId;
import io.agentlog.annotations.ProgressStage;
import io.agentlog.annotations.Prompt;
import java.nio.charset.StandardCharsets;
import java.util.Scanner;
import java.util.UUID;

/**
 * An application that makes executions when it is told to, a number a line on its standard input,
 * and answers {@code made N}: how many it has made in all. The n-th has a correlation ID that tells
 * n, so that nobody has to write down what there has to be. The end of input ends it.
 */
final class NumberedLoad {
  static final String AGENT = "numbered-load";

  /** Of one execution: started, two stages, completed. */
  static final int EVENTS = 4;

  private static final long ID_MARK = 0x4e75_6d62_6572_0000L;

  private NumberedLoad() {}

  static UUID id(long number) {
    return new UUID(ID_MARK, number);
  }

  @AgentExecution(AGENT)
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

  public static void main(String[] arguments) {
    long made = 0;
    System.out.println("ready");
    try (Scanner in = new Scanner(System.in, StandardCharsets.UTF_8)) {
      while (in.hasNextLine()) {
        int count = Integer.parseInt(in.nextLine());
        for (int i = 0; i < count; i++) {
          UUID id = id(made++);
          String prompt = KillLoad.prompt(id);
          if (handle(prompt, id) != prompt.length() + (int) id.getLeastSignificantBits()) {
            throw new IllegalStateException("another result for " + id);
          }
        }
        System.out.println("made " + made);
      }
    }
  }
}
