package io.agentlog.insight.gate;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.insight.page.Window;
import io.agentlog.json.JsonReader;
import io.agentlog.json.JsonWriter;
import java.io.ByteArrayInputStream;
import java.io.InputStreamReader;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import org.apache.maven.plugin.surefire.log.api.NullConsoleLogger;
import org.apache.maven.plugins.surefire.report.ReportTestCase;
import org.apache.maven.plugins.surefire.report.ReportTestSuite;
import org.apache.maven.plugins.surefire.report.TestSuiteXmlParser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Goal: no name of an agent breaks a report, and build servers read the verdicts in it. */
class ReportsTest {
  private static GateResult result(String agent) {
    return new GateResult(
        new Window(Instant.parse("2026-11-29T10:00:00Z"), Instant.parse("2026-11-29T12:00:00Z")),
        "",
        30,
        List.of(
            new GateResult.OfAgent(
                agent,
                Verdict.FAIL,
                412,
                3,
                1,
                List.of(
                    check("failure rate", Verdict.FAIL),
                    check("p95", Verdict.PASS),
                    check("stage " + agent, Verdict.UNDECIDED)))),
        List.of(agent + " is a note"));
  }

  private static Check check(String name, Verdict verdict) {
    return new Check(
        name, verdict, Unit.SHARE, 0.1, 0.07, 0.13, new BigDecimal("0.02"), 412, 41L, null, "");
  }

  private static List<ReportTestSuite> parsed(String xml) throws Exception {
    return new TestSuiteXmlParser(new NullConsoleLogger())
        .parse(new InputStreamReader(new ByteArrayInputStream(xml.getBytes(UTF_8)), UTF_8));
  }

  @Test
  void surefireReadsTheVerdicts() throws Exception {
    List<ReportTestSuite> suites = parsed(JunitReport.of(result("support.Router")));
    assertThat(suites).hasSize(1);
    ReportTestSuite suite = suites.get(0);
    assertThat(suite.getNumberOfTests()).isEqualTo(3);
    assertThat(suite.getNumberOfFailures()).isEqualTo(1);
    assertThat(suite.getNumberOfSkipped()).isEqualTo(1);
    assertThat(suite.getNumberOfErrors()).isZero();
    assertThat(suite.getFullClassName()).isEqualTo("support.Router");
    ReportTestCase failed = suite.getTestCases().get(0);
    assertThat(failed.hasFailure()).isTrue();
    assertThat(failed.getName()).isEqualTo("failure rate");
    assertThat(failed.getFailureMessage())
        .isEqualTo(
            "failure rate 10.00 % (41 of 412), 95 % interval 7.00 % to 13.00 %, limit 2 %, n 412");
    assertThat(suite.getTestCases().get(1).isSuccessful()).isTrue();
    assertThat(suite.getTestCases().get(2).hasSkipped()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "</testcase>\"'<&>]]>",
        "a\nb\r\tc",
        "null \0 bell \7 escape \u001b[31m",
        "lone \ud83d surrogate, \ufffe, \uffff",
        "emoji \ud83d\ude80, bidi \u202e, separator \u2028",
        "a | b | `c` **d** <img src=x onerror=alert(1)> [e](javascript:f) \\| @team #1 ~~g~~",
        "{\"json\": \"\\\"}",
        "",
      })
  void namesOfAnyCharactersBreakNoReport(String name) throws Exception {
    GateResult result = result(name);

    String xml = JunitReport.of(result);
    List<ReportTestSuite> suites = parsed(xml);
    assertThat(suites).hasSize(1);
    assertThat(suites.get(0).getNumberOfTests()).isEqualTo(3);

    assertThat(JsonReader.parse(JsonWriter.write(JsonReport.of(result)).getBytes(UTF_8)))
        .containsEntry("exit_status", 1L);

    String markdown = MarkdownReport.of(result);
    List<String> rows = markdown.lines().filter(line -> line.startsWith("|")).toList();
    assertThat(rows)
        .hasSize(2 + 1 + 3)
        .allMatch(row -> row.chars().filter(c -> c == '|').count() == 9);
    assertThat(markdown).doesNotContain("<", "`", "[", "\\", "@", "\u2028");
    assertThat(markdown.lines()).hasSize(2 + 2 + 6 + 1 + 1 + 1);
  }

  @Test
  void nameIsReadBackAsItWas() throws Exception {
    String name = "Rück <ruf> & \"Co\" \ud83d\ude80\n2";
    assertThat(parsed(JunitReport.of(result(name))).get(0).getFullClassName()).isEqualTo(name);
  }
}
