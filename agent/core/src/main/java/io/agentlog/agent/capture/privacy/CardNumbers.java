package io.agentlog.agent.capture.privacy;

/**
 * Finds numbers of payment cards: 13 to 19 digits of any script, in any groups, that begin as such
 * numbers do and whose check digit is right. Between two groups stand one or two spaces, line
 * breaks or dashes; a dot, slash or underscore only after a group of three digits, because versions
 * and decimal numbers have them too.
 */
final class CardNumbers {
  private static final int DIGITS_MIN = 13;
  private static final int DIGITS_MAX = 19;
  private static final int SEPARATORS_MAX = 2;
  private static final int DIGITS_BEFORE_DOT_MIN = 3;
  private static final String REPLACEMENT = Redactor.MARK + "card]";

  private CardNumbers() {}

  /** Replaces each card number; returns the same object if there is none. */
  static String redact(String text) {
    StringBuilder redacted = null;
    int copied = 0;
    int i = 0;
    while (i < text.length()) {
      int end = startsNumber(text, i) ? endOfNumber(text, i) : i;
      if (end > i) {
        redacted = redacted == null ? new StringBuilder(text.length()) : redacted;
        redacted.append(text, copied, i).append(REPLACEMENT);
        copied = end;
        i = end;
      } else {
        i++;
      }
    }
    return redacted == null ? text : redacted.append(text, copied, text.length()).toString();
  }

  /** True outside words and other numbers, at 2 to 6, the first digits of all cards in use. */
  private static boolean startsNumber(String text, int i) {
    int digit = Character.digit(text.charAt(i), 10);
    return digit >= 2 && digit <= 6 && (i == 0 || !Character.isLetterOrDigit(text.charAt(i - 1)));
  }

  /** Returns the end of the longest number that starts here; {@code start} if there is none. */
  private static int endOfNumber(String text, int start) {
    int[] digits = new int[DIGITS_MAX];
    int count = 0;
    int found = start;
    int inGroup = 0;
    int i = start;
    while (i < text.length() && count < DIGITS_MAX) {
      int digit = Character.digit(text.charAt(i), 10);
      if (digit >= 0) {
        digits[count++] = digit;
        inGroup++;
        i++;
        boolean ends = i == text.length() || !Character.isLetterOrDigit(text.charAt(i));
        if (ends && count >= DIGITS_MIN && hasCheckDigit(digits, count)) {
          found = i;
        }
      } else {
        int next = nextGroup(text, i, inGroup);
        if (next == i) {
          break;
        }
        i = next;
        inGroup = 0;
      }
    }
    return found;
  }

  /** Returns the position of the digit behind the separators; {@code at} if they separate more. */
  private static int nextGroup(String text, int at, int digitsBefore) {
    int i = at;
    while (i < text.length()
        && i - at < SEPARATORS_MAX
        && separates(text.charAt(i), digitsBefore)) {
      i++;
    }
    return i < text.length() && Character.digit(text.charAt(i), 10) >= 0 ? i : at;
  }

  private static boolean separates(char c, int digitsBefore) {
    return switch (c) {
      case '.', '/', '_' -> digitsBefore >= DIGITS_BEFORE_DOT_MIN;
      case '\n', '\r', '\t' -> true;
      default -> Character.isSpaceChar(c) || Character.getType(c) == Character.DASH_PUNCTUATION;
    };
  }

  /** Checks the last digit by the Luhn algorithm. */
  private static boolean hasCheckDigit(int[] digits, int count) {
    int sum = 0;
    for (int i = 0; i < count; i++) {
      int digit = digits[count - 1 - i];
      int weighted = i % 2 == 0 ? digit : 2 * digit;
      sum += weighted > 9 ? weighted - 9 : weighted;
    }
    return sum % 10 == 0;
  }
}
