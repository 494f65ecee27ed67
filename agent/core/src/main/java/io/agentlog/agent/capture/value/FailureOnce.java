package io.agentlog.agent.capture.value;

import java.util.concurrent.atomic.AtomicBoolean;

/** Reports the first failure of one path of one method. Thread-safe; cheap once it has fired. */
final class FailureOnce {
  private final ValueFailures failures;
  private final String method;
  private final String path;
  private final AtomicBoolean fired = new AtomicBoolean();

  FailureOnce(ValueFailures failures, String method, String path) {
    this.failures = failures;
    this.method = method;
    this.path = path;
  }

  void report(String reason) {
    if (fired.get() || !fired.compareAndSet(false, true)) {
      return;
    }
    try {
      failures.failed(method, path, reason);
    } catch (Throwable t) { // The stack may be nearly full here; the application must not see that.
      return;
    }
  }

  /** Reports an error of application code, without its message, which may hold values. */
  void reportThrown(String what, Throwable thrown) {
    if (thrown instanceof InterruptedException) {
      Thread.currentThread().interrupt(); // Swallowed here, but meant for the application.
    }
    if (fired.get()) {
      return;
    }
    try {
      report(what + " threw " + thrown.getClass().getName());
    } catch (Throwable t) { // The stack may be nearly full, as in report().
      return;
    }
  }
}
