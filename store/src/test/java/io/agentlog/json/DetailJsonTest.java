package io.agentlog.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentlog.event.Event;
import io.agentlog.event.EventHeader;
import io.agentlog.event.FileOperationType;
import io.agentlog.event.Identifier;
import io.agentlog.event.ModelCallValues;
import io.agentlog.event.SampleEvents;
import io.agentlog.event.TokenCounts;
import io.agentlog.event.UsageTotals;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DetailJsonTest {
  private static final int EVENTS = 4_000;

  private final Random random = new Random(20_261_130);

  @Test
  void eventWithAnyOfItsOptionalFieldsComesBack() throws Exception {
    for (int i = 0; i < EVENTS; i++) {
      Event event = randomEvent(i);

      Event read = EventJsonReader.read(JsonReader.parse(EventJsonWriter.write(event)));

      assertThat(read).isEqualTo(event);
    }
  }

  @Test
  void identifierOfAnItemThatIsNoUuidKeepsItsText() throws Exception {
    Event.IntelligenceUsage event =
        (Event.IntelligenceUsage) SampleEvents.details().get(SampleEvents.details().size() - 1);

    Event.IntelligenceUsage read =
        (Event.IntelligenceUsage)
            EventJsonReader.read(JsonReader.parse(EventJsonWriter.write(event)));

    assertThat(read.itemId()).isEqualTo(Identifier.of(event.itemId().id()));
    assertThat(read.metadata()).containsEntry("intelligence_id_raw", "invoice-pattern-12");
  }

  @Test
  void promptThatIsTooLargeForABrokerLosesBothTextsAndKeepsLengthsAndHashes() throws Exception {
    Event event = SampleEvents.prompt("canary-prompt", "canary-instructions");

    byte[] written = EventJsonWriter.writeWithoutPrompt(event);

    assertThat(EventJsonWriter.hasPrompt(event)).isTrue();
    assertThat(new String(written, UTF_8)).doesNotContain("canary");
    Event.Prompt read = (Event.Prompt) EventJsonReader.read(JsonReader.parse(written));
    assertThat(read.prompt()).isNull();
    assertThat(read.promptLength()).isEqualTo(13);
    assertThat(read.promptSha256()).isNotNull();
    assertThat(read.instructions()).isNull();
    assertThat(read.instructionsLength()).isEqualTo(19);
    assertThat(read.instructionsSha256()).isNotNull();
    assertThat(read.metadata())
        .containsEntry("user_prompt_truncated", true)
        .containsEntry("agent_instructions_truncated", true);
  }

  @Test
  void instructionsAloneAreLeftOutToo() {
    Event event =
        new Event.Prompt(
            SampleEvents.header(2, 0), UUID.randomUUID(), null, 3, null, "text", 4, null, Map.of());

    assertThat(EventJsonWriter.hasPrompt(event)).isTrue();
    assertThat(new String(EventJsonWriter.writeWithoutPrompt(event), UTF_8))
        .doesNotContain("\"text\"", "user_prompt_truncated")
        .contains("\"agent_instructions_truncated\":true");
  }

  @Test
  void detailWithoutATextIsTheSameWithAndWithoutIt() {
    for (Event event : SampleEvents.details()) {
      if (!(event instanceof Event.Prompt)) {
        assertThat(EventJsonWriter.hasPrompt(event)).isFalse();
        assertThat(EventJsonWriter.writeWithoutPrompt(event))
            .isEqualTo(EventJsonWriter.write(event));
      }
    }
  }

  @Test
  void hashOfAFileHasAnIdentityOfItsOwn() {
    Event operation = SampleEvents.details().get(1);
    Event hash = SampleEvents.details().get(2);

    assertThat(operation.eventId()).isEqualTo(SampleEvents.DETAILED + ":3");
    assertThat(hash.eventId()).isEqualTo(((Event.FileOperation) operation).id() + ":hash");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0|\"prompt_id\"|\"prompt\"|no prompt_id",
        "0|\"prompt_id\":\"0|\"prompt_id\":\"x|no UUID in prompt_id",
        "1|\"operation_type\":\"edit\"|\"operation_type\":\"glob\"|unknown operation_type",
        "1|\"operation_type\"|\"type\"|no operation_type",
        "1|\"success\":true|\"success\":\"yes\"|no success",
        "1|\"file_path_hash\"|\"hash\"|no file_path_hash",
        "2|\"operation_id\"|\"operation\"|no operation_id",
        "3|\"usage_id\"|\"usage\"|no usage_id",
      })
  void lineThatLacksSomethingIsBroken(int detail, String part, String instead, String why) {
    String line = new String(EventJsonWriter.write(SampleEvents.details().get(detail)), UTF_8);
    assertThat(line).contains(part);

    assertThatThrownBy(
            () ->
                EventJsonReader.read(JsonReader.parse(line.replace(part, instead).getBytes(UTF_8))))
        .isInstanceOf(BrokenLineException.class)
        .hasMessage(why);
  }

  private Event randomEvent(int i) {
    EventHeader header =
        new EventHeader(
            new UUID(random.nextLong(), random.nextLong()),
            1 + random.nextInt(Integer.MAX_VALUE),
            1_767_323_045_123_456L + random.nextInt(),
            1_000L * random.nextInt(1 << 30),
            "agent " + i,
            Identifier.of(UUID.randomUUID()),
            Identifier.of(UUID.randomUUID()),
            UUID.randomUUID());
    UUID id = new UUID(random.nextLong(), random.nextLong());
    return switch (i % 5) {
      case 0 ->
          new Event.Prompt(
              header, id, text(), number(), text(), text(), number(), text(), metadata());
      case 1 ->
          new Event.FileOperation(
              header,
              id,
              List.of(FileOperationType.values())
                  .get(random.nextInt(FileOperationType.values().length)),
              text(),
              "ab".repeat(32),
              count(),
              count(),
              count(),
              text(),
              text(),
              random.nextBoolean(),
              text(),
              text(),
              count(),
              metadata(),
              metadata());
      case 4 ->
          new Event.ModelCall(
              header,
              or(() -> new UUID(random.nextLong(), random.nextLong())),
              new ModelCallValues(
                  "langchain4j",
                  text(),
                  text(),
                  text(),
                  random.nextBoolean(),
                  random.nextLong() & Long.MAX_VALUE,
                  random.nextBoolean() ? -1 : random.nextInt(1 << 30),
                  tokens(),
                  text(),
                  text(),
                  text(),
                  count(),
                  text(),
                  text(),
                  new UsageTotals(
                      text(), random.nextInt(9), random.nextInt(9), tokens(), count(), text()),
                  metadata()));
      case 2 -> new Event.FileHash(header, id, text(), text(), count(), metadata());
      default ->
          new Event.IntelligenceUsage(
              header,
              id,
              text(),
              text(),
              or(() -> Identifier.of(UUID.randomUUID())),
              text(),
              text(),
              text(),
              or(random::nextDouble),
              text(),
              text(),
              count(),
              or(() -> 1 + random.nextInt(50)),
              or(random::nextBoolean),
              or(random::nextBoolean),
              or(random::nextDouble),
              metadata());
    };
  }

  private TokenCounts tokens() {
    return new TokenCounts(count(), count(), count(), count(), count());
  }

  private <T> T or(Supplier<T> value) {
    return random.nextBoolean() ? value.get() : null;
  }

  private String text() {
    return or(
        () ->
            List.of("", "ä \" \\ \n", "😀", "/srv/a b", "x".repeat(random.nextInt(3_000)))
                .get(random.nextInt(5)));
  }

  private Integer number() {
    return or(() -> random.nextInt(Integer.MAX_VALUE));
  }

  private Long count() {
    return or(() -> random.nextLong() & Long.MAX_VALUE);
  }

  private Map<String, Object> metadata() {
    Map<String, Object> map = new LinkedHashMap<>();
    if (random.nextBoolean()) {
      map.put("n", (long) random.nextInt());
      map.put("list", new ArrayList<>(List.of("a", true, 5L)));
      map.put("nested", Map.of("user_prompt_truncated", random.nextBoolean()));
    }
    return map;
  }
}
