package io.agentlog.insight.evaluate;

import org.jspecify.annotations.Nullable;

/**
 * State of an alert after a look, and the message to send.
 *
 * @param message what the channels are told; null for nothing
 */
public record Step(AlertStatus status, @Nullable Message message) {
  /** News of an incident. */
  public enum Message {
    FIRING,
    RESOLVED,
    REMINDER
  }
}
