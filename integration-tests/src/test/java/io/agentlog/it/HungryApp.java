package io.agentlog.it;

import io.agentlog.annotations.AgentExecution;
import io.agentlog.annotations.CorrelationId;
import io.agentlog.annotations.ProgressStage;
import io.agentlog.annotations.Prompt;
import java.io.FileInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * An application that uses up all of something, and makes executions while there is none left. It
 * prints what its calls threw, which is to be nothing: they ask for nothing themselves. Argument:
 * {@code memory} or {@code files}.
 */
final class HungryApp {
  /** Few: without memory each takes up to two full collections for each of its objects. */
  static final int CALLS = 15;

  /** Of the execution that shows that all is well again. */
  static final UUID LAST = new UUID(3, 0);

  private static final int CHUNK = 4 * 1024;
  private static final int LEAST = 16;

  private HungryApp() {}

  @AgentExecution("hungry")
  static int handle(@Prompt String prompt, @CorrelationId UUID id) {
    return stage(prompt);
  }

  @ProgressStage(value = "stage", percent = 50)
  static int stage(String prompt) {
    return prompt.length();
  }

  public static void main(String[] arguments) throws IOException {
    String prompt = "what is left?".repeat(20);
    UUID[] ids = new UUID[CALLS];
    for (int i = 0; i < CALLS; i++) {
      ids[i] = new UUID(1, i);
    }
    String[] thrown = {"", ""};
    handle(prompt, new UUID(2, 0));
    System.out.println("ready");
    int ready = System.in.read();
    if (arguments[0].equals("memory")) {
      withoutMemory(prompt, ids, thrown);
    } else {
      withoutFiles(prompt, ids, thrown);
    }
    System.out.println("made " + CALLS + thrown[0] + thrown[1]);
    handle(prompt, LAST); // Now that there is enough again.
    while (ready >= 0) {
      ready = System.in.read();
    }
  }

  private static void withoutMemory(String prompt, UUID[] ids, String[] thrown) {
    Object[] last = null;
    for (int size = CHUNK; size >= LEAST; size /= 2) {
      try {
        while (true) {
          Object[] next = new Object[size];
          next[0] = last;
          last = next;
        }
      } catch (OutOfMemoryError e) {
        // But there may be room for something smaller.
      }
    }
    call(prompt, ids, thrown);
    if (last == ids) {
      System.out.println("never: it only has to be reachable until here");
    }
  }

  private static void withoutFiles(String prompt, UUID[] ids, String[] thrown) throws IOException {
    List<FileInputStream> open = new ArrayList<>();
    try {
      while (true) {
        open.add(new FileInputStream("/dev/null"));
      }
    } catch (IOException e) {
      // None is left.
    }
    call(prompt, ids, thrown);
    for (FileInputStream file : open) {
      file.close();
    }
  }

  private static void call(String prompt, UUID[] ids, String[] thrown) {
    for (UUID id : ids) {
      try {
        handle(prompt, id);
      } catch (Throwable t) {
        thrown[0] = ", thrown ";
        thrown[1] = t.getClass().getName();
      }
    }
  }
}
