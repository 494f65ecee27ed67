package io.agentlog.insight.pattern;

import io.agentlog.insight.pattern.Deviation.Slow;
import io.agentlog.insight.pattern.Deviation.Stopped;
import io.agentlog.insight.pattern.Deviation.Unexpected;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Compares executions with a declaration. Immutable. */
public final class StageCheck {
  private final StageExpression expression;
  private final boolean othersForbidden;
  private final boolean failedMayStop;
  private final List<TimeLimit> limits;

  /**
   * Makes a check.
   *
   * @param othersForbidden whether a stage that the declaration does not name is a deviation;
   *     otherwise it is left out
   * @param failedMayStop whether an execution without success may end before the declaration does
   */
  public StageCheck(
      StageExpression expression,
      boolean othersForbidden,
      boolean failedMayStop,
      List<TimeLimit> limits) {
    this.expression = expression;
    this.othersForbidden = othersForbidden;
    this.failedMayStop = failedMayStop;
    this.limits = List.copyOf(limits);
  }

  /**
   * Returns the first deviation of an execution; an exceeded time counts if the stages are as
   * declared. Takes time that is linear in the steps.
   *
   * @param steps in their order
   */
  public Verdict check(List<Step> steps, boolean succeeded) {
    Graph graph = expression.automaton().graph();
    Automaton.Run run = expression.automaton().run();
    @Nullable String last = null;
    for (int i = 0; i < steps.size(); i++) {
      String stage = steps.get(i).stage();
      Integer number = graph.number(stage);
      if (number == null && !othersForbidden) {
        continue;
      }
      if (number == null || !run.take(number)) {
        return new Verdict(new Unexpected(last, run.expected(), run.mayEnd(), stage), i);
      }
      last = stage;
    }
    if (!run.mayEnd() && !mayStop(succeeded)) {
      return new Verdict(new Stopped(last, run.expected()), steps.size());
    }
    return slowest(steps);
  }

  /**
   * Returns how much of an execution is as declared: the steps that are, of these and those that
   * are missing or too many. 1 if its stages are as declared, whatever time they took.
   *
   * @param steps in their order
   */
  public double share(List<Step> steps, boolean succeeded) {
    Graph graph = expression.automaton().graph();
    List<Integer> stages =
        steps.stream()
            .map(step -> graph.number(step.stage()))
            .map(number -> number == null ? Alignment.OTHER : number)
            .filter(number -> othersForbidden || number != Alignment.OTHER)
            .toList();
    return Alignment.share(expression.automaton(), stages, mayStop(succeeded));
  }

  private boolean mayStop(boolean succeeded) {
    return failedMayStop && !succeeded;
  }

  /** Returns the first step at which a limit was exceeded. */
  private Verdict slowest(List<Step> steps) {
    Verdict first = Verdict.MATCHES;
    for (TimeLimit limit : limits) {
      Verdict verdict = limit.from().equals(limit.to()) ? own(limit, steps) : between(limit, steps);
      if (!verdict.matches() && (first.matches() || verdict.step() < first.step())) {
        first = verdict;
      }
    }
    return first;
  }

  private static Verdict own(TimeLimit limit, List<Step> steps) {
    for (int i = 0; i < steps.size(); i++) {
      Step step = steps.get(i);
      if (step.stage().equals(limit.from())) {
        Verdict verdict = verdict(limit, step.begin(), step.end(), i);
        if (!verdict.matches()) {
          return verdict;
        }
      }
    }
    return Verdict.MATCHES;
  }

  private static Verdict between(TimeLimit limit, List<Step> steps) {
    @Nullable Instant from = null;
    for (int i = 0; i < steps.size(); i++) {
      Step step = steps.get(i);
      if (from == null && step.stage().equals(limit.from())) {
        from = step.begin();
      } else if (from != null && step.stage().equals(limit.to())) {
        Verdict verdict = verdict(limit, from, step.begin(), i);
        if (!verdict.matches()) {
          return verdict;
        }
        from = null;
      }
    }
    return Verdict.MATCHES;
  }

  private static Verdict verdict(
      TimeLimit limit, @Nullable Instant begin, @Nullable Instant end, int step) {
    if (begin == null || end == null) {
      return Verdict.MATCHES;
    }
    Duration took = Duration.between(begin, end);
    return took.compareTo(limit.max()) > 0
        ? new Verdict(new Slow(limit.from(), limit.to(), took, limit.max()), step)
        : Verdict.MATCHES;
  }
}
