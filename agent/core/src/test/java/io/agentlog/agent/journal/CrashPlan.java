package io.agentlog.agent.journal;

/** Where one life ends: at the n-th operation of all, or the n-th of one kind, or not. */
final class CrashPlan {
  private static final CrashPoint[] POINTS = CrashPoint.values();
  private static final int OPERATIONS_MAX = 400;
  private static final int OF_KIND_MAX = 10;

  private final CrashPoint kind;
  private int left;

  private CrashPlan(CrashPoint kind, int left) {
    this.kind = kind;
    this.left = left;
  }

  static CrashPlan never() {
    return new CrashPlan(CrashPoint.IDLE, Integer.MAX_VALUE);
  }

  static CrashPlan of(SimulationRandom random) {
    if (random.oneIn(2)) {
      return new CrashPlan(null, 1 + random.below(OPERATIONS_MAX));
    }
    int count = 1 + (random.oneIn(3) ? 0 : random.below(OF_KIND_MAX));
    return new CrashPlan(POINTS[random.below(POINTS.length)], count);
  }

  /** True if the process dies at this one. */
  boolean diesAt(CrashPoint point) {
    return (kind == null || kind == point) && --left == 0;
  }
}
