package io.agentlog.insight.alert;

import io.agentlog.insight.evaluate.AlertState;
import io.agentlog.insight.evaluate.AlertStatus;
import io.agentlog.insight.evaluate.AlertStep;
import io.agentlog.insight.evaluate.Look;
import io.agentlog.insight.evaluate.Step;
import io.agentlog.insight.rules.AlertRule;
import io.agentlog.insight.rules.Channel;
import io.agentlog.insight.rules.Condition;
import io.agentlog.insight.rules.Rules;
import io.agentlog.insight.rules.Windows;
import io.agentlog.log.AgentLog;
import io.agentlog.postgres.TableTransactions.Transaction;
import io.agentlog.sink.SinkUnavailableException;
import java.sql.SQLException;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The looks of one tick, and what is written of them. One thread. */
final class TickRun {
  /** Reason of an end: the rules file has the rule no longer. */
  static final String RULE_REMOVED = "rule removed";

  /** Reason of an end: what the alert was about is gone. */
  static final String SUBJECT_GONE = "nothing to look at";

  private final Transaction tx;
  private final Instant now;
  private final Rules rules;
  private final Looks looks;
  private final AlertTimes times;
  private final String url;
  private final Map<String, Alert> alerts = new LinkedHashMap<>();
  private @Nullable String problem;

  TickRun(Transaction tx, Instant now, Rules rules, Looks looks, AlertTimes times, String url) {
    this.tx = tx;
    this.now = now;
    this.rules = rules;
    this.looks = looks;
    this.times = times;
    this.url = url;
  }

  /**
   * Looks at all rules that are due.
   *
   * @return why a rule could not be looked at; null if all could
   */
  @Nullable String run(List<String> mistakes, @Nullable Outage outage) throws SQLException {
    AlertRows.read(tx).forEach(alert -> alerts.put(alert.fingerprint(), alert));
    Map<String, Map<Map<String, String>, Alert>> byRule = new HashMap<>();
    alerts
        .values()
        .forEach(
            alert ->
                byRule
                    .computeIfAbsent(alert.rule(), rule -> new LinkedHashMap<>())
                    .put(alert.labels(), alert));
    if (outage != null) {
      take(outage);
    }
    for (AlertRule rule : rules.alerts()) {
      Map<Map<String, String>, Alert> known = byRule.remove(rule.name());
      look(rule, known == null ? Map.of() : known);
    }
    for (Map.Entry<String, Map<Map<String, String>, Alert>> left : byRule.entrySet()) {
      if (!OwnRules.isName(left.getKey())) {
        for (Alert alert : left.getValue().values()) {
          if (isForgotten(alert.status())) {
            remove(alert, RULE_REMOVED);
          }
        }
      }
    }
    own(OwnRules.BLIND, OwnRules.blind(alerts.values(), now, times.blindAfter(), problem));
    own(OwnRules.INVALID, OwnRules.invalid(mistakes, now));
    looks.remember(tx, now);
    return problem;
  }

  private void own(String name, Look look) throws SQLException {
    AlertRule rule = OwnRules.rule(name, rules);
    step(
        rule,
        alerts.getOrDefault(Alert.fingerprint(name, Map.of()), Alert.first(rule, Map.of(), now)),
        look);
  }

  /** Notes an outage that channels were told of while the database was away. */
  private void take(Outage outage) throws SQLException {
    AlertRule rule = OwnRules.rule(OwnRules.BLIND, rules);
    String fingerprint = Alert.fingerprint(rule.name(), Map.of());
    Alert before = alerts.getOrDefault(fingerprint, Alert.first(rule, Map.of(), now));
    if (outage.incident().equals(before.status().incident()) || Outbox.has(tx, outage.incident())) {
      return; // Another program has noted it.
    }
    if (before.status().isOn()) {
      endBeside(before, outage);
      return;
    }
    Alert after = before.told(OwnRules.after(outage, now), outage.channels());
    alerts.put(fingerprint, after);
    AlertRows.addEvent(tx, before.status(), after, after.status().since(), null);
  }

  /**
   * Tells that an outage is over that began while the alert was firing already. An Alertmanager
   * knows one alert of both.
   */
  private void endBeside(Alert before, Outage outage) throws SQLException {
    AlertStatus over = AlertStep.removed(OwnRules.after(outage, now), now, false).status();
    Alert after = before.told(over, outage.channels());
    Message end = Message.of(after, Step.Message.RESOLVED, "the database can be used again", url);
    for (String channel : outage.channels()) {
      if (!isAlertmanager(channel)) {
        add(after, channel, end, Step.Message.RESOLVED);
      }
    }
  }

