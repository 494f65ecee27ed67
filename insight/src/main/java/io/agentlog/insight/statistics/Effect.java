package io.agentlog.insight.statistics;

/** Words for Cliff's delta, by the thresholds of Romano and others (2006). */
public enum Effect {
  NEGLIGIBLE("negligible"),
  SMALL("small"),
  MEDIUM("medium"),
  LARGE("large");

  private static final double SMALL_MIN = 0.147;
  private static final double MEDIUM_MIN = 0.33;
  private static final double LARGE_MIN = 0.474;

  private final String word;

  Effect(String word) {
    this.word = word;
  }

  /** Returns the size of an effect, whatever its direction. */
  public static Effect of(double delta) {
    double size = Math.abs(delta);
    return size < SMALL_MIN
        ? NEGLIGIBLE
        : size < MEDIUM_MIN ? SMALL : size < LARGE_MIN ? MEDIUM : LARGE;
  }

  public String word() {
    return word;
  }
}
