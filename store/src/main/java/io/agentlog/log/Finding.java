package io.agentlog.log;

import java.util.Locale;

/**
 * One result of the command {@code check}.
 *
 * @param area the checked thing, as in the log: {@code directory}, {@code postgres}
 * @param text one line without secrets; if something is wrong, it says what to do
 */
public record Finding(Level level, String area, String text) {
  /** Meaning of a finding for the recording. */
  public enum Level {
    /** As it should be. */
    OK,
    /** Something is recorded or delivered differently from what its user may expect. */
    WARN,
    /** Events would not be kept, or not be delivered. */
    WRONG;

    /** Returns the word that commands print. */
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** A finding that all is well. */
  public static Finding ok(String area, String text) {
    return new Finding(Level.OK, area, text);
  }

  /** A finding that its user should know. */
  public static Finding warn(String area, String text) {
    return new Finding(Level.WARN, area, text);
  }

  /** A finding that has to be fixed. */
  public static Finding wrong(String area, String text) {
    return new Finding(Level.WRONG, area, text);
  }
}
