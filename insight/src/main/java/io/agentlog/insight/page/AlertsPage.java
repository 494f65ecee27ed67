package io.agentlog.insight.page;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The alerts and what became of their messages.
 *
 * @param watched whether a dashboard has looked at rules
 * @param firing the latest first
 * @param pending worse, but not yet for long enough
 * @param recovering back, but not yet for long enough
 * @param quiet series that are fine, learning or unknown
 * @param more there are more alerts than are listed
 * @param resolved incidents that ended in the last days, the latest first
 * @param channels where messages went, or would go
 * @param undelivered messages that no channel has taken yet, or that were given up
 * @param gaps times in which no dashboard looked
 * @param note what is missing, and what to do; null if nothing is
 */
public record AlertsPage(
    View view,
    boolean watched,
    List<LivePage.Figure> figures,
    List<Alert> firing,
    List<Alert> pending,
    List<Alert> recovering,
    List<Alert> quiet,
    boolean more,
    List<Incident> resolved,
    List<Channel> channels,
    List<Message> undelivered,
    List<Gap> gaps,
    @Nullable String note) {

  /**
   * An incident that has ended.
   *
   * @param summary what it was about, in one sentence
   */
  public record Incident(
      UUID id,
      String rule,
      Map<String, String> about,
      Instant from,
      Instant to,
      @Nullable String summary) {}

  /**
   * Where messages go.
   *
   * @param waiting messages that it has not taken yet
   * @param deliveredAt when it last took one; null if never
   * @param lastError why it did not take one; null if it took the last
   */
  public record Channel(
      String name, long waiting, @Nullable Instant deliveredAt, @Nullable String lastError) {}

  /**
   * A message to a channel.
   *
   * @param kind {@code firing}, {@code resolved} or {@code reminder}
   * @param state waiting, delivered or undeliverable
   * @param lastError why the channel did not take it; null if it was not tried or was taken
   */
  public record Message(
      UUID incident,
      String rule,
      Map<String, String> about,
      String channel,
      String kind,
      String state,
      Instant madeAt,
      @Nullable Instant deliveredAt,
      int attempts,
      @Nullable String lastError) {}

  /** A time in which no dashboard looked. */
  public record Gap(Instant from, Instant to) {}
}
