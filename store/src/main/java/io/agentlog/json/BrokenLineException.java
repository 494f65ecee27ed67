package io.agentlog.json;

/** A line is no event. The message says why, but never quotes the line: it may hold a prompt. */
public final class BrokenLineException extends Exception {
  private static final long serialVersionUID = 1L;

  public BrokenLineException(String why) {
    super(why, null, false, false);
  }

  /** The reason, for people. */
  public String why() {
    return String.valueOf(getMessage());
  }
}
