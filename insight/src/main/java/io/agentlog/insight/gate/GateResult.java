package io.agentlog.insight.gate;

import io.agentlog.insight.page.Window;
import java.util.ArrayList;
import java.util.List;

/**
 * Findings of a run of the gate.
 *
 * @param window in which the executions started
 * @param baseline what they were compared with; empty for nothing
 * @param agents in the order of their names
 * @param notes what a person should know beside the checks
 */
public record GateResult(
    Window window, String baseline, int minCount, List<OfAgent> agents, List<String> notes) {
  /** The status of a run in which all checks pass. */
  public static final int PASSED = 0;

  /** The status of a run in which a check fails. */
  public static final int FAILED = 1;

  /** The status of a run that judged nothing, because it could not. */
  public static final int UNUSABLE = 2;

  /** The status of a run in which no check fails, and at least one is undecided. */
  public static final int UNDECIDED = 3;

  /**
   * One agent.
   *
   * @param ended executions that ended for good, of which alone its checks are
   * @param provisional executions that another JVM or the shutdown ended
   * @param running executions that still run
   */
  public record OfAgent(
      String agent,
      Verdict verdict,
      long ended,
      long provisional,
      long running,
      List<Check> checks) {
    /** Returns the same without a verdict. */
    OfAgent undecided() {
      return new OfAgent(agent, Verdict.UNDECIDED, ended, provisional, running, checks);
    }
  }

  /** Returns the same with another note. */
  GateResult with(String note) {
    List<String> more = new ArrayList<>(notes);
    more.add(note);
    return new GateResult(window, baseline, minCount, agents, more);
  }

  /** Returns the worst verdict on an agent; undecided if there is none. */
  public Verdict verdict() {
    return agents.stream().map(OfAgent::verdict).reduce(Verdict::and).orElse(Verdict.UNDECIDED);
  }

  /** Returns the status with which the process ends. */
  public int exitStatus() {
    return switch (verdict()) {
      case PASS -> PASSED;
      case FAIL -> FAILED;
      case UNDECIDED -> UNDECIDED;
    };
  }
}
