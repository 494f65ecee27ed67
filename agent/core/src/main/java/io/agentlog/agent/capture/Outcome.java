package io.agentlog.agent.capture;

import io.agentlog.event.Status;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Outcome of an execution, derived from what its method threw.
 *
 * @param status success, failed or cancelled
 * @param errorType simple class name, or null
 * @param errorMessage the exception's message, or null
 */
record Outcome(Status status, @Nullable String errorType, @Nullable String errorMessage) {
  static final Outcome SUCCESS = new Outcome(Status.SUCCESS, null, null);

  /** Nested wrappers that are followed; ends a cycle of causes. */
  private static final int UNWRAP_MAX = 16;

  static Outcome of(@Nullable Throwable thrown) {
    if (thrown == null) {
      return SUCCESS;
    }
    Throwable cause = unwrapped(thrown);
    boolean cancelled =
        cause instanceof CancellationException || cause instanceof InterruptedException;
    return new Outcome(
        cancelled ? Status.CANCELLED : Status.FAILED, typeName(cause), message(cause));
  }

  Outcome withMessage(@Nullable String message) {
    return Objects.equals(message, errorMessage) ? this : new Outcome(status, errorType, message);
  }

  /** Returns the simple name of the class; of an anonymous one the last part of its binary name. */
  static String typeName(Object of) {
    String name = of.getClass().getName();
    String last = name.substring(name.lastIndexOf('.') + 1);
    try {
      String simple = of.getClass().getSimpleName();
      return simple.isEmpty() ? last : simple;
    } catch (LinkageError e) { // getSimpleName() loads the enclosing class, which may be missing.
      return last;
    }
  }

  private static Throwable unwrapped(Throwable thrown) {
    Throwable current = thrown;
    for (int i = 0; i < UNWRAP_MAX; i++) {
      Throwable cause = null;
      if (current instanceof CompletionException || current instanceof ExecutionException) {
        cause = current.getCause();
      }
      if (cause == null) {
        return current;
      }
      current = cause;
    }
    return current;
  }

  private static @Nullable String message(Throwable thrown) {
    try {
      return thrown.getMessage();
    } catch (Throwable t) { // The application's own getMessage() may throw anything.
      return "<getMessage() threw " + t.getClass().getName() + ">";
    }
  }
}
