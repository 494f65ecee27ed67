package io.agentlog.agent.capture.value;

/**
 * How much of a value is copied.
 *
 * @param valueMaxBytes of one string or key, as the JVM stores it; at least 1
 */
public record SnapshotLimits(int valueMaxBytes) {
  /** Containers inside containers; a deeper one is its class name. */
  public static final int DEPTH_MAX = 4;

  /** Values of one snapshot, containers included; what comes later is left out. */
  public static final int NODES_MAX = 100;

  public SnapshotLimits {
    if (valueMaxBytes < 1) {
      throw new IllegalArgumentException("valueMaxBytes must be positive, was " + valueMaxBytes);
    }
  }
}
