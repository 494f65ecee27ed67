package io.agentlog.insight.gate;

/** Nothing can be judged. The message says what is wrong and what to do. */
public final class GateException extends Exception {
  private static final long serialVersionUID = 1;

  public GateException(String message) {
    super(message);
  }
}
