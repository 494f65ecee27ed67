package io.agentlog.agent.capture;

import io.agentlog.agent.capture.spec.StageSpec;
import io.agentlog.event.EventBuffer;
import org.jspecify.annotations.Nullable;

/** A stage as events carry it. Immutable. */
final class Stage {
  /** Not empty. */
  final String name;

  /** The name encoded, where it is a constant; else null. */
  final byte @Nullable [] encodedName;

  /** 0 to 100; -1 if there is none. */
  final int percent;

  /** What was given in place of a percent; null if it was one, or none. */
  final @Nullable Long percentRejected;

  private Stage(String name, byte @Nullable [] encodedName, boolean hasPercent, int percent) {
    this.name = name;
    this.encodedName = encodedName;
    boolean fits = hasPercent && percent >= 0 && percent <= 100;
    this.percent = fits ? percent : -1;
    this.percentRejected = hasPercent && !fits ? Long.valueOf(percent) : null;
  }

  /**
   * Of an annotation.
   *
   * @param nameBytesMax where the name is cut
   */
  static Stage of(StageSpec spec, int nameBytesMax) {
    return new Stage(
        spec.stage(),
        EventBuffer.encodedText(spec.stage(), nameBytesMax),
        spec.percent() >= 0,
        spec.percent());
  }

  /** Of a call of {@code CurrentExecution.progress}. */
  static Stage reported(String name, int percent) {
    return new Stage(name, null, true, percent);
  }
}
