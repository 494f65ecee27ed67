package io.agentlog.sample.router;

import io.agentlog.annotations.QualityScore;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The answer of the router to one request.
 *
 * @param decision the selected agent and the reasons
 * @param agentTitle the agent's title, for people
 * @param quality the quality of this execution, 0.0 to 1.0: the decision's total confidence
 * @param plan the steps that the agent would take; empty without a dry run
 * @param planProblem why a dry run gave no plan; null without a problem
 */
public record RoutingAnswer(
    Decision decision,
    String agentTitle,
    @QualityScore double quality,
    List<String> plan,
    @Nullable String planProblem) {
  public RoutingAnswer {
    plan = List.copyOf(plan);
  }
}
