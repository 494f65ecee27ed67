package io.agentlog.insight.rollup;

/**
 * Groups error messages that differ in numbers, UUIDs, hexadecimal or quoted parts alone. Computed
 * by the database, so no message leaves it.
 */
final class Fingerprints {
  /** Characters of a message that count, so that a stack trace in it costs little. */
  private static final int CHARACTERS_MAX = 1_000;

  /** The fingerprint of {@code l.error_message}. Quoted parts first: they may hold the others. */
  static final String SQL = of("l.error_message");

  private Fingerprints() {}

  /** Returns the SQL of a message's fingerprint: 32 hexadecimal digits. */
  static String of(String message) {
    String text = "left(coalesce(" + message + ", ''), " + CHARACTERS_MAX + ")";
    text = replaced(text, "\"[^\"]*\"|''[^'']*''|`[^`]*`", "<quoted>");
    text =
        replaced(
            text,
            "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}",
            "<uuid>");
    text = replaced(text, "0[xX][0-9a-fA-F]+|[0-9a-fA-F]{16,}|@[0-9a-f]{4,}", "<hex>");
    text = replaced(text, "[0-9]+([.,][0-9]+)*", "<number>");
    return "left(encode(sha256(convert_to(" + text + ", 'UTF8')), 'hex'), 32)";
  }

  private static String replaced(String text, String pattern, String by) {
    return "regexp_replace(" + text + ", '" + pattern + "', '" + by + "', 'g')";
  }
}
