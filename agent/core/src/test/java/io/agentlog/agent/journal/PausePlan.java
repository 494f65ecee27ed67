package io.agentlog.agent.journal;

/**
 * Operation of a life that is paused until a reader has looked, timed out, and looked again. Chance
 * alone would seldom pause rare operations for so long.
 */
final class PausePlan {
  private static final CrashPoint[] POINTS = CrashPoint.values();
  private static final int OF_KIND_MAX = 4;

  private final CrashPoint kind;
  private int left;

  private PausePlan(CrashPoint kind, int left) {
    this.kind = kind;
    this.left = left;
  }

  /** None in every other life. */
  static PausePlan of(SimulationRandom random) {
    boolean none = random.oneIn(2);
    CrashPoint point = POINTS[random.below(POINTS.length)];
    return new PausePlan(point, none ? Integer.MAX_VALUE : 1 + random.below(OF_KIND_MAX));
  }

  /** True if this one is to take long. */
  boolean isAt(CrashPoint point) {
    return kind == point && --left == 0;
  }
}
