package io.agentlog.annotations;

import java.util.Optional;
import java.util.UUID;

/**
 * The execution that the calling thread works for. Code can use this class to record more than
 * annotations can.
 *
 * <p>The class is optional: executions are recorded without any call of it. Without the agent, and
 * outside an execution, every method does nothing or returns empty. No method throws, waits or does
 * I/O; all may be called from any thread.
 *
 * <p>The bodies below run only without the agent. The agent replaces them when this class is
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
   * Returns the correlation ID of the current execution as stored. A text that is not a UUID is
   * stored as its version-5 UUID.
   *
   * @return the ID, or empty outside an execution or without the agent
   */
  public static Optional<UUID> correlationId() {
    return Optional.empty();
  }

  /**
   * Adds an entry to the metadata of the current execution. If a key is added again, the last value
   * wins. The entry is sent with the next progress event and with the end. A value beyond the
   * metadata's limit is refused, and the metadata is flagged.
   *
   * @param key the key; null does nothing; {@code progress} and {@code completed_at} are reserved
   *     and refused
   * @param value a string, number, boolean, UUID, enum, temporal, or a map, list or record of
   *     these; for any other object the class name is kept; null stores null
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
   * Sets the quality score of the current execution. This score wins over a path and over {@link
   * QualityScore}. If called again, the last score wins.
   *
   * @param score 0.0 to 1.0; a value out of range is stored as null, with the raw value in the
   *     metadata
   */
  public static void quality(double score) {}

  /**
   * Sets the instructions that the agent follows from now on, often called its system prompt.
   * Recorded with {@code traceability=true} alone, together with the execution's prompt and under
   * the same privacy options. The same instructions again record nothing.
   *
   * @param instructions the text; null or empty does nothing
   */
  public static void instructions(String instructions) {}

  /**
   * Begins to record that the current execution uses an item of knowledge: a pattern, a document, a
   * schema. Recorded with {@code traceability=true} alone, by {@link IntelligenceUse#record()}.
   *
   * @param name of the item; null: not known
   * @return an object for what else is known of it; never null
   */
  public static IntelligenceUse intelligence(String name) {
    return recordsIntelligence() ? IntelligenceUse.of(name) : IntelligenceUse.NONE;
  }

  /** Returns whether the agent takes what {@link #recordIntelligence} hands over. */
  private static boolean recordsIntelligence() {
    return false;
  }

  static void recordIntelligence(Object[] values) {}
}
