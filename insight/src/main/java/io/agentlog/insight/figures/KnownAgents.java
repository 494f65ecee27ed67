package io.agentlog.insight.figures;

import io.agentlog.config.NearestKey;
import io.agentlog.insight.query.Database;
import io.agentlog.insight.rules.AgentNames;
import io.agentlog.insight.rules.AlertRule;
import io.agentlog.insight.rules.Mute;
import io.agentlog.insight.rules.Rules;
import io.agentlog.insight.rules.ScoreRule;
import io.agentlog.insight.rules.StagePattern;
import io.agentlog.sink.SinkUnavailableException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Agents that have executions, and names of a rules file that are none of them. */
public final class KnownAgents {
  private static final int AGENTS_MAX = 10_000;
  private static final Duration HISTORY = Duration.ofDays(90);

  private KnownAgents() {}

  /** Returns names of agents whose executions ended in the last 90 days, the busiest first. */
  public static List<String> read(Database database) throws SinkUnavailableException {
    Instant now = Instant.now();
    return new FigureRows(database, List.of())
        .agents(now.minus(HISTORY), now.plus(Duration.ofHours(1)), List.of("*"), AGENTS_MAX);
  }

  /** Returns a line for each name in the rules that is no agent's; none if no agent is known. */
  public static List<String> unknown(Rules rules, List<String> known) {
    List<String> lines = new ArrayList<>();
    if (known.isEmpty()) {
      return lines;
    }
    for (AlertRule rule : rules.alerts()) {
      add(lines, "rule '" + rule.name() + "'", rule.agents(), known);
    }
    for (Mute mute : rules.mutes()) {
      add(lines, "the mute from " + mute.from(), mute.agents(), known);
    }
    for (StagePattern pattern : rules.patterns()) {
      add(lines, "the pattern " + pattern.stages(), pattern.agents(), known);
    }
    for (ScoreRule score : rules.scores()) {
      add(lines, "score '" + score.name() + "'", score.agents(), known);
    }
    return lines;
  }

  private static void add(List<String> lines, String what, List<String> names, List<String> known) {
    for (String name : names) {
      if (known.stream().noneMatch(agent -> AgentNames.match(List.of(name), agent))) {
        String nearest = NearestKey.of(name, known);
        lines.add(
            "%s: no execution of agent '%s' has ended in the last 90 days; %s"
                .formatted(
                    what,
                    name,
                    nearest == null
                        ? "names are case-sensitive"
                        : "did you mean '" + nearest + "'?"));
      }
    }
  }
}
