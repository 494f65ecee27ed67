package io.agentlog.insight.evaluate;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Findings of one look at a rule and an agent.
 *
 * <p>The verdict is a test of whole windows, so a window that begins before the cure is worse for
 * long after it. Whether the value is back is seen from the newest sixth of the window alone, and
 * without a test.
 *
 * @param at the time of the look, a multiple of five minutes for rules with windows
 * @param isBack whether the newest value is within the rule's limit, or there is none any more
 * @param evidence null for {@code UNKNOWN}, and for a finding that is gone
 */
public record Look(Instant at, Verdict verdict, boolean isBack, @Nullable Evidence evidence) {
  /** Answer of a look. */
  public enum Verdict {
    /** There is too little to compare with. */
    LEARNING,
    /** Not worse, or not beyond chance. */
    FINE,
    /** Worse, by all the tests of the rule. */
    WORSE,
    /** The figures could not be read: the alert stays as it is. */
    UNKNOWN
  }

  /** Returns a look that could not see anything. */
  public static Look unknown(Instant at) {
    return new Look(at, Verdict.UNKNOWN, false, null);
  }
}
