package io.agentlog.it;

import io.agentlog.annotations.AgentExecution;
import io.agentlog.annotations.Metadata;
import io.agentlog.annotations.Prompt;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** An application whose values are larger than any row should be; see {@link HugeValuesIT}. */
@SuppressWarnings("UnusedVariable") // Read by the agent.
final class HugeValuesApp {
  static final int PROMPT_CHARS = 100 << 20;
  private static final int LEVELS = 10_000;

  private HugeValuesApp() {}

  record Graph(@Prompt String kind, @Metadata("graph") Object root) {}

  @AgentExecution("huge")
  static int huge(String prompt) {
    return prompt.length();
  }

  @AgentExecution("graph")
  static void graph(Graph graph) {}

  public static void main(String[] args) throws IOException {
    huge("small");
    String prompt = "x".repeat(PROMPT_CHARS);
    if (huge(prompt) != PROMPT_CHARS) {
      throw new AssertionError("another prompt");
    }
    Map<String, Object> cyclic = new HashMap<>();
    cyclic.put("name", "loop");
    cyclic.put("self", cyclic);
    graph(new Graph("cyclic", cyclic));
    List<Object> deep = new ArrayList<>();
    List<Object> innermost = deep;
    for (int i = 0; i < LEVELS; i++) {
      List<Object> next = new ArrayList<>();
      innermost.add(next);
      innermost = next;
    }
    graph(new Graph("deep", deep));
    List<Object> wide = new ArrayList<>();
    for (int i = 0; i < LEVELS; i++) {
      wide.add(Map.of("i", i));
    }
    graph(new Graph("wide", wide));
    huge("small again");
    System.out.println("done");
    System.in.read();
  }
}
