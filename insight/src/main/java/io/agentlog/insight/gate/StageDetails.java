package io.agentlog.insight.gate;

import io.agentlog.insight.pattern.StageReport;
import io.agentlog.insight.pattern.Step;
import io.agentlog.insight.score.Assessment;
import io.agentlog.insight.score.Assessor;
import io.agentlog.insight.score.Ended;
import io.agentlog.insight.score.RuleVersion;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Figures of the stages of an agent's executions, and of the rules of a file. One thread. */
final class StageDetails {
  private final SortedMap<String, Numbers> micros = new TreeMap<>();
  private final SortedMap<String, Sum> autoScores = new TreeMap<>();
  private long assessed;
  private long violations;
  private long leftOut;

  private static final class Sum {
    private long n;
    private long sum;
    private double squares;
  }

  /**
   * Adds an execution.
   *
   * @param wanted stages whose durations are asked for
   * @param assessor null without rules
   * @param stages reports in their order; null if they are not whole
   */
  void add(
      Ended execution,
      Set<String> wanted,
      @Nullable Assessor assessor,
      @Nullable List<StageReport> stages) {
    if (stages != null && !wanted.isEmpty()) {
      addStages(StageReport.steps(stages, execution.completedAt()), wanted);
    }
    if (assessor != null) {
      assessor.assess(execution).forEach(this::add);
    }
  }

  private void addStages(List<Step> steps, Set<String> wanted) {
    for (Step step : steps) {
      Instant begin = step.begin();
      Instant end = step.end();
      if (wanted.contains(step.stage()) && begin != null && end != null && !end.isBefore(begin)) {
        micros
            .computeIfAbsent(step.stage(), any -> new Numbers())
            .add(Duration.between(begin, end).toNanos() / 1_000);
      }
    }
  }

  private void add(Assessment assessment) {
    boolean isPattern = assessment.rule().rule().equals(RuleVersion.PATTERN);
    if (assessment.result() == Assessment.Result.LEFT_OUT) {
      leftOut += isPattern ? 1 : 0;
    } else if (isPattern) {
      assessed++;
      violations += assessment.result() == Assessment.Result.FAIL ? 1 : 0;
    } else {
      Sum sum = autoScores.computeIfAbsent(assessment.rule().rule(), any -> new Sum());
      sum.n++;
      sum.sum += Math.round(assessment.score() * AgentRows.SCORE_UNIT);
      sum.squares += assessment.score() * assessment.score();
    }
  }

  /** Returns how long a stage took each time; empty if it never did. */
  Numbers micros(String stage) {
    return micros.getOrDefault(stage, new Numbers());
  }

  /** Returns how many executions were compared with the agent's pattern. */
  long assessed() {
    return assessed;
  }

  long violations() {
    return violations;
  }

  /** Returns how many executions have a pattern, but stages that may not be whole. */
  long leftOut() {
    return leftOut;
  }

  AgentRows.Scores scores(String rule) {
    Sum sum = autoScores.getOrDefault(rule, new Sum());
    return new AgentRows.Scores(sum.n, sum.sum, sum.squares);
  }
}
