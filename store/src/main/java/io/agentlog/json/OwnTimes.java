package io.agentlog.json;

import java.time.DateTimeException;
import java.time.LocalDate;
import org.jspecify.annotations.Nullable;

/**
 * Parses times in the one form in which agentlog writes them, {@code 2026-01-02T03:04:05.123456Z}.
 * A formatter of the JDK takes a third of the time in which an event is read. Stateless.
 */
final class OwnTimes {
  private static final String FORM = "dddd-dd-ddTdd:dd:dd.ddddddZ";

  private OwnTimes() {}

  /** Microseconds since the epoch; null for a text in another form, which may be a time too. */
  static @Nullable Long micros(String text) {
    if (!isInForm(text)) {
      return null;
    }
    int year = number(text, 0, 4);
    int hour = number(text, 11, 13);
    int minute = number(text, 14, 16);
    int second = number(text, 17, 19);
    if (year == 0 || hour > 23 || minute > 59 || second > 59) {
      return null;
    }
    try {
      long day = LocalDate.of(year, number(text, 5, 7), number(text, 8, 10)).toEpochDay();
      long seconds = ((day * 24 + hour) * 60 + minute) * 60 + second;
      return seconds * 1_000_000 + number(text, 20, 26);
    } catch (DateTimeException e) {
      return null;
    }
  }

  private static boolean isInForm(String text) {
    if (text.length() != FORM.length()) {
      return false;
    }
    for (int i = 0; i < FORM.length(); i++) {
      char c = text.charAt(i);
      char expected = FORM.charAt(i);
      if (expected == 'd' ? c < '0' || c > '9' : c != expected) {
        return false;
      }
    }
    return true;
  }

  private static int number(String text, int from, int to) {
    int number = 0;
    for (int i = from; i < to; i++) {
      number = number * 10 + text.charAt(i) - '0';
    }
    return number;
  }
}
