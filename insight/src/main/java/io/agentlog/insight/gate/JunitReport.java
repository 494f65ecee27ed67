package io.agentlog.insight.gate;

import java.util.List;

/**
 * The result as XML that build servers read as tests: an agent is a suite, a check is a test.
 * Undecided is skipped.
 */
public final class JunitReport {
  private static final String HEAD = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

  private JunitReport() {}

  /** Returns the document. */
  public static String of(GateResult result) {
    StringBuilder xml = new StringBuilder(HEAD);
    List<Check> all = result.agents().stream().flatMap(agent -> agent.checks().stream()).toList();
    xml.append("<testsuites name=\"agentlog gate\"").append(counts(all)).append(">\n");
    for (GateResult.OfAgent agent : result.agents()) {
      add(xml, agent);
    }
    return xml.append("</testsuites>\n").toString();
  }

  private static String counts(List<Check> checks) {
    return " tests=\"%s\" failures=\"%s\" errors=\"0\" skipped=\"%s\" time=\"0\""
        .formatted(checks.size(), count(checks, Verdict.FAIL), count(checks, Verdict.UNDECIDED));
  }

  private static long count(List<Check> checks, Verdict verdict) {
    return checks.stream().filter(check -> check.verdict() == verdict).count();
  }

  private static void add(StringBuilder xml, GateResult.OfAgent agent) {
    String name = escaped(Gate.shown(agent.agent()));
    xml.append("  <testsuite name=\"").append(name).append('"');
    xml.append(counts(agent.checks())).append(">\n");
    for (Check check : agent.checks()) {
      xml.append("    <testcase classname=\"").append(name);
      xml.append("\" name=\"").append(escaped(check.check())).append("\" time=\"0\">");
      String line = escaped(check.line());
      switch (check.verdict()) {
        case FAIL ->
            xml.append("<failure type=\"gate\" message=\"%s\">%s</failure>".formatted(line, line));
        case UNDECIDED -> xml.append("<skipped message=\"%s\"/>".formatted(line));
        case PASS -> xml.append("<system-out>%s</system-out>".formatted(line));
      }
      xml.append("</testcase>\n");
    }
    xml.append("  </testsuite>\n");
  }

  /** Escapes a text; a character that XML 1.0 does not have becomes U+FFFD. */
  static String escaped(String text) {
    StringBuilder escaped = new StringBuilder(text.length() + 16);
    text.codePoints()
        .forEach(
            c -> {
              switch (c) {
                case '&' -> escaped.append("&amp;");
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '"' -> escaped.append("&quot;");
                case '\t', '\n', '\r' -> escaped.append("&#").append(c).append(';');
                default -> escaped.appendCodePoint(isXml(c) ? c : 0xFFFD);
              }
            });
    return escaped.toString();
  }

  private static boolean isXml(int c) {
    return (c >= 0x20 && c <= 0xD7FF) || (c >= 0xE000 && c <= 0xFFFD) || c >= 0x10000;
  }
}
