package io.agentlog.demo;

/** The demo can't go on, or found something wrong; the message is one line for the user. */
final class DemoException extends RuntimeException {
  private static final long serialVersionUID = 1;

  DemoException(String message) {
    super(message);
  }

  DemoException(String message, Throwable cause) {
    super(message, cause);
  }
}
