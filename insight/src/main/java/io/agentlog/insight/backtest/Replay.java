package io.agentlog.insight.backtest;

import io.agentlog.insight.evaluate.AlertState;
import io.agentlog.insight.evaluate.AlertStatus;
import io.agentlog.insight.evaluate.AlertStep;
import io.agentlog.insight.evaluate.Evaluator;
import io.agentlog.insight.evaluate.Evidence;
import io.agentlog.insight.evaluate.Look;
import io.agentlog.insight.evaluate.Series;
import io.agentlog.insight.evaluate.TimeSpan;
import io.agentlog.insight.rules.AgentNames;
import io.agentlog.insight.rules.AlertRule;
import io.agentlog.insight.rules.Mute;
import io.agentlog.insight.rules.Windows;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Looks at a stretch of history as the dashboard would have done, every five minutes. */
public final class Replay {
  private final AlertRule rule;
  private final List<Mute> mutes;
  private final int agents;
  private final Instant from;
  private final Instant to;

  /**
   * Makes a replay.
   *
   * @param agents how many agents share the rule's false alarms
   */
  public Replay(AlertRule rule, List<Mute> mutes, int agents, Instant from, Instant to) {
    this.rule = rule;
    this.mutes = mutes;
    this.agents = agents;
    this.from = from;
    this.to = to;
  }

  /**
   * An alert that would have been raised.
   *
   * @param end null if it would still be firing
   * @param evidence of the look that raised it
   */
  public record Alarm(String agent, Instant begin, @Nullable Instant end, Evidence evidence) {}

  /**
   * Outcome of a rule and an agent.
   *
   * @param isLearning whether there was too little to compare with to the end
   */
  public record Outcome(List<Alarm> alarms, boolean isLearning) {}

  /** Looks at the figures of an agent. */
  public Outcome of(Series series) {
    Evaluator evaluator = new Evaluator(rule, agents, series);
    List<TimeSpan> leftOut = new ArrayList<>();
    for (Mute mute : mutes) {
      if (AgentNames.match(mute.agents(), series.agent())) {
        leftOut.add(new TimeSpan(mute.from(), mute.to()));
      }
    }
    List<Alarm> alarms = new ArrayList<>();
    AlertStatus status = AlertStatus.first(from);
    Look.Verdict verdict = Look.Verdict.LEARNING;
    for (Instant at = from; !at.isAfter(to); at = at.plus(Windows.SLOT)) {
      verdict = evaluator.verdict(at, leftOut);
      boolean isCalm =
          status.state() == AlertState.LEARNING || status.state() == AlertState.INACTIVE;
      if (isCalm && verdict != Look.Verdict.WORSE) {
        continue;
      }
      Look look = evaluator.look(at, leftOut);
      boolean wasOn = status.isOn();
      status = AlertStep.next(rule, status, look, false, new UUID(0, at.getEpochSecond())).status();
      Evidence evidence = look.evidence();
      if (status.isOn() && !wasOn && evidence != null) {
        alarms.add(new Alarm(series.agent(), at, null, evidence));
        leftOut.add(new TimeSpan(at, Instant.MAX)); // Until it ends.
      } else if (wasOn && !status.isOn()) {
        Alarm open = alarms.remove(alarms.size() - 1);
        alarms.add(new Alarm(open.agent, open.begin, at, open.evidence));
        leftOut.set(leftOut.size() - 1, new TimeSpan(open.begin, at));
      }
    }
    return new Outcome(alarms, verdict == Look.Verdict.LEARNING);
  }
}
