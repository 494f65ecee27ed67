package io.agentlog.log;

import java.io.PrintStream;
import org.jspecify.annotations.Nullable;

/**
 * Prints the agent's own log to stderr, one line for each entry, with the prefix {@code
 * [agentlog]}. Uses no logging framework, because the application owns those. Thread-safe.
 *
 * <p>A message says what happened, where, what it means and what to do. Callers log a change of
 * state once and summaries at most once a minute. Messages are escaped, because they may hold
 * values of the application.
 */
public final class AgentLog {
  /** Least severe level that is printed. */
  public enum Level {
    DEBUG,
    INFO,
    WARN,
    OFF
  }

  private static final String PREFIX = "[agentlog] ";
  private static volatile Level level = Level.INFO;
  private static volatile PrintStream out = System.err;
  private static volatile @Nullable Target target;

  private AgentLog() {}

  /** A log of another program, which takes the place of stderr. Thread-safe; never throws. */
  public interface Target {
    /** True if it keeps lines of the level. */
    boolean isEnabled(Level level);

    /** Takes one line; {@code message} is escaped. */
    void log(Level level, String message);
  }

  /**
   * Sends all lines to another program's log, which decides what levels it keeps; null sends them
   * to stderr.
   */
  public static void setTarget(@Nullable Target target) {
    AgentLog.target = target;
  }

  /** Sets the least severe level that is printed. */
  public static void setLevel(Level level) {
    AgentLog.level = level;
  }

  /**
   * Logs a detail for somebody who looks into the agent. {@code area} is a package or sink: {@code
   * journal}, {@code postgres}.
   */
  public static void debug(String area, String message) {
    print(Level.DEBUG, area, message);
  }

  /** Logs a fact that an operator wants to know. */
  public static void info(String area, String message) {
    print(Level.INFO, area, message);
  }

  /** Logs what an operator has to act on. */
  public static void warn(String area, String message) {
    print(Level.WARN, area, message);
  }

  /** Logs a state of the whole agent, such as its start or stop, without an area. */
  public static void announce(String message) {
    print(Level.INFO, null, message);
  }

  /** True if lines of the level are printed, so that costly messages are made only then. */
  public static boolean isEnabled(Level level) {
    Target other = target;
    return other == null ? level.compareTo(AgentLog.level) >= 0 : other.isEnabled(level);
  }

  /** Describes an exception in one line: simple class name and message, without the stack. */
  public static String describe(Throwable thrown) {
    String message = thrown.getMessage();
    String name = thrown.getClass().getSimpleName();
    return message == null ? name : name + ": " + message;
  }

  /**
   * Describes an exception that the application may have thrown by its class and the method that
   * threw it. Its message may hold a prompt.
   */
  public static String describeWithoutMessage(Throwable thrown) {
    String name = thrown.getClass().getSimpleName();
    try {
      StackTraceElement[] frames = thrown.getStackTrace();
      return frames.length == 0 ? name : name + " at " + frames[0];
    } catch (Throwable t) { // The exception's class may belong to the application.
      return name;
    }
  }

  /** Sends the lines elsewhere, for a test. Returns where they went before. */
  static PrintStream redirect(PrintStream target) {
    PrintStream before = out;
    out = target;
    return before;
  }

  private static void print(Level level, @Nullable String area, String message) {
    if (!isEnabled(level)) {
      return;
    }
    String place = area == null ? "" : area + " - ";
    Target other = target;
    if (other != null) {
      other.log(level, escape(place + message));
      return;
    }
    String word = level == Level.WARN ? "WARN " : "";
    // One println, so that lines of threads don't mix.
    out.println(escape(PREFIX + place + word + message));
  }

  /**
   * Escapes control characters, so that no value forges a line, moves a terminal's cursor or
   * reorders text.
   */
  public static String escape(String text) {
    StringBuilder escaped = null;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean control = Character.isISOControl(c) || separatesLines(c) || ordersText(c);
      if (control && escaped == null) {
        escaped = new StringBuilder(text.length() + 16).append(text, 0, i);
      }
      if (escaped != null) {
        if (!control) {
          escaped.append(c);
        } else if (c == '\n') {
          escaped.append("\\n");
        } else if (c == '\t') {
          escaped.append("\\t");
        } else {
          escaped.append("\\u").append(Integer.toHexString(0x10000 | c), 1, 5);
        }
      }
    }
    return escaped == null ? text : escaped.toString();
  }

  private static boolean separatesLines(char c) {
    return c == '\u2028' || c == '\u2029';
  }

  /** Overrides and isolates of the bidirectional algorithm; right-to-left text needs none. */
  private static boolean ordersText(char c) {
    return (c >= '\u202a' && c <= '\u202e') || (c >= '\u2066' && c <= '\u2069');
  }
}
