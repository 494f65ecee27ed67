package io.agentlog.agent.capture.async;

import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.jspecify.annotations.Nullable;

/**
 * Receives the completion of an asynchronous result. The first report counts; later ones are
 * ignored. Thread-safe; no method throws.
 */
public abstract class AsyncEnd {
  private static final AtomicIntegerFieldUpdater<AsyncEnd> TOLD =
      AtomicIntegerFieldUpdater.newUpdater(AsyncEnd.class, "told");

  private volatile int told;

  /** True once the completion was reported. */
  public final boolean isTold() {
    return told != 0;
  }

  /** Reports success; {@code value} is null if the result is empty. */
  public final void succeeded(@Nullable Object value) {
    tell(value, null);
  }

  /** Reports success, or failure if {@code thrown} is not null. */
  public final void completed(@Nullable Object value, @Nullable Throwable thrown) {
    tell(thrown == null ? value : null, thrown);
  }

  public final void failed(Throwable thrown) {
    tell(null, thrown);
  }

  /** Reports that the result was cancelled. */
  public final void cancelled() {
    if (!isTold()) { // Often called after the end, and an exception is expensive.
      tell(null, new CancellationException());
    }
  }

  /** True if the end reads the value, so that the value must be kept. */
  public abstract boolean readsValue();

  /**
   * Makes the calling thread work for the execution.
   *
   * @return for {@link #leave}
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
