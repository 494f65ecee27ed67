package io.agentlog.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentlog.event.Event;
import io.agentlog.event.ModelCallValues;
import io.agentlog.event.SampleEvents;
import io.agentlog.event.TokenCounts;
import io.agentlog.event.UsageTotals;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Calls of models and totals: written, read, and read from lines that others have changed. */
class UsageJsonTest {
  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "1, 0.000000001",
    "1500, 0.0000015",
    "100000000000, 100",
    "9223372036854775807, 9223372036.854775807"
  })
  void costIsExactAndHasNoExponent(long nanos, String written) throws Exception {
    Event event = progress(new UsageTotals("m", 1, 0, TokenCounts.UNKNOWN, nanos, "USD"));

    String line = line(event);

    assertThat(line).contains("\"cost\":" + written + ",\"cost_currency\":\"USD\"}");
    assertThat(read(line).totals()).isEqualTo(event.totals());
  }

  @Test
  void whatIsNotKnownIsAbsentAndNotZero() throws Exception {
    UsageTotals unknown = new UsageTotals(null, 0, 3, TokenCounts.UNKNOWN, null, null);

    String line = line(progress(unknown));

    assertThat(line).contains("\"totals\":{\"model_calls\":0,\"tool_calls\":3}");
    assertThat(read(line).totals()).isEqualTo(unknown);
    assertThat(line(progress(null))).doesNotContain("totals");
    assertThat(read(line(progress(null))).totals()).isNull();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "-5|-0.5",
        "1.5|\"free\"",
        "99999999999999999999|9223372036.854775808",
        "\"12\"|1e300",
        "null|null",
      })
  void numberThatNoCountOrCostCanBeIsNotKnown(String tokens, String cost) throws Exception {
    String line =
        line(progress(new UsageTotals("m", 1, 0, new TokenCounts(7L, 8L, 9L, 9L, 9L), 5L, "EUR")))
            .replace("\"input_tokens\":7", "\"input_tokens\":" + tokens)
            .replace("0.000000005", cost);

    UsageTotals totals = read(line).totals();

    assertThat(totals.tokens()).isEqualTo(new TokenCounts(null, 8L, 9L, 9L, 9L));
    assertThat(totals.costNanos()).isNull();
    assertThat(totals.modelCalls()).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"framework\":|\"frame\":|no framework",
        "\"duration_us\":|\"duration\":|no duration_us",
        "\"duration_us\":|\"duration_us\":-|no duration_us",
        "\"totals\":|\"total\":|no totals",
        "\"totals\":|\"totals\":5,\"x\":|no totals",
      })
  void callThatLacksSomethingIsBroken(String part, String instead, String why) {
    String line = line(SampleEvents.modelCall()).replace(part, instead);

    assertThatThrownBy(() -> read(line)).isInstanceOf(BrokenLineException.class).hasMessage(why);
  }

  @Test
  void textThatTheDatabaseRefusesIsCleanedAndFlaggedAtItsCall() throws Exception {
    String line = line(SampleEvents.modelCall()).replace("claude-sonnet-4-5\"", "a\\u0000b\"");

    ModelCallValues values = ((Event.ModelCall) read(line)).values();

    assertThat(values.requestModel()).isEqualTo("a\u2400b");
    assertThat(values.metadata()).isEqualTo(Map.of("request_model_sanitized", true));
  }

  @Test
  void rootComesBack() throws Exception {
    Event.Started started =
        new Event.Started(
            SampleEvents.header(1, 0),
            Event.Kind.AGENT,
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            SampleEvents.DETAILED,
            SampleEvents.EXECUTION,
            null,
            null,
            Map.of());

    Event.Started read = (Event.Started) read(line(started));

    assertThat(read.rootExecutionId()).isEqualTo(SampleEvents.EXECUTION);
    assertThat(read.parentExecutionId()).isEqualTo(SampleEvents.DETAILED);
    assertThat(read.kind()).isEqualTo(Event.Kind.AGENT);
  }

  private static Event progress(UsageTotals totals) {
    return new Event.Progress(
        SampleEvents.header(2, 1_000), "s", null, Map.of(), Map.of("k", "v"), totals);
  }

  private static String line(Event event) {
    return new String(EventJsonWriter.write(event), UTF_8);
  }

  private static Event read(String line) throws BrokenLineException {
    return EventJsonReader.read(JsonReader.parse(line.getBytes(UTF_8)));
  }
}
