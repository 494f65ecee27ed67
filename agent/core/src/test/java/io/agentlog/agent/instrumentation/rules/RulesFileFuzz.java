package io.agentlog.agent.instrumentation.rules;

import io.agentlog.config.Problems;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A fuzzer's target: no content of a rules file causes an exception, and each problem is one
 * printable line.
 */
public final class RulesFileFuzz {
  private static final int LINE_LENGTH_MAX = 2_000;

  private RulesFileFuzz() {}

  /** Reads one input; the fuzzer calls this repeatedly. */
  public static void fuzzerTestOneInput(byte[] input) {
    Problems problems = new Problems("the rules file");
    Rules rules = RulesFile.read("rules.yaml", input, problems);
    if (rules == null) {
      throw new AssertionError("no rules");
    }
    for (String line : problems.lines()) {
      if (line.isEmpty() || line.length() > LINE_LENGTH_MAX || line.indexOf('\n') >= 0) {
        throw new AssertionError("not a line: " + line);
      }
    }
  }

  static List<byte[]> seeds() {
    return List.of(
        """
        executions:
          - method: com.acme.Router#route(String, ..)
            agent: router
            prompt: arg0
            correlation-id: request.headers['x-id']
            metadata:
              tenant: request.tenant
        stages:
          - {method: "com.acme.*#think", stage: think, percent: 50}
        decisions:
          - method: com.acme.Router#decide
            selected: result.name
        """
            .getBytes(StandardCharsets.UTF_8),
        "a: &x [*x, !!int 1, |\n  text\n]".getBytes(StandardCharsets.UTF_8),
        "? {a: b}\n: - c\n---\n...".getBytes(StandardCharsets.UTF_8));
  }
}
