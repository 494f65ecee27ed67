package io.agentlog.event;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.UUID;

/**
 * The fields that every event carries.
 *
 * @param executionId identity of the execution, version 7
 * @param seq position in the execution's one sequence, from 1
 * @param startedAtMicros start of the execution, microseconds since the epoch: its one reading of
 *     the wall clock
 * @param elapsedNanos since the start, by {@link System#nanoTime()}; not negative
 * @param agentName not empty
 * @param correlation the caller's identifier; not unique
 * @param session the caller's session, or the instance
 * @param instanceId the JVM that recorded the event
 */
public record EventHeader(
    UUID executionId,
    int seq,
    long startedAtMicros,
    long elapsedNanos,
    String agentName,
    Identifier correlation,
    Identifier session,
    UUID instanceId) {
  public EventHeader {
    requireNonNull(executionId, "executionId");
    requireNonNull(agentName, "agentName");
    requireNonNull(correlation, "correlation");
    requireNonNull(session, "session");
    requireNonNull(instanceId, "instanceId");
    if (seq < 1) {
      throw new IllegalArgumentException("seq must be at least 1, was " + seq);
    }
    if (elapsedNanos < 0) {
      throw new IllegalArgumentException("elapsedNanos must not be negative, was " + elapsedNanos);
    }
  }

  /** The time at which the execution started. */
  public Instant startedAt() {
    return instantOf(startedAtMicros);
  }

  /**
   * The time of the event: the start plus the elapsed time, never a second reading of the wall
   * clock.
   */
  public Instant occurredAt() {
    return instantOf(startedAtMicros + elapsedMicros());
  }

  /** Elapsed time in whole microseconds, rounded down. */
  public long elapsedMicros() {
    return elapsedNanos / 1_000;
  }

  /** The event's identity on Kafka. */
  public String eventId() {
    return executionId + ":" + seq;
  }

  private static Instant instantOf(long micros) {
    return Instant.ofEpochSecond(
        Math.floorDiv(micros, 1_000_000L), Math.floorMod(micros, 1_000_000L) * 1_000L);
  }
}
