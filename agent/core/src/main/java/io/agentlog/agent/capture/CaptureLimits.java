package io.agentlog.agent.capture;

/**
 * Limits on what an event holds, in bytes as the JVM stores text: one per char of a Latin-1 text,
 * else two.
 *
 * @param promptBytes of a prompt
 * @param valueBytes of any other text
 * @param metadataBytes of an execution's metadata
 */
public record CaptureLimits(int promptBytes, int valueBytes, int metadataBytes) {
  /** Upper bound of each limit, so that prompt and metadata together fit one journal record. */
  static final int BYTES_MAX = 512 * 1024;

  /** Lower bound of each limit. */
  private static final int BYTES_MIN = 64;

  public CaptureLimits {
    promptBytes = clamp(promptBytes);
    valueBytes = clamp(valueBytes);
    metadataBytes = clamp(metadataBytes);
  }

  private static int clamp(int bytes) {
    return Math.max(BYTES_MIN, Math.min(bytes, BYTES_MAX));
  }
}
