package io.agentlog.insight.page;

import io.agentlog.insight.page.Alert.Fact;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One incident from its begin.
 *
 * @param alert as it was at the last event
 * @param events the latest first
 * @param messages to the channels, the latest first
 */
public record IncidentPage(
    View view, Alert alert, List<Event> events, List<AlertsPage.Message> messages) {

  /**
   * A change of the incident.
   *
   * @param name such as {@code firing}
   * @param summary why, in one sentence; null if nothing is known
   * @param facts the evidence in words
   */
  public record Event(Instant at, String name, @Nullable String summary, List<Fact> facts) {}
}
