package io.agentlog.sample.router;

/**
 * One agent, scored for one request.
 *
 * @param agent the agent
 * @param confidence the agent's score
 * @param reason explanation of the score, in one sentence
 */
record Candidate(AgentDefinition agent, Confidence confidence, String reason) {
  /**
   * Returns the score of the request's own words. Context and history alone never select an agent.
   */
  double evidence() {
    return Math.max(confidence.trigger(), confidence.capability());
  }
}
