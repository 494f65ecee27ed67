package io.agentlog.agent.capture.async;

import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.jspecify.annotations.Nullable;

/**
 * Is told how an asynchronous result was completed. The first to say so wins; the others are
 * ignored. Thread-safe; no method throws.
 */
public abstract class AsyncEnd {
  private static final AtomicIntegerFieldUpdater<AsyncEnd> TOLD =
      AtomicIntegerFieldUpdater.newUpdater(AsyncEnd.class, "told");

  private volatile int told;

  /** True once it was told. */
  public final boolean isTold() {
    return told != 0;
  }

  /** The result is there; null if it is empty. */
  public final void succeeded(@Nullable Object value) {
    tell(value, null);
  }

  /** It is complete in one way or the other. */
  public final void completed(@Nullable Object value, @Nullable Throwable thrown) {
    tell(thrown == null ? value : null, thrown);
  }

  public final void failed(Throwable thrown) {
    tell(null, thrown);
  }

  /** Nobody wants it any more. */
  public final void cancelled() {
    if (!isTold()) { // Usual after the end, and an exception is dear.
      tell(null, new CancellationException());
    }
  }

  /** True if the value is looked at, so that it is worth keeping. */
  public abstract boolean readsValue();

  /**
   * What the calling thread does from here on is part of the execution.
   *
   * @return to be given to {@link #leave}
   */
  public abstract @Nullable Object enter();

  /** Undoes {@link #enter}, on the same thread. */
  public abstract void leave(@Nullable Object entered);

  protected abstract void end(@Nullable Object value, @Nullable Throwable thrown);

  private void tell(@Nullable Object value, @Nullable Throwable thrown) {
    if (TOLD.compareAndSet(this, 0, 1)) {
      end(value, thrown);
    }
  }
}
