package io.agentlog.agent.capture.privacy;

/**
 * Finds numbers of payment cards: 13 to 19 digits, with single spaces or dashes between groups,
 * that begin as such numbers do and whose check digit is right.
 */
final class CardNumbers {
  private static final int DIGITS_MIN = 13;
  private static final int DIGITS_MAX = 19;
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
    char c = text.charAt(i);
    return c >= '2' && c <= '6' && (i == 0 || !Character.isLetterOrDigit(text.charAt(i - 1)));
  }

  /** Returns the end of the longest number that starts here; {@code start} if there is none. */
  private static int endOfNumber(String text, int start) {
    int[] digits = new int[DIGITS_MAX];
    int count = 0;
    int found = start;
    int i = start;
    while (i < text.length() && count < DIGITS_MAX) {
      char c = text.charAt(i);
      if (isDigit(c)) {
        digits[count++] = c - '0';
        i++;
        boolean ends = i == text.length() || !Character.isLetterOrDigit(text.charAt(i));
        if (ends && count >= DIGITS_MIN && hasCheckDigit(digits, count)) {
          found = i;
        }
      } else if ((c == ' ' || c == '-') && i + 1 < text.length() && isDigit(text.charAt(i + 1))) {
        i++;
      } else {
        break;
      }
    }
    return found;
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
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
