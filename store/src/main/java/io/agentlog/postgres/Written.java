package io.agentlog.postgres;

/**
 * Numbers of rows inserted or changed, by table; details together. Rows that existed and did not
 * change are not counted.
 */
public record Written(int executionCount, int progressCount, int decisionCount, int detailCount) {
  /** Counts without details. */
  public Written(int executionCount, int progressCount, int decisionCount) {
    this(executionCount, progressCount, decisionCount, 0);
  }

  Written plus(Written other) {
    return new Written(
        executionCount + other.executionCount,
        progressCount + other.progressCount,
        decisionCount + other.decisionCount,
        detailCount + other.detailCount);
  }
}
