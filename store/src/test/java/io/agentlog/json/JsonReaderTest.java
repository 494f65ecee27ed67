package io.agentlog.json;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonReaderTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"a\":1,\"b\":[true,null,\"x\"],\"c\":{}}|{\"a\":1,\"b\":[true,null,\"x\"],\"c\":{}}",
        "{\"a\":NaN,\"b\":-Infinity,\"c\":Infinity}|{\"a\":null,\"b\":null,\"c\":null}",
        "{\"a\":0.1,\"b\":1.0,\"c\":123456789012345678901234567890}|{\"a\":0.1,\"b\":1.0,\"c\":123456789012345678901234567890}",
        "{\"a\":1e99999,\"b\":1e99999999999999}|{\"a\":\"1e99999\",\"b\":\"1e99999999999999\"}",
        "{\"a\":1,\"a\":2}|{\"a\":2}",
      })
  void valuesAreWhatPythonMeant(String line, String expected) throws Exception {
    assertThat(JsonWriter.write(JsonReader.parse(line.getBytes(UTF_8)))).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "secret|no JSON from character 1 on",
        "{\"a\":\"secret\",}|no JSON from character 15 on",
        "{\"a\":\"secr|no whole JSON object: the line was cut short",
        "{\"a\":{\"b\":1}|no whole JSON object: the line was cut short",
        "[1]|no JSON object",
        "\"secret\"|no JSON object",
        "{} {}|more follows after the JSON object",
        "{\"a\":\u0001}|no JSON from character 7 on",
      })
  void lineThatIsNoObjectIsBrokenAndNotQuoted(String line, String why) {
    assertThatThrownBy(() -> JsonReader.parse(line.getBytes(UTF_8)))
        .isInstanceOf(BrokenLineException.class)
        .hasMessage(why);
  }

  @Test
  void bytesThatAreNoUtf8AreBroken() {
    assertThatThrownBy(() -> JsonReader.parse("{\"a\":\"ü\"}".getBytes(ISO_8859_1)))
        .hasMessage("not in UTF-8");
    byte[] surrogate = {'{', '"', (byte) 0xed, (byte) 0xa0, (byte) 0x80, '"', ':', '1', '}'};
    assertThatThrownBy(() -> JsonReader.parse(surrogate)).hasMessage("not in UTF-8");
  }

  @Test
  void nestingAndDigitsHaveTheirLimits() throws Exception {
    String deepest = "{\"a\":".repeat(JsonReader.DEPTH_MAX - 1) + "{}" + "}".repeat(99);
    assertThat(JsonReader.parse(deepest.getBytes(UTF_8))).hasSize(1);
    assertThatThrownBy(() -> JsonReader.parse(("{\"a\":" + deepest + "}").getBytes(UTF_8)))
        .hasMessageContaining("nested deeper than 100");
    assertThatThrownBy(
            () -> JsonReader.parse(("{\"a\":" + "9".repeat(1_001) + "}").getBytes(UTF_8)))
        .hasMessageContaining("more than 1000 digits");
  }

  @Test
  void byteOrderMarkIsNoPartOfTheLine() throws Exception {
    assertThat(JsonReader.parse("\ufeff{\"a\":1}".getBytes(UTF_8))).isEqualTo(Map.of("a", 1L));
  }
}
