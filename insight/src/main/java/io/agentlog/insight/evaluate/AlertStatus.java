package io.agentlog.insight.evaluate;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * State of an alert, as it is kept from look to look.
 *
 * @param since when it came into its state
 * @param worseLooks how many looks in a row said {@code WORSE}, each by figures that the one before
 *     did not have; while recovering, how many in a row had a value that is not back
 * @param incident which incident it is or was; null before the first
 * @param startedAt when the incident began
 * @param endedAt when the incident was resolved last; an incident that goes on again keeps it
 * @param backSince since when the value is back; null if it is not
 * @param unknownSince since when looks could not see anything; null if the last one could
 * @param told what the channels were told last of the incident, {@code FIRING} or {@code RESOLVED};
 *     null for nothing
 * @param notifiedAt when the last message was made; null if there was none
 * @param lastLook time of the last look
 */
public record AlertStatus(
    AlertState state,
    Instant since,
    int worseLooks,
    @Nullable UUID incident,
    @Nullable Instant startedAt,
    @Nullable Instant endedAt,
    @Nullable Instant backSince,
    @Nullable Instant unknownSince,
    Step.@Nullable Message told,
    @Nullable Instant notifiedAt,
    Instant lastLook) {
  /** Returns the status of an alert that was never looked at. */
  public static AlertStatus first(Instant at) {
    return new AlertStatus(
        AlertState.LEARNING,
        at,
        0,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        Instant.EPOCH); // So any figures are newer.
  }

  /** Returns whether an incident goes on. */
  public boolean isOn() {
    return state == AlertState.FIRING || state == AlertState.RECOVERING;
  }
}
