package io.agentlog.agent.instrumentation.rules;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.agentlog.config.Problems;
import java.util.ArrayList;
import java.util.List;

/** Reads rules from text in a test, as if it were {@code rules.yaml}. */
public final class RulesText {
  private RulesText() {}

  /** Reads rules and asserts that there is no problem. */
  public static Rules of(String yaml) {
    List<String> lines = new ArrayList<>();
    Rules rules = read(yaml, lines);
    if (!lines.isEmpty()) {
      throw new IllegalArgumentException(String.join("\n", lines));
    }
    return rules;
  }

  static Rules read(String yaml, List<String> lines) {
    Problems problems = new Problems("the rules file");
    Rules rules = RulesFile.read("rules.yaml", yaml.getBytes(UTF_8), problems);
    lines.addAll(problems.lines());
    return rules;
  }
}
