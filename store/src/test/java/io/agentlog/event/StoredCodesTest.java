package io.agentlog.event;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Codes and names that journals, tables and JSON hold for ever. */
class StoredCodesTest {
  @Test
  void eventTypeKeepsItsCodeAndItsName() {
    assertThat(Arrays.stream(EventType.values()).map(t -> t + " " + t.code() + " " + t.wireName()))
        .containsExactly(
            "STARTED 1 started",
            "PROGRESS 2 progress",
            "COMPLETED 3 completed",
            "ROUTING_DECISION 4 routing_decision",
            "PROMPT 5 prompt",
            "FILE_OPERATION 6 file_operation",
            "FILE_HASH 7 file_hash",
            "INTELLIGENCE_USAGE 8 intelligence_usage",
            "MODEL_CALL 9 model_call");
  }

  @Test
  void detailsAreTheTypesAfterTheFirstFour() {
    assertThat(Arrays.stream(EventType.values()).filter(EventType::isDetail))
        .containsExactly(
            EventType.PROMPT,
            EventType.FILE_OPERATION,
            EventType.FILE_HASH,
            EventType.INTELLIGENCE_USAGE,
            EventType.MODEL_CALL);
  }

  @Test
  void fileOperationKeepsItsCodeAndItsName() {
    assertThat(
            Arrays.stream(FileOperationType.values())
                .map(t -> t + " " + t.code() + " " + t.wireName()))
        .containsExactly(
            "CREATE 1 create", "WRITE 2 write", "EDIT 3 edit", "READ 4 read", "DELETE 5 delete");
  }

  @Test
  void statusKeepsItsCodeAndItsName() {
    assertThat(Arrays.stream(Status.values()).map(s -> s + " " + s.code() + " " + s.wireName()))
        .containsExactly(
            "IN_PROGRESS 1 in_progress",
            "SUCCESS 2 success",
            "FAILED 3 failed",
            "CANCELLED 4 cancelled");
  }

  @Test
  void kindKeepsItsCodeAndItsName() {
    assertThat(Arrays.stream(Event.Kind.values()).map(k -> k + " " + k.code() + " " + k.wireName()))
        .containsExactly(
            "METHOD 0 method",
            "AI_SERVICE 1 ai_service",
            "AGENT 2 agent",
            "CHAT_CLIENT 3 chat_client");
  }

  @Test
  void endKeepsItsBitAndItsError() {
    assertThat(
            Arrays.stream(End.values())
                .map(e -> "%s %d %s %s".formatted(e, e.bit(), e.errorType(), e.errorMessage())))
        .containsExactly(
            "COMPLETED 4 null null",
            "SHUT_DOWN 8 JvmShutdown the JVM shut down before the execution ended",
            "ABANDONED 16 ExecutionAbandoned the JVM died before the execution ended",
            "SWEPT 32 ExecutionAbandoned instance gone: its lease was not renewed");
  }

  @Test
  void everyEndIsProvisionalButTheRealOne() {
    assertThat(Arrays.stream(End.values()).filter(End::isProvisional))
        .containsExactly(End.SHUT_DOWN, End.ABANDONED, End.SWEPT);
  }

  @Test
  void withheldLengthIsBelowAllOtherValuesAndComesBack() {
    assertThat(Wire.withheldLength(0)).isEqualTo(-2);
    assertThat(Wire.withheldLength(Integer.MAX_VALUE - 1)).isEqualTo(Integer.MIN_VALUE);
    assertThat(Wire.isWithheld(-2)).isTrue();
    assertThat(Wire.isWithheld(Wire.LENGTH_OF_TEXT)).isFalse();
    assertThat(Wire.isWithheld(0)).isFalse();
    for (int length : new int[] {0, 1, 4_711, Integer.MAX_VALUE - 1}) {
      assertThat(Wire.lengthOfWithheld(Wire.withheldLength(length))).isEqualTo(length);
    }
  }
}
