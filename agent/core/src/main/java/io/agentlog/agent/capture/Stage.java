package io.agentlog.agent.capture;

import io.agentlog.agent.capture.spec.StageSpec;
import io.agentlog.event.EventBuffer;
import org.jspecify.annotations.Nullable;

/** A stage as events carry it. Immutable. */
final class Stage {
  /** Not empty. */
  final String name;

  /** The encoded name if it is a constant, else null. */
  final byte @Nullable [] encodedName;

  /** 0 to 100; -1 if there is none. */
  final int percent;

  /** The percent that was given if it is out of range, else null. */
  final @Nullable Long percentRejected;

  private Stage(String name, byte @Nullable [] encodedName, boolean hasPercent, int percent) {
    this.name = name;
    this.encodedName = encodedName;
    boolean fits = hasPercent && percent >= 0 && percent <= 100;
    this.percent = fits ? percent : -1;
    this.percentRejected = hasPercent && !fits ? Long.valueOf(percent) : null;
  }

  /**
   * Makes the stage of an annotation.
   *
   * @param nameBytesMax limit for the name, which is cut there
   */
  static Stage of(StageSpec spec, int nameBytesMax) {
    return new Stage(
        spec.stage(),
        EventBuffer.encodedText(spec.stage(), nameBytesMax),
        spec.percent() >= 0,
        spec.percent());
  }

  /** Makes a stage without a percentage. */
  static Stage named(String name) {
    return new Stage(name, null, false, -1);
  }

  /** Makes the stage of a call of {@code CurrentExecution.progress}. */
  static Stage reported(String name, int percent) {
    return new Stage(name, null, true, percent);
  }
}
