package io.agentlog.agent.capture.value;

/**
 * Limits on the copy of a value.
 *
 * @param valueMaxBytes of one string or key, as the JVM stores it; at least 1
 */
public record SnapshotLimits(int valueMaxBytes) {
  /** Levels of containers that are copied; a deeper container becomes its class name. */
  public static final int DEPTH_MAX = 4;

  /** Values in one snapshot, containers included; later values are left out. */
  public static final int NODES_MAX = 100;

  public SnapshotLimits {
    if (valueMaxBytes < 1) {
      throw new IllegalArgumentException("valueMaxBytes must be positive, was " + valueMaxBytes);
    }
  }
}
