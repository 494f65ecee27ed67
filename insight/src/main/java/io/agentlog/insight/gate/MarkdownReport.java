package io.agentlog.insight.gate;

/** The result as a table in Markdown, for the summary page of a build. */
public final class MarkdownReport {
  private MarkdownReport() {}

  /** Returns the text; a line break ends it, so that another may follow. */
  public static String of(GateResult result) {
    StringBuilder text = new StringBuilder("## ");
    text.append(TextReport.summary(result)).append("\n\n");
    text.append("Executions that started ").append(RowReader.between(result.window()));
    if (!result.baseline().isEmpty()) {
      text.append(", compared with ").append(escaped(result.baseline()));
    }
    text.append("\n\n| agent | check | verdict | value | 95 % interval | limit | n | |\n");
    text.append("| --- | --- | --- | ---: | --- | ---: | ---: | --- |\n");
    for (GateResult.OfAgent agent : result.agents()) {
      String name = escaped(Gate.shown(agent.agent()));
      text.append("| ").append(name).append(" | | **").append(agent.verdict());
      text.append("** | | | | ").append(agent.ended()).append(" | ");
      text.append(TextReport.counts(agent)).append(" |\n");
      agent.checks().forEach(check -> add(text, name, check));
    }
    for (String note : result.notes()) {
      text.append("\n- ").append(escaped(note));
    }
    return text.append("\n\n").toString();
  }

  private static void add(StringBuilder text, String name, Check check) {
    text.append("| ").append(name).append(" | ").append(escaped(check.check()));
    text.append(" | ").append(check.verdict());
    text.append(" | ").append(check.unit().text(check.value()));
    text.append(" | ").append(check.interval());
    text.append(" | ").append(check.unit().limit(check.limit()));
    text.append(" | ").append(check.n()).append(" | ");
    Check.Against against = check.against();
    if (against != null) {
      text.append("baseline ").append(check.unit().text(against.value())).append(" of ");
      text.append(against.n()).append(check.reason().isEmpty() ? "" : "; ");
    }
    text.append(check.reason()).append(" |\n");
  }

  /**
   * Writes each character that Markdown, HTML or a link may be made of as a reference: these are
   * never read as markup. Line breaks would end the table.
   */
  static String escaped(String text) {
    StringBuilder escaped = new StringBuilder(text.length() + 16);
    text.codePoints()
        .forEach(
            c -> {
              if (Character.isISOControl(c) || c == 0x2028 || c == 0x2029) {
                escaped.append('\uFFFD');
              } else if (c < 0x80 && c != ' ' && c != '-' && !Character.isLetterOrDigit(c)) {
                escaped.append("&#").append(c).append(';');
              } else {
                escaped.appendCodePoint(c);
              }
            });
    return escaped.toString();
  }
}
