package io.agentlog.insight.alert;

import java.time.Duration;

/**
 * Times of looking and of telling.
 *
 * @param tick how often rules are looked at, those with windows every five minutes
 * @param settle how long after the end of five minutes they are looked at, so that they are counted
 * @param gap time without a tick from which on history shows a gap
 * @param blindAfter how long looks may see nothing before that is an alert of its own
 * @param poll how often a program looks for messages that others made
 * @param claim how long a program has a message for itself, to send it
 * @param answerMax how long a channel may take to answer
 * @param retryMin wait after the first failure of a message; each further one doubles it
 * @param retryMax the longest such wait
 * @param giveUpAfter how old a message that was never taken becomes undeliverable
 * @param refresh how often an Alertmanager is told again
 * @param endsAfter for how long an Alertmanager may believe that an alert goes on
 * @param resolvedFor for how long it is told that an alert has ended
 */
public record AlertTimes(
    Duration tick,
    Duration settle,
    Duration gap,
    Duration blindAfter,
    Duration poll,
    Duration claim,
    Duration answerMax,
    Duration retryMin,
    Duration retryMax,
    Duration giveUpAfter,
    Duration refresh,
    Duration endsAfter,
    Duration resolvedFor) {
  /** Those of the dashboard. */
  public static final AlertTimes USUAL =
      new AlertTimes(
          Duration.ofSeconds(10),
          Duration.ofSeconds(30),
          Duration.ofMinutes(2),
          Duration.ofMinutes(10),
          Duration.ofSeconds(2),
          Duration.ofSeconds(60),
          Duration.ofSeconds(5),
          Duration.ofSeconds(5),
          Duration.ofMinutes(10),
          Duration.ofHours(24),
          Duration.ofSeconds(60),
          Duration.ofMinutes(4),
          Duration.ofMinutes(15));
}
