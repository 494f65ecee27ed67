package io.agentlog.agent.capture.privacy;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.agent.metrics.Counters;
import io.agentlog.agent.metrics.Counters.Counter;
import io.agentlog.config.ConfigLoader;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PrivacyTest {
  private final Counters counters = new Counters();
  private final List<String> lines = new ArrayList<>();

  @Test
  void nothingIsRedactedUnlessAskedFor() {
    Privacy privacy = privacy();
    String text = "mail bob@example.com, Bearer abcdefgh12345678";

    assertThat(privacy.redacts()).isFalse();
    assertThat(privacy.redact(text)).isSameAs(text);
    assertThat(privacy.promptMode("any")).isEqualTo(PromptMode.FULL);
  }

  @Test
  void builtInKindsAreReplacedAndNamed() {
    Privacy privacy = privacy("redact", "all");

    assertRedacted(
        privacy, "Authorization: Bearer abc.DEF-123~456/x=", "Authorization: %s", "bearer");
    assertRedacted(privacy, "jwt eyJhbGciOiJI.eyJzdWIiOiIx.c2lnbmF0dXJl!", "jwt %s!", "bearer");
    assertRedacted(privacy, "key sk-proj-abcdefghij0123456789", "key %s", "api-key");
    assertRedacted(privacy, "AKIAIOSFODNN7EXAMPLE is it", "%s is it", "api-key");
    assertRedacted(privacy, "(ghp_0123456789abcdefghij0123456789abcdef)", "(%s)", "api-key");
    assertRedacted(privacy, "to: jörg.müller+x@mail.exämple.co.uk;", "to: %s;", "email");
    assertRedacted(privacy, "card 4111 1111 1111 1111, please", "card %s, please", "card");
    assertRedacted(privacy, "5500-0000-0000-0004", "%s", "card");
    assertRedacted(privacy, "amex 378282246310005.", "amex %s.", "card");
    assertRedacted(privacy, "order 12 4111111111111111", "order 12 %s", "card");
  }

  /** Variants of each built-in kind; {@code %s} stands for what is replaced. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      ignoreLeadingAndTrailingWhitespace = false,
      value = {
        "bearer|%s|BEARer abcdefghijk12345",
        "bearer|%s|BeArEr abcdefghijk12345",
        "bearer|_%s|_bearer: abcdefghijk12345",
        "bearer|token_%s|token_eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.abc",
        "api-key|key _%s|key _sk-abcdefghijklmnopqrstuvwxyz0123",
        "api-key|%s_2|AKIAIOSFODNN7EXAMPLE_2",
        "api-key|a=%s&b|a=hf_abcdefghijklmnopqrstuvwx&b",
        "email|mail %s|mail a.b\uff20example.com",
        "email|mail %s|mail jo\u0308rg@exa\u0308mple.com",
        "card|%s|4111\u00a01111\u00a01111\u00a01111",
        "card|%s|4111.1111.1111.1111",
        "card|%s|4111  1111  1111  1111",
        "card|%s|4111\u20131111\u20131111\u20131111",
        "card|%s|4111- 1111- 1111- 1111",
        "card|%s|\uff14\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11",
        "card|%s|\u0664\u0661\u0661\u0661 \u0661\u0661\u0661\u0661 \u0661\u0661\u0661\u0661 \u0661\u0661\u0661\u0661",
        "card|%s|41 11 11 11 11 11 11 11",
        "card|pan_%s|pan_4111111111111111",
        "card|%s 33|4111111111111111 33"
      })
  void variantsOfASecretAreReplacedToo(String kind, String expected, String text) {
    assertRedacted(privacy("redact", "all"), text, expected, kind);
  }

  @Test
  void numberOfACardOverTwoLinesIsReplaced() {
    assertRedacted(privacy("redact", "card"), "4111\n1111\r\n1111\n1111", "%s", "card");
  }

  /** What configuration.md says is not found. */
  @Test
  void limitsOfTheBuiltInKindsAreThoseThatThePageStates() {
    Privacy privacy = privacy("redact", "all");
    for (String text :
        List.of(
            "PAN4111111111111111",
            "xsk-abcdefghijklmnopqrstuvwxyz0123",
            "sk-abcdefgh\nijklmnopqrstuvwxyz0123",
            "sk-\u200babcdefghijklmnopqrstuvwxyz0123",
            "a.b@localhost",
            "\"john doe\"@example.com",
            "a.b%40example.com",
            "3.1415926535897930",
            "4111,1111,1111,1111")) {
      String redacted = privacy.redact(text);
      assertThat(redacted.replaceFirst("^\"john doe\"@", "")).as(text).doesNotContain("REDACTED");
    }
  }

  @Test
  void whatOnlyLooksLikeASecretStays() {
    Privacy privacy = privacy("redact", "all");
    for (String text :
        List.of(
            "the bearer of news",
            "task-force, risk-averse and disk_space",
            "at 10:30 @home",
            "4111 1111 1111 1112",
            "1760000000000000",
            "x4111111111111111",
            "41111111111111111111111111111",
            "id 46298508-dc0d-500c-9be0-fc9a22cf8319")) {
      assertThat(privacy.redact(text)).isSameAs(text);
      assertThat(privacy.isRedacted(text)).isFalse();
    }
  }

  @Test
  void ownPatternsAreReplacedByTheirName() {
    Privacy privacy = privacy("redact.patterns", "ticket=T-[0-9]{3,5};;staff=\\bE\\d+\\b");

    assertThat(privacy.redact("T-1234 by E77")).isEqualTo("[REDACTED:ticket] by [REDACTED:staff]");
    assertThat(privacy.redact("bob@example.com")).isEqualTo("bob@example.com");
    assertThat(privacy.isRedacted(Map.of("a", List.of("[REDACTED:ticket]")))).isTrue();
    assertThat(lines).isEmpty();
  }

  @Test
  void textThatCantBeLookedThroughIsWithheldAndCounted() {
    Privacy privacy = privacy("redact", "email");

    assertThat(privacy.redact("a".repeat(Redactor.TEXT_CHARS_MAX + 1))).isEqualTo("[WITHHELD]");
    assertThat(privacy.redact("a".repeat(Redactor.TEXT_CHARS_MAX))).doesNotContain("[");
    assertThat(counters.get(Counter.WITHHELD)).isEqualTo(1);
  }

  @Test
  void settingThatIsNotUnderstoodRemovesMoreAndNotLess() {
    assertThat(privacy("redact", "emial").redact("a@b.com")).isEqualTo("[REDACTED:email]");
    for (String bad : List.of("x=(", "noname", "x=a*", "x=(?=lookahead)")) {
      assertThat(privacy("redact.patterns", bad).redact("text")).as(bad).isEqualTo("[WITHHELD]");
    }
    assertThat(privacy("capture.prompt", "nome").promptMode("a")).isEqualTo(PromptMode.NONE);
    assertThat(privacy("capture.prompt.agents", "a=none").promptMode("b"))
        .isEqualTo(PromptMode.NONE);
    assertThat(lines).hasSize(7);
  }

  @Test
  void firstPatternThatMatchesAnAgentDecides() {
    Privacy privacy =
        privacy("capture.prompt", "hash", "capture.prompt.agents", "bill*:none, b*:full");

    assertThat(privacy.promptMode("billing.eu")).isEqualTo(PromptMode.NONE);
    assertThat(privacy.promptMode("bot")).isEqualTo(PromptMode.FULL);
    assertThat(privacy.promptMode("other")).isEqualTo(PromptMode.HASH);
  }

  @Test
  void agentMayBeNamedByItsClass() {
    Privacy privacy = privacy("capture.prompt.agents", "SupportAgent:none");

    assertThat(privacy.promptMode("support-agent")).isEqualTo(PromptMode.NONE);
    assertThat(privacy.promptMode("SupportAgent")).isEqualTo(PromptMode.NONE);
    assertThat(privacy.promptMode("other")).isEqualTo(PromptMode.FULL);
  }

  private static void assertRedacted(Privacy privacy, String text, String expected, String kind) {
    assertThat(privacy.redact(text)).isEqualTo(expected.formatted("[REDACTED:" + kind + "]"));
  }

  private Privacy privacy(String... settings) {
    Properties properties = new Properties();
    for (int i = 0; i < settings.length; i += 2) {
      properties.setProperty("agentlog." + settings[i], settings[i + 1]);
    }
    return Privacy.of(ConfigLoader.load(null, properties, Map.of()), counters, lines::add);
  }
}
