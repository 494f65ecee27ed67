package io.agentlog.insight.evaluate;

import org.jspecify.annotations.Nullable;

/**
 * What a look made of an alert.
 *
 * @param message what the channels are told; null for nothing
 */
public record Step(AlertStatus status, @Nullable Message message) {
  /** What a message says of an incident. */
  public enum Message {
    FIRING,
    RESOLVED,
    REMINDER
  }
}
