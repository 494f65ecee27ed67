package io.agentlog.agent.capture.framework.langchain4j;

import io.agentlog.agent.capture.framework.Run;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A call of a service's method that is on the stack of one thread. Its run's start is recorded with
 * the prompt, as soon as the framework has made one; where a stream comes of the call, only when
 * the stream is started, or when the call itself asks a model or retrieves something.
 */
final class ServiceCall {
  /** The innermost call of each thread; one that is not recorded hides the one around it. */
  static final OnThread<ServiceCall> INNERMOST = new OnThread<>();

  final @Nullable Run run;

  /** The framework's {@code InvocationContext} of the call. */
  final Object invocation;

  private final boolean isStreaming;
  private @Nullable ServiceCall outer;
  private @Nullable String prompt;
  private @Nullable String instructions;

  /** The stream that the call has made, or null. */
  @Nullable StreamedRun stream;

  /**
   * @param run null if the call is not recorded
   * @param isStreaming true if the method's return type says that a stream comes of it
   */
  ServiceCall(@Nullable Run run, Object invocation, boolean isStreaming) {
    this.run = run;
    this.invocation = invocation;
    this.isStreaming = isStreaming;
  }

  /** Records the start of the calling thread's innermost call, where it waits for its stream. */
  static void startInnermost() {
    ServiceCall call = INNERMOST.get();
    if (call != null) {
      call.start();
    }
  }

  void enter() {
    outer = INNERMOST.enter(this);
  }

  void leave() {
    INNERMOST.leave(outer);
  }

  /** Takes the texts that the framework has made for the call. */
  void prompted(@Nullable String prompt, @Nullable String instructions) {
    this.prompt = prompt;
    this.instructions = instructions;
    if (!isStreaming) {
      start();
    }
  }

  /** Records the start, unless it is recorded, after that of a call around it, with its prompt. */
  void start() {
    if (run != null) {
      if (outer != null) {
        outer.start();
      }
      run.start(prompt, instructions, Map.of());
    }
  }

  /** Binds the stream that the call has made; one alone. */
  @Nullable StreamedRun bindStream(@Nullable Object invocationId) {
    if (run == null || stream != null) {
      return null;
    }
    stream = new StreamedRun(run, invocationId, prompt, instructions);
    return stream;
  }
}
