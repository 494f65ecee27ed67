package io.agentlog.sample.router;

/**
 * One agent, scored for one request.
 *
 * @param agent the agent
 * @param confidence its score
 * @param reason why it scores so, in one sentence
 */
record Candidate(AgentDefinition agent, Confidence confidence, String reason) {
  /**
   * What speaks for the agent in the request's own words; context and history alone never route.
   */
  double evidence() {
    return Math.max(confidence.trigger(), confidence.capability());
  }
}
