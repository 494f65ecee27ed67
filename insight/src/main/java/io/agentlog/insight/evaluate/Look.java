package io.agentlog.insight.evaluate;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What one look at a rule and an agent saw.
 *
 * @param at the time of the look
 * @param evidence null for {@code UNKNOWN}
 */
public record Look(Instant at, Verdict verdict, @Nullable Evidence evidence) {
  /** What a look says. */
  public enum Verdict {
    /** There is too little to compare with. */
    LEARNING,
    /** Not worse, or not beyond chance. */
    FINE,
    /** Worse, by all the tests of the rule. */
    WORSE,
    /** Not worse, and the newest part of the window is under the limit. */
    BACK,
    /** The figures could not be read: the alert stays as it is. */
    UNKNOWN
  }
}
