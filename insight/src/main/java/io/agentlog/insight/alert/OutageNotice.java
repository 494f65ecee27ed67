package io.agentlog.insight.alert;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.agentlog.insight.evaluate.AlertStatus;
import io.agentlog.insight.evaluate.Evidence;
import io.agentlog.insight.evaluate.Step;
import io.agentlog.insight.rules.AlertRule;
import io.agentlog.insight.rules.Channel;
import io.agentlog.insight.rules.Rules;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Tells the channels that the database can't be reached, without the database. That it can again is
 * told by the next tick.
 *
 * <p>Programs at one database can't agree on who tells it meanwhile: each does, with the same
 * incident and delivery ID. One thread.
 */
final class OutageNotice {
  private final AlertTimes times;
  private final Sender sender;
  private final String url;
  private long lastTick;
  private long contactNanos = System.nanoTime();
  private @Nullable UUID incident;

  /** When each channel that took the message did, by {@link System#nanoTime}. */
  private final Map<String, Long> told = new LinkedHashMap<>();

  OutageNotice(AlertTimes times, Sender sender, String url) {
    this.times = times;
    this.sender = sender;
    this.url = url;
  }

  /** Notes that the database was there, at a tick. */
  void contact(long tick) {
    lastTick = Math.max(lastTick, tick);
    if (incident == null) {
      contactNanos = System.nanoTime();
    }
  }

  /** Returns the outage that channels were told of; null for none. */
  @Nullable Outage outage() {
    UUID known = incident;
    return known == null || told.isEmpty()
        ? null
        : new Outage(known, length(), List.copyOf(told.keySet()));
  }

  /** Forgets the outage, after a tick has noted it, or nobody was told of it. */
  void over() {
    incident = null;
    told.clear();
    contactNanos = System.nanoTime();
  }

  private Duration length() {
    return Duration.ofNanos(System.nanoTime() - contactNanos);
  }

  /**
   * Notes that the database can't be used, and tells the channels if that is so for long.
   *
   * @param problem why, and what to do
   */
  void failed(Rules rules, String problem) throws InterruptedException {
    Duration length = length();
    if (length.compareTo(times.blindAfter()) < 0 || Mutes.hold(rules, "", Instant.now())) {
      return;
    }
    UUID known = incident == null ? id("incident") : incident;
    incident = known;
    Instant now = Instant.now();
    Outage outage = new Outage(known, length, List.of());
    AlertRule rule = OwnRules.rule(OwnRules.BLIND, rules);
    AlertStatus status = OwnRules.after(outage, now);
    Alert alert = Alert.first(rule, Map.of(), now).told(status, List.of());
    Message message =
        Message.of(
            alert.seeing(
                new Evidence(
                    "the database can't be used, so nothing can be seen: " + problem,
                    status.since(),
                    now,
                    1,
                    1,
                    length.toSeconds() * 1e6,
                    "us",
                    times.blindAfter().toSeconds() * 1e6,
                    null,
                    null,
                    null,
                    null,
                    null,
                    List.of())),
            Step.Message.FIRING,
            null,
            url);
    tell(rules, message);
  }

  private void tell(Rules rules, Message message) throws InterruptedException {
    Map<String, Sender.Sent> sending = new LinkedHashMap<>();
    for (Channel channel : rules.channels()) {
      if (isDue(channel)) {
        sending.put(
            channel.name(),
            sender.send(
                Posts.of(
                    channel,
                    message,
                    id(channel.name()),
                    address -> Instant.now().plus(sender.ahead(address)),
                    times.endsAfter())));
      }
    }
    for (Map.Entry<String, Sender.Sent> one : sending.entrySet()) {
      if (one.getValue().await().taken()) {
        told.put(one.getKey(), System.nanoTime());
      }
    }
  }

  private boolean isDue(Channel channel) {
    Long at = told.get(channel.name());
    return at == null
        || (channel.type() == Channel.Type.ALERTMANAGER
            && System.nanoTime() - at >= times.refresh().toNanos());
  }

  /** The same in each program, since the last tick is one for all. */
  private UUID id(String of) {
    String text = OwnRules.BLIND + " " + Long.toString(lastTick) + " " + of;
    return UUID.nameUUIDFromBytes(text.getBytes(UTF_8));
  }
}
