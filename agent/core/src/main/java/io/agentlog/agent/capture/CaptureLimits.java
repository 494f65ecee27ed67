package io.agentlog.agent.capture;

/**
 * Limits of what an event holds, in bytes as the JVM stores text: one a character in Latin-1, else
 * two.
 *
 * @param promptBytes of a prompt
 * @param valueBytes of any other text
 * @param metadataBytes of an execution's metadata
 */
public record CaptureLimits(int promptBytes, int valueBytes, int metadataBytes) {
  /**
   * What a record may hold of prompts and metadata together, so that an event fits a journal frame.
   */
  static final int BYTES_MAX = 512 * 1024;

  public CaptureLimits {
    promptBytes = clamp(promptBytes);
    valueBytes = clamp(valueBytes);
    metadataBytes = clamp(metadataBytes);
  }

  private static int clamp(int bytes) {
    return Math.max(64, Math.min(bytes, BYTES_MAX));
  }
}
