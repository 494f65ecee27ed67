package io.agentlog.insight.gate;

import java.util.Locale;

/** Answer about a limit. The later of two constants counts for both together. */
public enum Verdict {
  /** The limit is kept. */
  PASS,

  /** Too few executions to say anything. */
  UNDECIDED,

  /** The limit is exceeded. */
  FAIL;

  /** Returns the verdict on both. */
  public Verdict and(Verdict other) {
    return compareTo(other) >= 0 ? this : other;
  }

  /** Returns the word for people and programs. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
