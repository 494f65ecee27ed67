package io.agentlog.sample.router;

import io.agentlog.annotations.QualityScore;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the router found for one request.
 *
 * @param decision the agent and why
 * @param agentTitle the agent's title, for people
 * @param confidence the decision's total confidence, 0.0 to 1.0: the quality of this execution
 * @param plan the steps that the agent would take; empty unless a dry run was asked for
 * @param planProblem why there is no plan although one was asked for
 */
public record RoutingAnswer(
    Decision decision,
    String agentTitle,
    @QualityScore double confidence,
    List<String> plan,
    @Nullable String planProblem) {
  public RoutingAnswer {
    plan = List.copyOf(plan);
  }
}
