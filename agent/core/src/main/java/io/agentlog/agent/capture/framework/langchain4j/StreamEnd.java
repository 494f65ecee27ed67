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

  /** Ends by the handles that callbacks were given. */
  private static final WeakIdentityMap<StreamEnd> BY_HANDLE = new WeakIdentityMap<>();

  private volatile @Nullable ModelCall call;
  private volatile @Nullable StreamedRun ownRun;

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
  }

  /** Remembers the handle by which the application may cancel the stream. */
  void cancelledBy(Object handle) {
    if (BY_HANDLE.get(handle) == null && !handle.getClass().getName().endsWith(NO_HANDLE)) {
      BY_HANDLE.putIfAbsent(handle, this);
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
    over();
    if (cancelled != null) {
      cancelled.end(null, new CancellationException("the stream was cancelled"));
    }
    if (run != null) {
      run.run().cancel();
    }
  }
}
