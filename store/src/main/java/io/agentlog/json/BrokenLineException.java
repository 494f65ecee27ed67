package io.agentlog.json;

/** A line is no event. The message says why, and quotes nothing of it: there may be a prompt. */
public final class BrokenLineException extends Exception {
  private static final long serialVersionUID = 1L;

  public BrokenLineException(String why) {
    super(why, null, false, false);
  }

  /** Why, for people. */
  public String why() {
    return String.valueOf(getMessage());
  }
}
