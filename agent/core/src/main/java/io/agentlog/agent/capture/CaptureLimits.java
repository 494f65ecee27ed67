package io.agentlog.agent.capture;

import io.agentlog.config.Config;
import io.agentlog.config.Option;
import io.agentlog.config.Options;

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
  static final int BYTES_MIN = 64;

  public CaptureLimits {
    promptBytes = clamp(promptBytes);
    valueBytes = clamp(valueBytes);
    metadataBytes = clamp(metadataBytes);
  }

  /** Reads the options {@code capture.*.max-bytes}. */
  public static CaptureLimits of(Config config) {
    return new CaptureLimits(
        bounded(config, Options.CAPTURE_PROMPT_MAX_BYTES),
        bounded(config, Options.CAPTURE_VALUE_MAX_BYTES),
        bounded(config, Options.CAPTURE_METADATA_MAX_BYTES));
  }

  private static int bounded(Config config, Option<Long> option) {
    return (int) Math.min(Integer.MAX_VALUE, config.get(option));
  }

  private static int clamp(int bytes) {
    return Math.max(BYTES_MIN, Math.min(bytes, BYTES_MAX));
  }
}
