package io.agentlog.annotations;

import java.util.Optional;
import java.util.UUID;

/**
 * The execution that the calling thread works for, for code that wants to say more than annotations
 * can.
 *
 * <p>Optional: an application that never calls it is recorded as well. Without the agent, and
 * outside an execution, every method does nothing or returns empty. No method throws, waits or does
 * I/O; all may be called from any thread.
 *
 * <p>The bodies below are what runs without the agent. The agent replaces them when this class is
 * loaded.
 */
public final class CurrentExecution {
  private CurrentExecution() {}

  /**
   * Returns the ID of the current execution, the key of its row.
   *
   * @return the ID, or empty outside an execution or without the agent
   */
  public static Optional<UUID> executionId() {
    return Optional.empty();
  }

  /**
   * Returns the correlation ID of the current execution as it is stored: a text that is not a UUID
   * as its version-5 UUID.
   *
   * @return the ID, or empty outside an execution or without the agent
   */
  public static Optional<UUID> correlationId() {
    return Optional.empty();
  }

  /**
   * Adds an entry to the metadata of the current execution. The last call of a key wins; the entry
   * travels with the next progress event and with the end. A value too many for the metadata's
   * limit is refused and flagged there.
   *
   * @param key the key; null does nothing; {@code progress} and {@code completed_at} are reserved
   *     and refused
   * @param value a string, number, boolean, UUID, enum, temporal, or map, list or record of these;
   *     of any other object the class name is kept; null stores null
   */
  public static void metadata(String key, Object value) {}

  /**
   * Reports a stage of the current execution, as {@link ProgressStage} does.
   *
   * @param stage the stage's name; null or empty does nothing
   * @param percent 0 to 100; a value out of range is stored as null, with the raw value in the
   *     stage's metadata
   */
  public static void progress(String stage, int percent) {}

  /**
   * Sets the quality score of the current execution; wins over a path and over {@link
   * QualityScore}. The last call wins.
   *
   * @param score 0.0 to 1.0; a value out of range is stored as null, with the raw value in the
   *     metadata
   */
  public static void quality(double score) {}
}
