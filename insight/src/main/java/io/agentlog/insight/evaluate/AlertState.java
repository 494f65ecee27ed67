package io.agentlog.insight.evaluate;

/** Where an alert stands. Its name in tables and JSON is the constant's in lower case. */
public enum AlertState {
  /** There is too little to compare with. */
  LEARNING,
  INACTIVE,
  /** Worse at the last look, but not yet often enough in a row. */
  PENDING,
  FIRING,
  /** The value is back, but not yet for long enough. */
  RECOVERING,
  RESOLVED
}
