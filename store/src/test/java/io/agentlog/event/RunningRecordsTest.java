package io.agentlog.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RunningRecordsTest {
  private static final UUID ID = TestRecords.EXECUTION;

  @Test
  void noteHasTheHeaderOfTheLastEventAsThatOfAStart() {
    EventHeader header = TestRecords.header();

    assertThat(TestRecords.DECODER.summary(RunningRecords.note(header)))
        .isEqualTo(new EventSummary(EventType.STARTED, header));
  }

  @Test
  void noteIsNoEvent() {
    byte[] note = RunningRecords.note(TestRecords.header());

    assertThatIllegalArgumentException().isThrownBy(() -> TestRecords.DECODER.decode(note));
  }

  @Test
  void identifiersKeepTheTextThatTheyWereGivenAs() {
    assertKept(header("a", Identifier.of("order 4711"), Identifier.of("session 1")));
    assertKept(header("a", Identifier.of(ID), Identifier.of(new UUID(5, 6))));
  }

  @Test
  void longAgentNameIsNotCutASecondTime() {
    assertKept(header("\u4e2d".repeat(10_000), Identifier.of("c"), Identifier.of(ID)));
  }

  @ParameterizedTest
  @EnumSource(
      value = End.class,
      names = {"SHUT_DOWN", "ABANDONED"})
  void provisionalEndComesBackAsItWas(End end) {
    Event.Completed completed =
        new Event.Completed(
            TestRecords.header(),
            Status.CANCELLED,
            end,
            end.errorType(),
            end.errorMessage(),
            null,
            Map.of());

    assertThat(TestRecords.DECODER.decode(RunningRecords.end(completed))).isEqualTo(completed);
  }

  private static void assertKept(EventHeader header) {
    assertThat(TestRecords.DECODER.summary(RunningRecords.note(header)).header()).isEqualTo(header);
  }

  private static EventHeader header(String agent, Identifier correlation, Identifier session) {
    return new EventHeader(ID, 3, 4, 5, agent, correlation, session, TestRecords.INSTANCE);
  }
}
