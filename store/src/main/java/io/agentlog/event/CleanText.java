package io.agentlog.event;

/**
 * Makes a text fit for UTF-8 and for PostgreSQL: NUL becomes U+2400, a lone surrogate U+FFFD.
 * Otherwise the server would refuse NUL (22021), and a lone surrogate would be stored as a question
 * mark.
 */
public final class CleanText {
  private CleanText() {}

  /** Returns the clean text; the same object if there is nothing to replace. */
  public static String of(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == 0 || Character.isSurrogate(c)) {
        return replaced(text, i);
      }
    }
    return text;
  }

  private static String replaced(String text, int from) {
    char[] chars = text.toCharArray();
    boolean changed = false;
    for (int i = from; i < chars.length; i++) {
      char c = chars[i];
      if (c == 0) {
        chars[i] = '\u2400';
        changed = true;
      } else if (Character.isHighSurrogate(c)
          && i + 1 < chars.length
          && Character.isLowSurrogate(chars[i + 1])) {
        i++;
      } else if (Character.isSurrogate(c)) {
        chars[i] = '\ufffd';
        changed = true;
      }
    }
    return changed ? new String(chars) : text;
  }
}
