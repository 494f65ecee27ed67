package io.agentlog.log;

import java.util.Locale;

/**
 * One thing that the command {@code check} has looked at.
 *
 * @param area what was looked at, as in the log: {@code directory}, {@code postgres}
 * @param text one line without secrets; where something is wrong, with what to do about it
 */
public record Finding(Level level, String area, String text) {
  /** What it means for the recording. */
  public enum Level {
    /** As it should be. */
    OK,
    /** Something is recorded or delivered otherwise than its user may expect. */
    WARN,
    /** Events would not be kept, or not be delivered. */
    WRONG;

    /** As commands print it. */
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** What is as it should be. */
  public static Finding ok(String area, String text) {
    return new Finding(Level.OK, area, text);
  }

  /** What its user should know of. */
  public static Finding warn(String area, String text) {
    return new Finding(Level.WARN, area, text);
  }

  /** What has to be mended. */
  public static Finding wrong(String area, String text) {
    return new Finding(Level.WRONG, area, text);
  }
}
