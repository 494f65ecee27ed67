package io.agentlog.agent.journal;

import org.jspecify.annotations.Nullable;

/** Moment at which one life ends: the n-th operation of all or of one kind, or never. */
final class CrashPlan {
  private static final CrashPoint[] POINTS = CrashPoint.values();

  /** Most lives see none of them; so a quarter of the plans aims at the first of them. */
  private static final CrashPoint[] RARE = {
    CrashPoint.VOID_MARK, CrashPoint.ZEROING, CrashPoint.SEGMENT_RELEASE
  };

  private static final int OPERATIONS_MAX = 400;
  private static final int OPERATIONS_OF_SMALL_MAX = 150;
  private static final int OF_KIND_MAX = 10;
  private static final int OF_KIND_IN_SMALL_MAX = 4;

  private final @Nullable CrashPoint kind;
  private int left;

  private CrashPlan(@Nullable CrashPoint kind, int left) {
    this.kind = kind;
    this.left = left;
  }

  static CrashPlan never() {
    return new CrashPlan(CrashPoint.IDLE, Integer.MAX_VALUE);
  }

  /**
   * @param small true if the life will not be long
   */
  static CrashPlan of(SimulationRandom random, boolean small) {
    int choice = random.below(8);
    if (choice < 3) {
      return new CrashPlan(
          null, 1 + random.below(small ? OPERATIONS_OF_SMALL_MAX : OPERATIONS_MAX));
    }
    if (choice < 5) {
      return new CrashPlan(RARE[random.below(RARE.length)], 1);
    }
    int count =
        1 + (random.oneIn(3) ? 0 : random.below(small ? OF_KIND_IN_SMALL_MAX : OF_KIND_MAX));
    return new CrashPlan(POINTS[random.below(POINTS.length)], count);
  }

  /** True if the life has to see an append fail to end as planned. */
  boolean needsFailure() {
    return kind == CrashPoint.VOID_MARK;
  }

  /** True if segments have to fill and be read to the end for the life to end as planned. */
  boolean needsTraffic() {
    return kind == CrashPoint.ZEROING || kind == CrashPoint.SEGMENT_RELEASE;
  }

  /** True if the process dies at this one. */
  boolean diesAt(CrashPoint point) {
    return (kind == null || kind == point) && --left == 0;
  }
}
