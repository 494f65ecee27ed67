package io.agentlog.insight.alert;

import io.agentlog.insight.evaluate.AlertState;
import io.agentlog.insight.evaluate.AlertStatus;
import io.agentlog.insight.evaluate.Evidence;
import io.agentlog.insight.evaluate.Look;
import io.agentlog.insight.evaluate.Step;
import io.agentlog.insight.rules.AlertRule;
import io.agentlog.insight.rules.Channel;
import io.agentlog.insight.rules.Condition;
import io.agentlog.insight.rules.Rules;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Alerts that no rules file has, because they are about the alerts. All channels are told. */
final class OwnRules {
  /** Looks could see nothing for some time. */
  static final String BLIND = Condition.OfAlerts.BLIND;

  /** The rules file has mistakes, so the last one without is in use. */
  static final String INVALID = Condition.OfAlerts.INVALID;

  private static final Duration REPEAT = Duration.ofHours(24);
  private static final Duration COOLDOWN = Duration.ofMinutes(30);

  private OwnRules() {}

  /** Returns the rule of a name. */
  static AlertRule rule(String name, Rules rules) {
    return new AlertRule(
        name,
        List.of("*"),
        new Condition.OfAlerts(name),
        0,
        rules.channels().stream().map(Channel::name).toList(),
        REPEAT,
        Duration.ZERO,
        COOLDOWN,
        Map.of(),
        "");
  }

  static boolean isName(String rule) {
    return Condition.OfAlerts.NAMES.contains(rule);
  }

  /**
   * Looks at whether the looks of a tick could see.
   *
   * @param problem why one could not
   */
  static Look blind(
      Collection<Alert> alerts, Instant now, Duration blindAfter, @Nullable String problem) {
    TreeSet<String> rules = new TreeSet<>();
    Instant since = now;
    for (Alert alert : alerts) {
      Instant unknownSince = alert.status().unknownSince();
      if (unknownSince != null && !unknownSince.plus(blindAfter).isAfter(now)) {
        rules.add(alert.rule());
        since = unknownSince.isBefore(since) ? unknownSince : since;
      }
    }
    String summary =
        rules.isEmpty()
            ? "all rules can be looked at"
            : "nothing can be seen for rules %s: %s. Until then their alerts stay as they are"
                .formatted(String.join(", ", rules), problem);
    return look(now, since, rules.size(), summary);
  }

  /** Looks at whether the rules file has mistakes. */
  static Look invalid(List<String> mistakes, Instant now) {
    String summary =
        mistakes.isEmpty()
            ? "the rules file is in use"
            : "the rules file has %s, and the rules before it stay in use: %s"
                .formatted(
                    mistakes.size() == 1 ? "a mistake" : mistakes.size() + " mistakes",
                    mistakes.get(0));
    return look(now, now, mistakes.size(), summary);
  }

  private static Look look(Instant now, Instant since, int count, String summary) {
    boolean isWell = count == 0;
    return new Look(
        now,
        isWell ? Look.Verdict.FINE : Look.Verdict.WORSE,
        isWell,
        new Evidence(
            summary, since, now, count, count, count, "count", 0.0, null, null, null, null, null,
            List.of()));
  }

  /** Returns the status of {@link #BLIND} after an outage of which channels were told. */
  static AlertStatus after(Outage outage, Instant now) {
    Instant began = now.minus(outage.length());
    return new AlertStatus(
        AlertState.FIRING,
        began,
        1,
        outage.incident(),
        began,
        null,
        null,
        null,
        Step.Message.FIRING,
        now,
        began);
  }
}
