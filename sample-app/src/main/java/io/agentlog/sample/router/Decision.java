package io.agentlog.sample.router;

import java.util.List;

/**
 * The selection of an agent for a request.
 *
 * @param selectedAgent the agent's name
 * @param confidence confidence of the router, with its parts
 * @param strategy how the agent was found: one of the constants below
 * @param reasoning explanation in a few sentences
 * @param alternatives the next best agents, best first
 * @param ambiguous whether the second agent is nearly as good as the first
 */
public record Decision(
    String selectedAgent,
    Confidence confidence,
    String strategy,
    String reasoning,
    List<Alternative> alternatives,
    boolean ambiguous) {
  /** The request names its agent. */
  public static final String EXPLICIT = "explicit";

  /** The agent has the best weighted score. */
  public static final String FUZZY = "enhanced_fuzzy_matching";

  /** No agent was good enough, and the request allows the generalist. */
  public static final String FALLBACK = "fallback";

  public Decision {
    alternatives = List.copyOf(alternatives);
  }
}
