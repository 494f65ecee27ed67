package io.agentlog.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IdentifierTest {
  private static final String CANONICAL = "01890a5d-ac96-774b-bcce-b302099a8057";

  @ParameterizedTest
  @ValueSource(strings = {CANONICAL, "01890A5D-AC96-774B-BCCE-B302099A8057"})
  void uuidInItsCanonicalFormIsThatUuidAndLeavesNoText(String text) {
    Identifier identifier = Identifier.of(text);

    assertThat(identifier.id()).isEqualTo(UUID.fromString(CANONICAL));
    assertThat(identifier.raw()).isNull();
    assertThat(identifier).isEqualTo(Identifier.of(UUID.fromString(CANONICAL)));
  }

  @ParameterizedTest
  @CsvSource({ // uuid.uuid5(uuid.NAMESPACE_OID, TEXT) in Python.
    "order 4711, 756c8829-e0d6-5369-8a22-b54cb88702b7",
    "'', 0a68eb57-c88a-5f34-9e9d-27f85e68af4f",
    "1-1-1-1-1, b0923044-b281-5599-bd1a-3726c0213d9e",
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx, db11b914-c21c-50b6-9e47-e71dd5924f81"
  })
  void anyOtherTextIsTheUuidThatPythonDerives(String text, String id) {
    assertThat(Identifier.of(text)).isEqualTo(new Identifier(UUID.fromString(id), text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "01890a5dac-96-774b-bcce-b302099a8057",
        "{1890a5d-ac96-774b-bcce-b302099a805}",
        " 1890a5d-ac96-774b-bcce-b302099a8057",
        "01890a5d-ac96-774b-bcce-b302099a805g"
      })
  void textOf36CharactersThatIsNoUuidStaysAText(String text) {
    assertThat(text).hasSize(36);
    assertThat(Identifier.of(text).raw()).isEqualTo(text);
    assertThat(Identifier.of(text).id().version()).isEqualTo(5);
    assertThat(Identifier.of(text).id().variant()).isEqualTo(2);
  }

  @Test
  void textIsCleanedBeforeItsUuidIsDerived() {
    assertThat(Identifier.of("a\0b"))
        .isEqualTo(
            new Identifier(UUID.fromString("f5c5dda5-635e-572b-9ec9-d9ce0035e3aa"), "a\u2400b"));
  }

  @Test
  void identifierWithoutAUuidIsRefused() {
    assertThatNullPointerException()
        .isThrownBy(() -> new Identifier(null, "text"))
        .withMessage("id");
  }
}
