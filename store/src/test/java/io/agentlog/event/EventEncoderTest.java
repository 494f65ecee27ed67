package io.agentlog.event;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every field that the encoder takes comes back from the decoder, and so does its absence. */
class EventEncoderTest {
  private static final UUID ID = UUID.fromString("01890a5d-0000-7000-8000-00000000000a");
  private static final UUID OTHER = UUID.fromString("01890a5d-0000-7000-8000-00000000000b");
  private static final String PROMPT_SHA256 =
      "81ff6963862e3e2a030baa062cf5b740b49da4e0f9f364b99089fa2ea1a6ae69";

  @ParameterizedTest
  @ValueSource(ints = {-1, 0, 1, 2, 3, 4, 5})
  void absentFieldOfAStartedEventIsNullAndTheOthersStay(int absent) {
    Object[] fields = {ID, "/work", "project", "trace", "span", "route me"};
    if (absent >= 0) {
      fields[absent] = null;
    }
    EventEncoder encoder = TestRecords.begin(EventType.STARTED);
    if (fields[0] == null) {
      encoder.noParent();
    } else {
      encoder.parent(ID.getMostSignificantBits(), ID.getLeastSignificantBits());
    }
    encoder.started(
        Event.Kind.METHOD,
        (String) fields[1],
        (String) fields[2],
        (String) fields[3],
        (String) fields[4],
        Map.of("k", "v"));
    encoder.prompt((String) fields[5]);

    assertThat(TestRecords.decoded(encoder))
        .isEqualTo(
            new Event.Started(
                TestRecords.header(),
                Event.Kind.METHOD,
                (String) fields[5],
                fields[5] == null ? null : 8,
                fields[5] == null ? null : PROMPT_SHA256,
                (String) fields[1],
                (String) fields[2],
                null,
                null,
                (UUID) fields[0],
                null,
                (String) fields[3],
                (String) fields[4],
                Map.of("k", "v")));
  }

