package io.agentlog.backends;

import org.jspecify.annotations.Nullable;

/** A backend did not start or refused an operation; the message is one line that says why. */
public final class BackendException extends RuntimeException {
  private static final long serialVersionUID = 1;

  BackendException(String message) {
    super(message);
  }

  BackendException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
