package io.agentlog.agent.journal;

/**
 * Where one operation of a life is interrupted for long: while a reader looks, loses patience, and
 * looks again. Chance alone would seldom do so at the operations that are rare.
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