  @Test
  void absentPlaceOfAStartedEventIsThatOfTheJvm() {
    EventEncoder encoder = startedWithoutPrompt();
    encoder.prompt(null);
    EventDecoder decoder =
        new EventDecoder(new InstanceFacts(TestRecords.INSTANCE, "/srv", "app", "claude", "tty"));

    Event.Started started = (Event.Started) decoder.decode(TestRecords.bytes(encoder));

    assertThat(started.projectPath()).isEqualTo("/srv");
    assertThat(started.projectName()).isEqualTo("app");
    assertThat(started.claudeSessionId()).isEqualTo("claude");
    assertThat(started.terminalId()).isEqualTo("tty");
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 0, 1, 2})
  void absentFieldOfACompletedEventIsNullAndTheOthersStay(int absent) {
    Object[] fields = {0.25, "Type", "message"};
    if (absent >= 0) {
      fields[absent] = null;
    }
    EventEncoder encoder = TestRecords.begin(EventType.COMPLETED);
    encoder.completed(
        Status.SUCCESS,
        End.COMPLETED,
        fields[0] == null ? Double.NaN : (double) fields[0],
        (String) fields[1],
        (String) fields[2],
        null);

    assertThat(TestRecords.decoded(encoder))
        .isEqualTo(
            new Event.Completed(
                TestRecords.header(),
                Status.SUCCESS,
                End.COMPLETED,
                (String) fields[1],
                (String) fields[2],
                (Double) fields[0],
                Map.of()));
  }

  @Test
  void everyStatusWithEveryEndComesBack() {
    for (Status status : Status.values()) {
      for (End end : End.values()) {
        EventEncoder encoder = TestRecords.begin(EventType.COMPLETED);
        encoder.completed(status, end, 1.0, null, null, null);

        Event.Completed completed = (Event.Completed) TestRecords.decoded(encoder);

        assertThat(completed.status()).isEqualTo(status);
        assertThat(completed.end()).isEqualTo(end);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void absentFieldOfADecisionIsNullAndTheOthersStay(int absent) {
    Object[] given = {
      "agent", 0.1, "fuzzy", "why", List.of("b"), 0.2, 0.3, 0.4, 0.5, 12, "route me"
    };
    if (absent >= 0) {
      given[absent] = null;
    }
    EventEncoder encoder = TestRecords.begin(EventType.ROUTING_DECISION);
    encoder.decision(
        ID,
        new DecisionValues(
            (String) given[0],
            number(given[1]),
            (String) given[2],
            (String) given[3],
            given[4],
            number(given[5]),
            number(given[6]),
            number(given[7]),
            number(given[8]),
            given[9] == null ? -1 : (int) given[9]),
        (String) given[10],
        false);

    assertThat(TestRecords.decoded(encoder))
        .isEqualTo(
            new Event.RoutingDecision(
                TestRecords.header(),
                ID,
                (String) given[10],
                given[10] == null ? null : PROMPT_SHA256,
                (String) given[0],
                (Double) given[1],
                (String) given[2],
                (Double) given[5],
                (Double) given[6],
                (Double) given[7],
                (Double) given[8],
                given[4],
                (String) given[3],
                (Integer) given[9],
                null));
  }

  @Test
  void hashedRequestOfADecisionHasAHashAloneOrNothing() {
    assertThat(decision("ab12").userRequest()).isNull();
    assertThat(decision("ab12").userRequestSha256()).isEqualTo("ab12");
    assertThat(decision(null).userRequest()).isNull();
    assertThat(decision(null).userRequestSha256()).isNull();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 100})
  void percentFromZeroOnComesBack(int percent) {
    assertThat(progress(percent).percent()).isEqualTo(percent);
  }

  @Test
  void percentBelowZeroIsUnknown() {
    assertThat(progress(-1).percent()).isNull();
  }

  @Test
  void stageThatWasEncodedBeforeGivesTheSameBytes() {
    EventEncoder encoded = TestRecords.begin(EventType.PROGRESS);
    encoded.progress(1, EventBuffer.encodedText("stage", 100), Map.of("k", 1), null);
    EventEncoder plain = TestRecords.begin(EventType.PROGRESS);
    plain.progress(1, "stage", Map.of("k", 1), null);

    assertThat(TestRecords.bytes(encoded)).isEqualTo(TestRecords.bytes(plain));
  }

  @Test
  void promptOfExactlyTheLimitIsWholeAndOneMoreIsCut() {
    EventEncoder whole = startedWithoutPrompt();
    whole.prompt("x".repeat(200));
    EventEncoder cut = startedWithoutPrompt();
    cut.prompt("x".repeat(201));

    assertThat(whole.buffer().cutCount()).isZero();
    assertThat(((Event.Started) TestRecords.decoded(whole)).metadata()).isEmpty();
    assertThat(cut.buffer().cutCount()).isEqualTo(1);
    Event.Started started = (Event.Started) TestRecords.decoded(cut);
    assertThat(started.prompt()).isEqualTo("x".repeat(200));
    assertThat(started.promptLength()).isEqualTo(201);
    assertThat(started.metadata()).isEqualTo(Map.of("user_prompt_truncated", true));
  }

  @Test
  void lengthOfACutPromptIsInCodePoints() {
    EventEncoder encoder = startedWithoutPrompt();
    encoder.prompt("\ud83d\ude00".repeat(51)); // 204 bytes of UTF-16.

    Event.Started started = (Event.Started) TestRecords.decoded(encoder);

    assertThat(started.prompt()).isEqualTo("\ud83d\ude00".repeat(50));
    assertThat(started.promptLength()).isEqualTo(51);
  }

  @Test
  void changedPromptKeepsTheLengthOfTheOneGiven() {
    EventEncoder encoder = startedWithoutPrompt();
    encoder.changedPrompt("route me", 4_711);

    Event.Started started = (Event.Started) TestRecords.decoded(encoder);

    assertThat(started.prompt()).isEqualTo("route me");
    assertThat(started.promptLength()).isEqualTo(4_711);
    assertThat(started.promptSha256()).isEqualTo(PROMPT_SHA256); // Of the prompt as kept.
  }

  @Test
  void withheldPromptLeavesItsLengthAndItsHashIfThatIsNotWithheldToo() {
    EventEncoder hashed = startedWithoutPrompt();
    hashed.withheldPrompt(12, "ab12");
    EventEncoder nothing = startedWithoutPrompt();
    nothing.withheldPrompt(0, null);

    Event.Started withHash = (Event.Started) TestRecords.decoded(hashed);
    assertThat(withHash.prompt()).isNull();
    assertThat(withHash.promptLength()).isEqualTo(12);
    assertThat(withHash.promptSha256()).isEqualTo("ab12");
    Event.Started without = (Event.Started) TestRecords.decoded(nothing);
    assertThat(without.prompt()).isNull();
    assertThat(without.promptLength()).isZero();
    assertThat(without.promptSha256()).isNull();
  }

  @Test
  void tooLongValuesAreCutCountedAndFlagged() {
    EventEncoder encoder = TestRecords.begin(EventType.COMPLETED);
    encoder.completed(
        Status.FAILED, End.COMPLETED, Double.NaN, "t".repeat(101), "m".repeat(101), null);

    Event.Completed completed = (Event.Completed) TestRecords.decoded(encoder);

    assertThat(encoder.buffer().cutCount()).isEqualTo(2);
    assertThat(completed.errorType()).isEqualTo("t".repeat(100));
    assertThat(completed.errorMessage()).isEqualTo("m".repeat(100));
    assertThat(completed.metadata())
        .isEqualTo(Map.of("error_type_truncated", true, "error_message_truncated", true));
  }

  @Test
  void nextEventOfTheSameExecutionHasTheSameBytesAsOneThatBeginsAnew() {
    EventEncoder encoder = startedWithoutPrompt();
    encoder.prompt("p".repeat(201)); // Its cut and its tail must not reach the next event.
    assertThat(beginNext(encoder, TestRecords.EXECUTION)).isTrue();
    encoder.progress(3, "stage", null, null);
    EventEncoder anew = TestRecords.begin(EventType.PROGRESS);
    anew.progress(3, "stage", null, null);
    byte[] expected = TestRecords.bytes(anew);
    Wire.INT_LE.set(expected, Wire.SEQ_OFFSET, 8);
    Wire.LONG_LE.set(expected, Wire.ELAPSED_OFFSET, 2_000L);

    assertThat(TestRecords.bytes(encoder)).isEqualTo(expected);
    assertThat(encoder.buffer().cutCount()).isZero();
  }

  @Test
  void cutOfACommonFieldIsCountedForEveryEventThatCarriesIt() {
    EventEncoder encoder = new EventEncoder(100, 100);
    encoder.begin(
        EventType.PROGRESS,
        1,
        2,
        1,
        0,
        0,
        EventBuffer.encodedText("a", 9),
        "c".repeat(9_000),
        null);
    encoder.progress(1, "s".repeat(101), null, null);
    assertThat(encoder.buffer().cutCount()).isEqualTo(2);

    assertThat(encoder.beginNext(EventType.PROGRESS, 1, 2, 2, 0)).isTrue();
    assertThat(encoder.buffer().cutCount()).isEqualTo(1);
  }

  @Test
  void nextEventOfAnotherExecutionIsNotBegun() {
    EventEncoder encoder = TestRecords.begin(EventType.PROGRESS);
    encoder.progress(3, "stage", null, null);
    byte[] before = TestRecords.bytes(encoder);
    UUID sameHigh = new UUID(TestRecords.EXECUTION.getMostSignificantBits(), 1);
    UUID sameLow = new UUID(1, TestRecords.EXECUTION.getLeastSignificantBits());

    assertThat(beginNext(encoder, OTHER)).isFalse();
    assertThat(beginNext(encoder, sameHigh)).isFalse();
    assertThat(beginNext(encoder, sameLow)).isFalse();
    assertThat(TestRecords.bytes(encoder)).isEqualTo(before);
    assertThat(new EventEncoder(1, 1).beginNext(EventType.PROGRESS, 0, 0, 1, 0)).isFalse();
  }

  @Test
  void encoderIsReusedForEventsOfDifferentExecutions() {
    EventEncoder encoder = startedWithoutPrompt();
    encoder.prompt("a prompt of the event before");
    TestRecords.begin(encoder, EventType.PROGRESS, OTHER).progress(-1, "s", null, null);

    Event event = TestRecords.decoded(encoder);

    assertThat(event.type()).isEqualTo(EventType.PROGRESS);
    assertThat(event.header().executionId()).isEqualTo(OTHER);
    assertThat(encoder.buffer().tailLength()).isZero();
  }

  private static EventEncoder startedWithoutPrompt() {
    return TestRecords.begin(EventType.STARTED)
        .noParent()
        .started(Event.Kind.METHOD, null, null, null, null, null);
  }

  private static boolean beginNext(EventEncoder encoder, UUID execution) {
    return encoder.beginNext(
        EventType.PROGRESS,
        execution.getMostSignificantBits(),
        execution.getLeastSignificantBits(),
        8,
        2_000);
  }

  private static Event.Progress progress(int percent) {
    EventEncoder encoder = TestRecords.begin(EventType.PROGRESS);
    encoder.progress(percent, "stage", null, null);
    return (Event.Progress) TestRecords.decoded(encoder);
  }

  private static Event.RoutingDecision decision(String sha256) {
    double nan = Double.NaN;
    EventEncoder encoder = TestRecords.begin(EventType.ROUTING_DECISION);
    encoder.decision(
        ID, new DecisionValues(null, nan, null, null, null, nan, nan, nan, nan, 0), sha256, true);
    return (Event.RoutingDecision) TestRecords.decoded(encoder);
  }

  private static double number(Object value) {
    return value == null ? Double.NaN : (double) value;
  }
}
