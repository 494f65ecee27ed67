package io.agentlog.sample.router;

import io.agentlog.annotations.AgentExecution;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Success rates of the agents so far, from the feedback of later requests. Held in memory: a
 * restart begins with no history. Thread-safe.
 */
class SuccessHistory {
  private final Map<String, Tally> tallies = new HashMap<>();
  private final Worsening worsening;

  SuccessHistory() {
    this(Worsening.NONE);
  }

  SuccessHistory(Worsening worsening) {
    this.worsening = worsening;
  }

  private record Tally(int successes, int total) {
    Tally plus(boolean success) {
      return new Tally(successes + (success ? 1 : 0), total + 1);
    }

    /** Returns the rate, smoothed so that one failure is not a rate of zero. */
    double rate() {
      return (successes + 1) / (double) (total + 2);
    }
  }

  /** Records the result of an earlier routing. */
  synchronized void add(Feedback feedback) {
    tallies.merge(
        feedback.agent(),
        new Tally(0, 0).plus(feedback.success()),
        (before, first) -> before.plus(feedback.success()));
  }

  /**
   * Looks up success rates. Each call is an execution inside the routing.
   *
   * @return 0.0 to 1.0 by agent name; agents without feedback are missing
   * @throws HistoryUnavailableException if the router was made to fail
   */
  @AgentExecution(
      value = "history-lookup",
      metadata = {"agents=agents.size", "known=result.size"})
  Map<String, Double> successRates(List<AgentDefinition> agents) {
    worsening.lookUp(); // Without the lock: a slow look-up must not make others wait.
    return known(agents);
  }

  private synchronized Map<String, Double> known(List<AgentDefinition> agents) {
    Map<String, Double> rates = new TreeMap<>();
    for (AgentDefinition agent : agents) {
      Tally found = tallies.get(agent.name());
      if (found != null) {
        rates.put(agent.name(), found.rate());
      }
    }
    return rates;
  }
}
