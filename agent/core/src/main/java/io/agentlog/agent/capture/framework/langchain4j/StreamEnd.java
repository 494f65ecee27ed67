package io.agentlog.agent.capture.framework.langchain4j;

import io.agentlog.agent.capture.framework.ModelCall;
import io.agentlog.agent.capture.value.WeakIdentityMap;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/**
 * Run and call that end when a model's stream is cancelled. Holds nothing of the application.
 * Thread-safe.
 */
final class StreamEnd {
  /** The handle by which a caller is told that its model can't be stopped. */
  private static final String NO_HANDLE = "CancellationUnsupportedStreamingHandle";

  /** Models around one another that are looked at. */
  private static final int MODELS_MAX = 16;

  /** Ends by the handles that callbacks were given. */
  private static final WeakIdentityMap<StreamEnd> BY_HANDLE = new WeakIdentityMap<>();

  private volatile @Nullable ModelCall call;
  private volatile @Nullable StreamedRun ownRun;

  /** The stream of a model around this one, which passes this one's callbacks on, or null. */
  private volatile @Nullable StreamEnd around;

  /**
   * @param call null if it is not recorded
   * @param ownRun the run whose own stream it is; null if a run only asks a model by the way
   */
  StreamEnd(@Nullable ModelCall call, @Nullable StreamedRun ownRun) {
    this.call = call;
    this.ownRun = ownRun;
  }

  /**
   * Takes note of the model's last callback. Its handle stops nothing any more, while the run may
   * go on with tools and with the next call of a model. Lets go of both: an application may keep a
   * handle, and what has ended would keep the application's classes.
   */
  void over() {
    call = null;
    ownRun = null;
    around = null;
  }

  /**
   * Remembers the handle by which the application may cancel the stream. A model that asks another
   * one passes the other's handle on, so one handle may cancel the streams of several.
   */
  void cancelledBy(Object handle) {
    StreamEnd known = BY_HANDLE.get(handle);
    if (known == null) {
      if (!handle.getClass().getName().endsWith(NO_HANDLE)) {
        BY_HANDLE.putIfAbsent(handle, this);
      }
      return;
    }
    for (int i = 0; i < MODELS_MAX && known != this; i++) {
      StreamEnd next = known.around;
      if (next == null) {
        known.around = this;
        return;
      }
      known = next;
    }
  }

  /** Returns what a handle cancels; null if it is none of a recorded stream. */
  static @Nullable StreamEnd of(Object handle) {
    return BY_HANDLE.get(handle);
  }

  /** Forgets streams whose handle is collected. */
  static void tidy() {
    BY_HANDLE.removeGone();
  }

  void cancel() {
    ModelCall cancelled = call;
    StreamedRun run = ownRun;
    StreamEnd outer = around;
    over();
    if (cancelled != null) {
      cancelled.end(null, new CancellationException("the stream was cancelled"));
    }
    if (run != null) {
      run.run().cancel();
    }
    if (outer != null) {
      outer.cancel();
    }
  }
}
