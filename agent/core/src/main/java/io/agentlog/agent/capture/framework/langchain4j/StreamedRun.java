package io.agentlog.agent.capture.framework.langchain4j;

import io.agentlog.agent.capture.framework.Run;
import io.agentlog.agent.capture.value.WeakIdentityMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A run whose answer is streamed: begun by the call of the service, started with the stream, ended
 * by the last callback, which comes on the model's thread. Holds nothing of the application.
 *
 * @param invocationId the framework's ID of the call, or null
 */
record StreamedRun(
    Run run,
    @Nullable Object invocationId,
    @Nullable String prompt,
    @Nullable String instructions) {
  /** The stream in whose start or callback each thread is. */
  static final OnThread<StreamedRun> INNERMOST = new OnThread<>();

  /** Streams that are not started yet. */
  private static final WeakIdentityMap<StreamedRun> WAITING = new WeakIdentityMap<>();

  /** Binds a run to the stream that starts it. */
  void awaitStartOf(Object stream) {
    WAITING.put(stream, this);
  }

  /** Returns the run that a stream starts, once; null if there is none. */
  static @Nullable StreamedRun startOf(Object stream) {
    return WAITING.remove(stream);
  }

  /** Ends runs whose stream was never started and can't be any more. */
  static void tidy() {
    WAITING.removeGone(waiting -> waiting.run().abandon());
  }

  /** Records the start, unless it is recorded. */
  void start() {
    run.start(prompt, instructions, Map.of());
  }

  void end(@Nullable Throwable thrown) {
    run.end(thrown, Map.of());
  }
}
