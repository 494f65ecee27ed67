package io.agentlog.insight.alert;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.agentlog.insight.evaluate.AlertStatus;
import io.agentlog.insight.evaluate.Evidence;
import io.agentlog.insight.evaluate.Look;
import io.agentlog.insight.evaluate.Step;
import io.agentlog.insight.rules.AlertRule;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * An alert: a rule, and what it is about.
 *
 * @param fingerprint SHA-256 of rule and labels, 64 hexadecimal digits
 * @param rule name
 * @param kind of the rule
 * @param ruleHash of what the rule says
 * @param labels what it is about
 * @param ruleLabels labels that the rule adds
 * @param channels names of the channels that are told
 * @param muted whether a mute holds messages back
 * @param verdict of the last look
 * @param evidence of the last look that saw something; null before
 */
record Alert(
    String fingerprint,
    String rule,
    String kind,
    String ruleHash,
    Map<String, String> labels,
    Map<String, String> ruleLabels,
    List<String> channels,
    AlertStatus status,
    boolean muted,
    Look.Verdict verdict,
    @Nullable Evidence evidence) {
  /** Label of the agent that an alert is about. */
  static final String AGENT = "agent";

  /** Returns an alert that was never looked at. */
  static Alert first(AlertRule rule, Map<String, String> labels, Instant at) {
    return new Alert(
        fingerprint(rule.name(), labels),
        rule.name(),
        rule.condition().kind(),
        rule.hash(),
        Map.copyOf(labels),
        rule.labels(),
        rule.channels(),
        AlertStatus.first(at),
        false,
        Look.Verdict.LEARNING,
        null);
  }

  /** Returns the identity of an alert, which another limit of the rule does not change. */
  static String fingerprint(String rule, Map<String, String> labels) {
    StringBuilder text = new StringBuilder(rule);
    new TreeMap<>(labels)
        .forEach((name, value) -> text.append('\0').append(name).append('\0').append(value));
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(digest.digest(text.toString().getBytes(UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("each Java has SHA-256", e);
    }
  }

  /**
   * Returns the alert after a look. While the channels believe that it fires, it keeps their names
   * and its labels, so that those who were told that it fires are told that it does not.
   */
  Alert after(AlertRule ruleNow, AlertStatus statusNow, Look look, boolean mutedNow) {
    boolean isTold = status.told() == Step.Message.FIRING;
    return new Alert(
        fingerprint,
        rule,
        ruleNow.condition().kind(),
        ruleNow.hash(),
        labels,
        isTold ? ruleLabels : ruleNow.labels(),
        isTold ? channels : ruleNow.channels(),
        statusNow,
        mutedNow,
        look.verdict(),
        look.evidence() == null ? evidence : look.evidence());
  }

  /** Returns the alert in another status. */
  Alert with(AlertStatus statusNow) {
    return told(statusNow, channels);
  }

  /** Returns the alert in another status, of which these channels know. */
  Alert told(AlertStatus statusNow, List<String> channelsNow) {
    return new Alert(
        fingerprint,
        rule,
        kind,
        ruleHash,
        labels,
        ruleLabels,
        channelsNow,
        statusNow,
        muted,
        verdict,
        evidence);
  }

  /** Returns the alert with other evidence. */
  Alert seeing(Evidence evidenceNow) {
    return new Alert(
        fingerprint,
        rule,
        kind,
        ruleHash,
        labels,
        ruleLabels,
        channels,
        status,
        muted,
        verdict,
        evidenceNow);
  }
}
