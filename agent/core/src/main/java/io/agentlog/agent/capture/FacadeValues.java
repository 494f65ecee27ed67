package io.agentlog.agent.capture;

import io.agentlog.agent.capture.privacy.Privacy;
import io.agentlog.agent.capture.value.Snapshots;
import io.agentlog.agent.capture.value.Texts;
import io.agentlog.agent.metrics.Counters;
import io.agentlog.agent.metrics.Counters.Counter;
import org.jspecify.annotations.Nullable;

/** Adds what the application sets by {@code CurrentExecution} to an execution. Thread-safe. */
final class FacadeValues {
  private final CaptureLimits limits;
  private final Privacy privacy;
  private final Snapshots snapshots;
  private final Counters counters;

  FacadeValues(CaptureLimits limits, Privacy privacy, Snapshots snapshots, Counters counters) {
    this.limits = limits;
    this.privacy = privacy;
    this.snapshots = snapshots;
    this.counters = counters;
  }

  /** Handles {@code CurrentExecution.metadata}. */
  void metadata(Execution execution, String key, @Nullable Object value) {
    String cutKey = Texts.cut(privacy.redact(key), limits.valueBytes());
    if (Capture.RESERVED_KEYS.contains(cutKey)) {
      counters.increment(Counter.VALUE_FAILED);
      return;
    }
    Object taken = snapshots.take(value);
    Object snapshot = Snapshots.unwrapped(taken);
    boolean isRedacted = privacy.isRedacted(snapshot);
    long[] refusedBytes = {0}; // By the last attempt: a change may be tried several times.
    boolean running =
        execution.changeMetadata(
            before -> {
              boolean isNew = !before.entries().containsKey(cutKey);
              long size =
                  before.sizeBytes()
                      + MetadataBuilder.entryBytes(cutKey, snapshot)
                      - (isNew
                          ? 0
                          : MetadataBuilder.entryBytes(cutKey, before.entries().get(cutKey)));
              refusedBytes[0] = size > limits.metadataBytes() ? size : 0;
              if (refusedBytes[0] > 0) {
                return before.entries().containsKey(MetadataBuilder.REFUSED)
                    ? before
                    : before.with(MetadataBuilder.REFUSED, true, before.sizeBytes());
              }
              ExecutionMetadata changed = before.with(cutKey, snapshot, size);
              String flag = cutKey + MetadataBuilder.CUT_SUFFIX;
              boolean isCut = taken instanceof Snapshots.Cut;
              // A later event carries every key of an earlier one, so a flag is lowered, never
              // removed.
              if (isCut || before.entries().containsKey(flag)) {
                changed = changed.flagged(flag, isCut);
              }
              String redactedFlag = cutKey + MetadataBuilder.REDACTED_SUFFIX;
              return isRedacted || before.entries().containsKey(redactedFlag)
                  ? changed.flagged(redactedFlag, isRedacted)
                  : changed;
            });
    if (refusedBytes[0] > 0 || taken instanceof Snapshots.Cut) {
      counters.increment(Counter.VALUE_CUT);
    }
    if (!running) {
      counters.increment(Counter.AFTER_END);
    }
  }

  /** Handles {@code CurrentExecution.quality}. */
  void quality(Execution execution, double score) {
    if (!execution.changeMetadata(before -> before.withQuality(score))) {
      counters.increment(Counter.AFTER_END);
    }
  }
}
