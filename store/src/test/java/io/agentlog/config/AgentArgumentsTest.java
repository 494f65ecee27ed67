package io.agentlog.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.config.AgentArguments.Argument;
import java.util.List;
import org.junit.jupiter.api.Test;

class AgentArgumentsTest {
  private final Problems problems = new Problems();

  @Test
  void commasSeparateSettings() {
    assertThat(parse("service=router, log.level = debug,"))
        .containsExactly(argument("service", "router"), argument("log.level", " debug"));
    assertThat(problems.lines()).isEmpty();
  }

  @Test
  void aPieceWithoutAKeyContinuesTheValueBefore() {
    assertThat(parse("kafka.bootstrap-servers=a:1,b:2,[::1]:3,service=x"))
        .containsExactly(
            argument("kafka.bootstrap-servers", "a:1,b:2,[::1]:3"), argument("service", "x"));
  }

  @Test
  void aUrlKeepsItsParameters() {
    String url = "jdbc:postgresql://a:1,b:2/db?targetServerType=primary&options=-c%20x=y";
    assertThat(parse("postgres.url=" + url + ",enabled=true"))
        .containsExactly(argument("postgres.url", url), argument("enabled", "true"));
  }

  @Test
  void quotesProtectCommasAndEquals() {
    assertThat(parse("postgres.password='a,b=\"c',dir=\"/x,y=z\",service=it's"))
        .containsExactly(
            argument("postgres.password", "a,b=\"c"),
            argument("dir", "/x,y=z"),
            argument("service", "it's"));
  }

  @Test
  void quotesInsideAValueAreKept() {
    assertThat(parse("kafka.client.sasl.jaas.config=a.B required username=\"u\" password=\"p\";"))
        .containsExactly(
            argument(
                "kafka.client.sasl.jaas.config", "a.B required username=\"u\" password=\"p\";"));
  }

  @Test
  void backslashTakesCommaAndQuoteAsTheyAre() {
    assertThat(parse("service=a\\,b=c,dir='it\\'s',postgres.user=\\'q"))
        .containsExactly(
            argument("service", "a,b=c"), argument("dir", "it's"), argument("postgres.user", "'q"));
  }

  @Test
  void backslashOfAWindowsPathIsKept() {
    assertThat(parse("dir=C:\\agentlog\\new,service=x"))
        .containsExactly(argument("dir", "C:\\agentlog\\new"), argument("service", "x"));
  }

  @Test
  void anOpenQuoteIsReportedWithoutTheValue() { // Fault 79
    assertThat(parse("postgres.password='hunter2,service=x"))
        .containsExactly(argument("postgres.password", "hunter2,service=x"));
    assertThat(problems.lines())
        .singleElement()
        .asString()
        .contains("postgres.password", "not closed")
        .doesNotContain("hunter2");
  }

  @Test
  void textBeforeTheFirstKeyIsReportedAndIgnored() {
    assertThat(parse("hunter2,service=x")).containsExactly(argument("service", "x"));
    assertThat(problems.lines())
        .singleElement()
        .asString()
        .contains("KEY=value")
        .doesNotContain("hunter2");
  }

  private List<Argument> parse(String text) {
    return AgentArguments.parse(text, problems);
  }

  private static Argument argument(String key, String value) {
    return new Argument(key, value);
  }
}
