package io.agentlog.insight.gate;

import io.agentlog.insight.page.Format;
import java.util.ArrayList;
import java.util.List;

/** The result as lines for people. */
public final class TextReport {
  private TextReport() {}

  /** Returns one line for each agent and each of its checks, then the notes. */
  public static List<String> lines(GateResult result) {
    List<String> lines = new ArrayList<>();
    lines.add("executions that started " + RowReader.between(result.window()));
    if (!result.baseline().isEmpty()) {
      lines.add("compared with " + result.baseline());
    }
    for (GateResult.OfAgent agent : result.agents()) {
      lines.add(Gate.shown(agent.agent()) + ": " + counts(agent));
      for (Check check : agent.checks()) {
        lines.add("  %-9s  %s".formatted(check.verdict(), check.line()));
      }
      if (agent.ended() < result.minCount() && agent.checks().isEmpty()) {
        lines.add(
            "  %-9s  %s"
                .formatted(
                    Verdict.UNDECIDED, AbsoluteChecks.tooFew(agent.ended(), result.minCount())));
      }
    }
    result.notes().forEach(note -> lines.add("note: " + note));
    return lines;
  }

  /** Returns how many executions an agent has, and which of them are not judged. */
  static String counts(GateResult.OfAgent agent) {
    String counts = Format.count(agent.ended()) + " ended";
    if (agent.provisional() > 0) {
      counts +=
          ", %s cut off by the end of their JVM and not judged"
              .formatted(Format.count(agent.provisional()));
    }
    if (agent.running() > 0) {
      counts += ", %s still running and not judged".formatted(Format.count(agent.running()));
    }
    return counts;
  }

  /** Returns the whole result in one line. */
  public static String summary(GateResult result) {
    long failed = count(result, Verdict.FAIL);
    long undecided = count(result, Verdict.UNDECIDED);
    long checks = result.agents().stream().mapToLong(agent -> agent.checks().size()).sum();
    return switch (result.verdict()) {
      case PASS -> "gate: pass (%s checks)".formatted(Format.count(checks));
      case FAIL ->
          "gate: fail (%s of %s checks failed)"
              .formatted(Format.count(failed), Format.count(checks));
      case UNDECIDED ->
          checks == 0
              ? "gate: undecided (nothing to judge)"
              : "gate: undecided (%s of %s checks undecided)"
                  .formatted(Format.count(undecided), Format.count(checks));
    };
  }

  private static long count(GateResult result, Verdict verdict) {
    return result.agents().stream()
        .flatMap(agent -> agent.checks().stream())
        .filter(check -> check.verdict() == verdict)
        .count();
  }
}
