package io.agentlog.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class EventHeaderTest {
  private static final UUID ID = UUID.fromString("01890a5d-ac96-774b-bcce-b302099a8057");
  private static final Identifier IDENTIFIER = Identifier.of(ID);

  @Test
  void timeOfAnEventIsItsStartPlusTheElapsedTimeInWholeMicroseconds() {
    EventHeader header = header(2, 1_767_323_045_123_456L, 1_500_000_999);

    assertThat(header.startedAt()).isEqualTo(Instant.parse("2026-01-02T03:04:05.123456Z"));
    assertThat(header.elapsedMicros()).isEqualTo(1_500_000);
    assertThat(header.occurredAt()).isEqualTo(Instant.parse("2026-01-02T03:04:06.623456Z"));
  }

  @Test
  void timeBeforeTheEpochIsNotRoundedTowardsIt() {
    EventHeader header = header(1, -1, 0);

    assertThat(header.startedAt()).isEqualTo(Instant.parse("1969-12-31T23:59:59.999999Z"));
  }

  @Test
  void eventIdIsExecutionAndSeq() {
    assertThat(header(12, 0, 0).eventId()).isEqualTo("01890a5d-ac96-774b-bcce-b302099a8057:12");
  }

  @Test
  void seqBelowOneIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> header(0, 0, 0))
        .withMessage("seq must be at least 1, was 0");
  }

  @Test
  void negativeElapsedTimeIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> header(1, 0, -1))
        .withMessage("elapsedNanos must not be negative, was -1");
  }

  @Test
  void missingFieldIsRefusedByItsName() {
    assertMissing("executionId", null, "a", IDENTIFIER, IDENTIFIER, ID);
    assertMissing("agentName", ID, null, IDENTIFIER, IDENTIFIER, ID);
    assertMissing("correlation", ID, "a", null, IDENTIFIER, ID);
    assertMissing("session", ID, "a", IDENTIFIER, null, ID);
    assertMissing("instanceId", ID, "a", IDENTIFIER, IDENTIFIER, null);
    assertThatNullPointerException()
        .isThrownBy(() -> new InstanceFacts(null, null, null, null, null))
        .withMessage("instanceId");
  }

  @Test
  void durationOfAnEndIsTheElapsedTimeUnlessALogMeasuredItself() {
    EventHeader header = header(2, 0, 1_999);

    assertThat(
            new Event.Completed(header, Status.SUCCESS, End.COMPLETED, null, null, null, Map.of())
                .durationMicros())
        .isEqualTo(1);
    assertThat(
            new Event.Completed(
                    header, Status.SUCCESS, End.COMPLETED, null, null, null, Map.of(), null, null)
                .durationMicros())
        .isNull();
  }

  private static void assertMissing(
      String name,
      UUID execution,
      String agent,
      Identifier correlation,
      Identifier session,
      UUID instance) {
    assertThatNullPointerException()
        .isThrownBy(
            () -> new EventHeader(execution, 1, 0, 0, agent, correlation, session, instance))
        .withMessage(name);
  }

  private static EventHeader header(int seq, long startedAtMicros, long elapsedNanos) {
    return new EventHeader(ID, seq, startedAtMicros, elapsedNanos, "a", IDENTIFIER, IDENTIFIER, ID);
  }
}
