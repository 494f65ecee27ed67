package io.agentlog.insight.page;

import java.util.regex.Pattern;

/** The common part of the messages of a group of errors. Thread-safe. */
public final class ErrorPattern {
  // Quoted parts first: they may hold the others. A pattern without alternatives that overlap takes
  // linear time.
  private static final Pattern QUOTED = Pattern.compile("\"[^\"]*\"|'[^']*'|`[^`]*`");
  private static final Pattern ID =
      Pattern.compile(
          "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}");
  private static final Pattern HEX =
      Pattern.compile("0[xX][0-9a-fA-F]+|[0-9a-fA-F]{16,}|@[0-9a-f]{4,}");
  private static final Pattern NUMBER = Pattern.compile("[0-9]+([.,][0-9]+)*");

  private ErrorPattern() {}

  /** Returns the message with its numbers, IDs, hexadecimal and quoted parts replaced. */
  public static String of(String message) {
    String text = QUOTED.matcher(message).replaceAll("<quoted>");
    text = ID.matcher(text).replaceAll("<uuid>");
    text = HEX.matcher(text).replaceAll("<hex>");
    return NUMBER.matcher(text).replaceAll("<number>");
  }
}