  private void look(AlertRule rule, Map<Map<String, String>, Alert> known) throws SQLException {
    Instant at = at(rule.condition());
    if (!isDue(known, at)) {
      return;
    }
    Map<Map<String, String>, Look> seen;
    try {
      seen = looks.look(rules, rule, at, known.keySet());
    } catch (SinkUnavailableException e) {
      problem = e.getMessage();
      seen = unknown(known.keySet(), at);
    } catch (RuntimeException e) { // A fault of one rule must not silence the others.
      problem = "rule %s can't be looked at: %s".formatted(rule.name(), AgentLog.describe(e));
      seen = unknown(known.keySet(), at);
    }
    for (Map.Entry<Map<String, String>, Look> entry : seen.entrySet()) {
      Alert before = known.get(entry.getKey());
      step(rule, before == null ? Alert.first(rule, entry.getKey(), at) : before, entry.getValue());
    }
    for (Map.Entry<Map<String, String>, Alert> entry : known.entrySet()) {
      if (!seen.containsKey(entry.getKey()) && isForgotten(entry.getValue().status())) {
        remove(entry.getValue(), SUBJECT_GONE);
      }
    }
  }

  /**
   * Returns whether nobody looks at an alert any more. Another program may have a rules file that
   * is newer or older, and this one may have read a file that was half written.
   */
  private boolean isForgotten(AlertStatus status) {
    Instant next = status.lastLook().plus(Windows.SLOT).plus(times.settle());
    return status.unknownSince() != null || next.plus(times.gap()).isBefore(now);
  }

  private Instant at(Condition condition) {
    if (!(condition instanceof Condition.Windowed)) {
      return now;
    }
    long slot = Windows.SLOT.toSeconds();
    long settled = now.minus(times.settle()).getEpochSecond();
    return Instant.ofEpochSecond(Math.floorDiv(settled, slot) * slot);
  }

  private static boolean isDue(Map<Map<String, String>, Alert> known, Instant at) {
    // Those that are gone keep an old look until they are removed.
    return known.values().stream().map(Alert::status).anyMatch(s -> s.unknownSince() != null)
        || known.values().stream().noneMatch(alert -> !alert.status().lastLook().isBefore(at));
  }

  private static Map<Map<String, String>, Look> unknown(
      Set<Map<String, String>> known, Instant at) {
    Map<Map<String, String>, Look> looks = new HashMap<>();
    known.forEach(labels -> looks.put(labels, Look.unknown(at)));
    if (looks.isEmpty()) {
      looks.put(Map.of(), Look.unknown(at)); // So that it shows.
    }
    return looks;
  }

  private void step(AlertRule rule, Alert before, Look look) throws SQLException {
    boolean isMuted = isMuted(before);
    Step step = AlertStep.next(rule, before.status(), look, isMuted, UUID.randomUUID());
    Alert after = before.after(rule, step.status(), look, isMuted);
    write(before.status(), after, step.message(), null);
    boolean isOver =
        !(rule.condition() instanceof Condition.Windowed)
            && after.status().state() == AlertState.INACTIVE
            && after.status().told() != Step.Message.FIRING;
    if (isOver && !after.labels().isEmpty()) {
      delete(after); // It was found, and is not there any more; another one has other labels.
    } else {
      AlertRows.write(tx, after);
      alerts.put(after.fingerprint(), after);
    }
  }

  private boolean isMuted(Alert alert) {
    return Mutes.hold(rules, alert.labels().getOrDefault(Alert.AGENT, ""), now);
  }

  private void remove(Alert alert, String reason) throws SQLException {
    Step step = AlertStep.removed(alert.status(), now, isMuted(alert));
    Alert after = alert.with(step.status());
    write(alert.status(), after, step.message(), reason);
    if (after.status().told() == Step.Message.FIRING) {
      AlertRows.write(tx, after); // A mute holds back that it is over.
    } else {
      delete(alert);
    }
  }

  private void delete(Alert alert) throws SQLException {
    AlertRows.delete(tx, alert);
    alerts.remove(alert.fingerprint());
  }

  private void write(
      AlertStatus before, Alert after, Step.@Nullable Message message, @Nullable String reason)
      throws SQLException {
    AlertState state = after.status().state();
    if (state != before.state() && !(isQuiet(state) && isQuiet(before.state()))) {
      AlertRows.addEvent(tx, before, after, now, reason);
    }
    if (message != null) {
      for (String channel : after.channels()) {
        add(after, channel, Message.of(after, message, reason, url), message);
      }
    }
  }

  /** Few figures come and go with the hours; that is no history of an alert. */
  private static boolean isQuiet(AlertState state) {
    return state == AlertState.LEARNING || state == AlertState.INACTIVE;
  }

  private void add(Alert alert, String channel, Message message, Step.Message kind)
      throws SQLException {
    if (!isAlertmanager(channel)) {
      // It may have been one when it was told before.
      Outbox.endRepeats(tx, alert, channel);
      Outbox.add(tx, alert, channel, message, now);
    } else if (kind != Step.Message.REMINDER) { // It reminds by itself.
      Outbox.addRepeated(
          tx,
          alert,
          channel,
          message,
          now,
          kind == Step.Message.FIRING ? Outbox.FOREVER : now.plus(times.resolvedFor()));
    }
  }

  private boolean isAlertmanager(String channel) {
    return rules.channels().stream()
        .anyMatch(
            declared ->
                declared.name().equals(channel) && declared.type() == Channel.Type.ALERTMANAGER);
  }
}
