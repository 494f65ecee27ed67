package io.agentlog.agent.capture.framework.langchain4j;

import io.agentlog.agent.capture.framework.ModelCall;
import io.agentlog.agent.capture.value.WeakIdentityMap;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/**
 * Run and call that end when a model's stream is cancelled. Holds nothing of the application.
 *
 * @param call null if it is not recorded
 * @param ownRun the run whose own stream it is; null if a run only asks a model by the way
 */
record StreamEnd(@Nullable ModelCall call, @Nullable StreamedRun ownRun) {
  /** The handle by which a caller is told that its model can't be stopped. */
  private static final String NO_HANDLE = "CancellationUnsupportedStreamingHandle";

  /** Ends by the handles that callbacks were given. */
  private static final WeakIdentityMap<StreamEnd> BY_HANDLE = new WeakIdentityMap<>();

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
    if (call != null) {
      call.end(null, new CancellationException("the stream was cancelled"));
    }
    if (ownRun != null) {
      ownRun.run().cancel();
    }
  }
}
