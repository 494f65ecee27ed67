package io.agentlog.insight.score;

import java.util.Map;

/**
 * The result of a rule for an execution.
 *
 * @param score from 0 to 1; 0 if the execution was left out
 * @param detail of an execution that did not pass: JSON of names and numbers, no text of the user
 */
public record Assessment(
    RuleVersion rule, Result result, double score, Map<String, Object> detail) {
  /** The result. */
  public enum Result {
    PASS,
    WARN,
    FAIL,
    /** Not judged: there is too little to go by. */
    LEFT_OUT
  }

  static Assessment leftOut(RuleVersion rule) {
    return new Assessment(rule, Result.LEFT_OUT, 0, Map.of());
  }
}
