package io.agentlog.agent.capture.framework;

import io.agentlog.agent.capture.value.WeakIdentityMap;

/**
 * Answers of models, by which a model is known that passes on another one's: it returns the very
 * object. Where it has asked on another thread, as one with a time-out does, nothing else tells so.
 * Thread-safe.
 */
public final class PassedAnswers {
  /** When the innermost call began that has an answer. */
  private static final WeakIdentityMap<Long> BEGINS = new WeakIdentityMap<>();

  private PassedAnswers() {}

  /**
   * Takes note of a call's answer, or of the part with its tokens, before its end; the call around
   * that of the answer has none.
   */
  public static void answered(ModelCall call, Object response) {
    long begun = call.beganNanos();
    Long inner = BEGINS.get(response);
    if (inner != null && inner - begun >= 0) {
      call.delegate();
    } else { // An application may give one object as the answer of several calls.
      BEGINS.put(response, begun);
    }
  }

  /** Forgets answers that are collected. */
  public static void tidy() {
    BEGINS.removeGone();
  }
}
