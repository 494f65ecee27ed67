package io.agentlog.insight.score;

import io.agentlog.insight.pattern.StageCheck;
import io.agentlog.insight.pattern.StageExpression;
import io.agentlog.insight.pattern.StageSyntaxException;
import io.agentlog.insight.pattern.TimeLimit;
import io.agentlog.insight.rules.StagePattern;

/**
 * A pattern of the rules file, ready to be compared with executions.
 *
 * @param declared as the file has it
 */
public record PatternRule(StagePattern declared, StageCheck check, RuleVersion version) {
  /**
   * Reads a pattern.
   *
   * @throws StageSyntaxException if its stages are no declaration
   */
  public static PatternRule of(StagePattern declared) throws StageSyntaxException {
    StageCheck check =
        new StageCheck(
            StageExpression.parse(declared.stages()),
            declared.othersForbidden(),
            declared.failedMayStop(),
            declared.limits().stream()
                .map(limit -> new TimeLimit(limit.from(), limit.to(), limit.max()))
                .toList());
    return new PatternRule(declared, check, new RuleVersion(RuleVersion.PATTERN, declared.hash()));
  }
}
