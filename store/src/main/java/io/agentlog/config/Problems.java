package io.agentlog.config;

import io.agentlog.log.AgentLog;
import java.util.ArrayList;
import java.util.List;

/** Collects mistakes, one line each. Not thread-safe. */
public final class Problems {
  /** Most lines; further ones would not help and are counted. */
  static final int LINES_MAX = 50;

  private static final int VALUE_CHARS_MAX = 80;
  private final List<String> lines = new ArrayList<>();
  private final String subject;
  private int leftOutCount;

  Problems() {
    this("the configuration");
  }

  /**
   * @param subject the thing with the problems, as the last line names it
   */
  public Problems(String subject) {
    this.subject = subject;
  }

  public void add(String line) {
    if (lines.size() < LINES_MAX) {
      lines.add(AgentLog.escape(line));
    } else {
      leftOutCount++;
    }
  }

  /** Returns the lines; the last one says how many were left out, if any. */
  public List<String> lines() {
    List<String> all = new ArrayList<>(lines);
    if (leftOutCount > 0) {
      all.add(leftOutCount + " more problems of " + subject + " are not shown");
    }
    return List.copyOf(all);
  }

  /** Cuts a value or name to a length that leaves a line readable, and hides a log-in of a URL. */
  public static String shown(String given) {
    String text = UrlText.mayHoldSecrets(given) ? UrlText.withoutSecrets(given) : given;
    return text.length() <= VALUE_CHARS_MAX ? text : text.substring(0, VALUE_CHARS_MAX) + "...";
  }
}
