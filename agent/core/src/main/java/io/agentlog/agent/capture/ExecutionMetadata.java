package io.agentlog.agent.capture;

import io.agentlog.event.UsageTotals;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Metadata and quality that {@code CurrentExecution} has set on an execution so far. Immutable:
 * each change makes the next version, so that an event takes a sequence number and the matching map
 * in one step.
 *
 * @param version counts changes, from 0
 * @param entries JSON values by key
 * @param sizeBytes of the entries, as the limit counts them
 * @param quality the score set last, or null
 * @param instructions recorded last, or null
 * @param promptCount prompts with instructions that were recorded
 * @param intelligenceCount items of used knowledge that were recorded
 * @param trace around the execution; here, because most executions have none and share {@link
 *     #EMPTY}
 * @param usage of models and tools so far; null if there was none
 */
record ExecutionMetadata(
    int version,
    Map<String, @Nullable Object> entries,
    long sizeBytes,
    @Nullable Double quality,
    @Nullable String instructions,
    int promptCount,
    int intelligenceCount,
    TraceParent trace,
    @Nullable UsageTotals usage) {
  static final ExecutionMetadata EMPTY =
      new ExecutionMetadata(0, Map.of(), 0, null, null, 0, 0, TraceParent.NONE, null);

  /** Key of the number of items of used knowledge that the limits left out. */
  static final String INTELLIGENCE_OMITTED = "intelligence_omitted";

  /** Key of the number of instructions that the limit left out. */
  static final String PROMPTS_OMITTED = "prompts_omitted";

  ExecutionMetadata with(String key, @Nullable Object value, long sizeBytes) {
    Map<String, @Nullable Object> changed = new LinkedHashMap<>(entries);
    changed.put(key, value);
    return new ExecutionMetadata(
        version + 1,
        Collections.unmodifiableMap(changed),
        sizeBytes,
        quality,
        instructions,
        promptCount,
        intelligenceCount,
        trace,
        usage);
  }

  /** Returns the same version with a flag of the agent's, which the limit does not count. */
  ExecutionMetadata flagged(String flag, boolean raised) {
    Map<String, @Nullable Object> changed = new LinkedHashMap<>(entries);
    changed.put(flag, raised);
    return new ExecutionMetadata(
        version,
        Collections.unmodifiableMap(changed),
        sizeBytes,
        quality,
        instructions,
        promptCount,
        intelligenceCount,
        trace,
        usage);
  }

  ExecutionMetadata withQuality(double score) {
    return new ExecutionMetadata(
        version + 1,
        entries,
        sizeBytes,
        score,
        instructions,
        promptCount,
        intelligenceCount,
        trace,
        usage);
  }

  /** Takes note of the span around the execution. */
  ExecutionMetadata withTrace(TraceParent around) {
    return new ExecutionMetadata(
        version + 1,
        entries,
        sizeBytes,
        quality,
        instructions,
        promptCount,
        intelligenceCount,
        around,
        usage);
  }

  /** Takes note of instructions that are recorded. */
  ExecutionMetadata withInstructions(String text) {
    return new ExecutionMetadata(
        version + 1,
        entries,
        sizeBytes,
        quality,
        text,
        promptCount + 1,
        intelligenceCount,
        trace,
        usage);
  }

  /** Takes note of instructions that the limit leaves out. */
  ExecutionMetadata withInstructionsOmitted(String text) {
    return new ExecutionMetadata(
        version + 1,
        counted(PROMPTS_OMITTED, 1),
        sizeBytes,
        quality,
        text,
        promptCount,
        intelligenceCount,
        trace,
        usage);
  }

  /** Adds items of used knowledge, and those left out, to the numbers so far. */
  ExecutionMetadata withIntelligence(int recorded, int omitted) {
    Map<String, @Nullable Object> changed =
        omitted > 0 ? counted(INTELLIGENCE_OMITTED, omitted) : entries;
    return new ExecutionMetadata(
        version + 1,
        changed,
        sizeBytes,
        quality,
        instructions,
        promptCount,
        intelligenceCount + recorded,
        trace,
        usage);
  }

  /** Takes note of what models and tools have used. */
  ExecutionMetadata withUsage(UsageTotals totals) {
    return new ExecutionMetadata(
        version + 1,
        entries,
        sizeBytes,
        quality,
        instructions,
        promptCount,
        intelligenceCount,
        trace,
        totals);
  }

  private Map<String, @Nullable Object> counted(String key, int more) {
    Map<String, @Nullable Object> changed = new LinkedHashMap<>(entries);
    long before = changed.get(key) instanceof Long number ? number : 0;
    changed.put(key, before + more);
    return Collections.unmodifiableMap(changed);
  }
}
