package io.agentlog.insight.score;

import io.agentlog.insight.pattern.StageReport;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An execution that has ended, as it is judged.
 *
 * @param status of its row
 * @param isProvisional whether a real end may still replace its end
 * @param duration null if the row has none
 * @param quality the application's score, from 0 to 1; null without one
 * @param confidence of its routing decision, from 0 to 1; null without one
 * @param decisionSucceeded what became of the decision; null if that is not known
 * @param stages reports in their order; null if they are not whole, or were not read
 * @param judged the judges' scores, from 0 to 1, by the hash of the score rule
 */
public record Ended(
    String agent,
    String status,
    boolean isProvisional,
    Instant completedAt,
    @Nullable Duration duration,
    @Nullable Double quality,
    @Nullable Double confidence,
    @Nullable Boolean decisionSucceeded,
    @Nullable List<StageReport> stages,
    Map<String, Double> judged) {
  boolean succeeded() {
    return status.equals("success");
  }

  boolean failed() {
    return status.equals("failed");
  }
}
