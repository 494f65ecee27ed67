package io.agentlog.insight.alert;

import io.agentlog.insight.rules.AgentNames;
import io.agentlog.insight.rules.Rules;
import java.time.Instant;

/** Times in which alerts send nothing. */
final class Mutes {
  private Mutes() {}

  /**
   * Returns whether one holds.
   *
   * @param agent empty for an alert that is about no agent
   */
  static boolean hold(Rules rules, String agent, Instant now) {
    return rules.mutes().stream()
        .anyMatch(
            mute ->
                !now.isBefore(mute.from())
                    && now.isBefore(mute.to())
                    && AgentNames.match(mute.agents(), agent));
  }
}
