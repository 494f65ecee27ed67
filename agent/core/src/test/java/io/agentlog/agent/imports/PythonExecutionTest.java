package io.agentlog.agent.imports;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentlog.event.Event;
import io.agentlog.event.Identifier;
import io.agentlog.event.Status;
import io.agentlog.json.BrokenLineException;
import io.agentlog.json.JsonReader;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PythonExecutionTest {
  private static final String START =
      "{'event_type':'start','execution_id':'e','agent_name':'a','correlation_id':'c','started_at':'2026-01-01T10:00:00','user_prompt':'p'}";

  @Test
  void startSaysWhoAndWhen() throws Exception {
    Event.Started started =
        (Event.Started)
            events(
                    "{'event_type':'start','execution_id':'e','agent_name':'a','correlation_id':'c','session_id':'s','user_prompt':'\\ud83d\\ude00\\u0000',"
                        + "'started_at':'2026-01-01T10:00:00.000001','metadata':{'k':[1]},'project_path':'/p','project_name':'n','claude_session_id':'cs','terminal_id':7}")
                .get(0);

    assertThat(started.header().executionId()).isEqualTo(Identifier.of("e").id());
    assertThat(started.header().correlation()).isEqualTo(Identifier.of("c"));
    assertThat(started.header().session()).isEqualTo(Identifier.of("s"));
    assertThat(started.header().instanceId()).isEqualTo(PythonExecution.INSTANCE);
    assertThat(started.header().startedAt())
        .isEqualTo(Instant.parse("2026-01-01T10:00:00.000001Z"));
    assertThat(started.prompt()).isEqualTo("\ud83d\ude00\u2400");
    assertThat(started.promptLength()).isEqualTo(2);
    assertThat(started.projectPath()).isEqualTo("/p");
    assertThat(started.claudeSessionId()).isEqualTo("cs");
    assertThat(started.terminalId()).isEqualTo("7");
    assertThat(started.metadata())
        .containsEntry("k", List.of(1L))
        .containsEntry("execution_id_raw", "e")
        .containsEntry("correlation_id_raw", "c")
        .containsEntry("session_id_raw", "s")
        .containsEntry("user_prompt_sanitized", true);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "null",
      value = {
        "1500|10:00:01.5004|1500400", // The logger cuts it to milliseconds.
        "1500|10:00:01.5|1500000",
        "1500|10:00:09|1500000", // It measured; the clock was set meanwhile.
        "1501|10:00:01.5009|1501000",
        "1500.25|10:00:09|1500250",
        "0|10:00:00|0",
        "-1|10:00:02|2000000",
        "NaN|10:00:02|2000000",
        "\"1500\"|10:00:02|2000000",
        "1e300|10:00:02|2000000",
        "null|10:00:02|2000000",
        "null|09:59:59|null",
        "-1|09:59:59|null",
        "1500|09:59:59|1500000",
      })
  void durationIsGivenOrComputedAndNeverNegative(String given, String completedAt, Long micros)
      throws Exception {
    Event.Completed completed =
        (Event.Completed)
            events(
                    START,
                    "{'event_type':'complete','execution_id':'e','status':'success','duration_ms':%s,'completed_at':'2026-01-01T%s'}"
                        .formatted(given, completedAt))
                .get(1);

    assertThat(completed.durationMicros()).isEqualTo(micros);
    assertThat(completed.header().elapsedNanos()).isNotNegative();
  }

  @ParameterizedTest
  @CsvSource({
    "success,,SUCCESS",
    "failed,,FAILED",
    "error,,FAILED",
    "Cancelled,,CANCELLED",
    "odd,,SUCCESS",
    "odd,boom,FAILED",
    ",boom,FAILED",
    ",,SUCCESS",
  })
  void statusIsOneOfOurs(String given, String error, Status expected) throws Exception {
    Event.Completed completed =
        (Event.Completed)
            events(
                    START,
                    "{'event_type':'complete','execution_id':'e','status':%s,'error_message':%s,'completed_at':'2026-01-01T10:00:01'}"
                        .formatted(quoted(given), quoted(error)))
                .get(1);

    assertThat(completed.status()).isEqualTo(expected);
    assertThat(completed.metadata().get("status_raw"))
        .isEqualTo(given == null || given.equals(expected.wireName()) ? null : given);
  }

  @Test
  void seqOfAProgressFollowsFromItsTimeAlone() throws Exception {
    String first = progress("one", "2026-01-01T10:00:01");
    String second = progress("two", "2026-01-01T10:00:01.5");
    String third = progress("three", "2026-01-01T10:00:09");

    List<Integer> all = seqs(START, first, second, third);
    assertThat(all.subList(1, 4))
        .containsExactly(
            189_424_801, 189_424_802, 189_424_809); // Seconds since 2020, and the next.
    assertThat(seqs(third)).containsExactly(all.get(3));
    assertThat(seqs(first, second)).containsExactly(all.get(1), all.get(2));
  }

  @Test
  void seqGrowsWhateverTheClockSays() throws Exception {
    assertThat(
            seqs(
                progress("before", "1999-01-01T00:00:00"),
                progress("before too", "2019-01-01T00:00:00"),
                progress("after", "9999-01-01T00:00:00"),
                progress("after too", "9999-01-01T00:00:01")))
        .isSorted()
        .doesNotHaveDuplicates()
        .allMatch(seq -> seq > 1);
  }

  @Test
  void endWithoutAStartTellsWhatItKnows() throws Exception {
    String complete =
        "{'event_type':'complete','execution_id':'e','agent_name':'a','correlation_id':'c','status':'success','duration_ms':%s,'completed_at':'2026-01-01T10:00:10'}";

    Event.Completed measured = (Event.Completed) events(complete.formatted("1000")).get(0);
    assertThat(measured.header().startedAt()).isEqualTo("2026-01-01T10:00:09Z");
    assertThat(measured.header().occurredAt()).isEqualTo("2026-01-01T10:00:10Z");
    assertThat(measured.durationMicros()).isEqualTo(1_000_000);
    assertThat(measured.metadata()).containsEntry("execution_id_raw", "e");

    List<Event> withProgress =
        events(complete.formatted("null"), progress("one", "2026-01-01T10:00:03"));
    assertThat(withProgress).hasSize(2);
    assertThat(withProgress.get(0).header().startedAt()).isEqualTo("2026-01-01T10:00:03Z");
    assertThat(((Event.Completed) withProgress.get(0)).durationMicros()).isNull();
  }

  @Test
  void ofSeveralStartsAndEndsTheEarliestCounts() throws Exception {
    List<Event> events =
        events(
            START,
            START.replace("10:00:00", "10:00:05"),
            "{'event_type':'complete','execution_id':'e','status':'failed','completed_at':'2026-01-01T10:00:06'}",
            "{'event_type':'complete','execution_id':'e','status':'success','completed_at':'2026-01-01T10:00:07'}");

    assertThat(events).hasSize(2);
    assertThat(((Event.Completed) events.get(1)).status()).isEqualTo(Status.FAILED);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'event_type':'stop','execution_id':'e'}|unknown event_type",
        "{'execution_id':'e'}|no event_type",
        "{'event_type':'start','execution_id':null,'timestamp':'2026-01-01T10:00:00'}|no execution_id",
        "{'event_type':'start','execution_id':'e','started_at':'noon'}|no time in started_at or timestamp",
        "{'event_type':'progress','execution_id':'e','timestamp':'2026-01-01T10:00:00'}|no object progress",
        "{'event_type':'progress','execution_id':'e','timestamp':'2026-01-01T10:00:00','progress':{'percent':3}}|no stage",
        "{'target':'t','record':'r','event':{}}|a refused event: the command drain --parked delivers it",
      })
  void lineThatSaysNothingThatCanBeKeptIsBroken(String line, String why) {
    assertThatThrownBy(() -> events(line)).isInstanceOf(BrokenLineException.class).hasMessage(why);
  }

  @Test
  void timeThatIsNoneIsKeptAsTextAndTheLinesOwnStandsIn() throws Exception {
    Event.Started started =
        (Event.Started)
            events(
                    "{'event_type':'start','execution_id':'e','started_at':'noon','timestamp':'2026-01-01T10:00:00+02:00'}")
                .get(0);

    assertThat(started.header().startedAt()).isEqualTo("2026-01-01T08:00:00Z");
    assertThat(started.header().agentName()).isEqualTo("unknown");
    assertThat(started.header().correlation()).isEqualTo(Identifier.of(Identifier.of("e").id()));
    assertThat(started.metadata()).containsEntry("started_at_rejected", "noon");
  }

  private static String progress(String stage, String time) {
    return "{'event_type':'progress','execution_id':'e','progress':{'stage':'%s','updated_at':'%s'}}"
        .formatted(stage, time);
  }

  private static String quoted(String text) {
    return text == null ? "null" : "'" + text + "'";
  }

  private static List<Integer> seqs(String... lines) throws Exception {
    return events(lines).stream().map(event -> event.header().seq()).toList();
  }

  /** The lines come as the sorter hands them on. */
  private static List<Event> events(String... lines) throws BrokenLineException {
    PythonExecution execution = new PythonExecution(Identifier.of("e"));
    List<Event> events = new ArrayList<>();
    for (String line : lines) {
      events.addAll(
          execution.add(PythonLine.of(JsonReader.parse(line.replace('\'', '"').getBytes(UTF_8)))));
    }
    events.addAll(execution.end());
    return events;
  }
}
