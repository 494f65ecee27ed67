package io.agentlog.agent.capture;

import io.agentlog.agent.capture.privacy.Privacy;
import io.agentlog.agent.capture.value.MethodSources.DecisionSources;
import io.agentlog.agent.capture.value.Snapshots;
import io.agentlog.agent.capture.value.Texts;
import io.agentlog.log.Counters;
import io.agentlog.log.Counters.Counter;
import org.jspecify.annotations.Nullable;

/** Reads the values of routing decisions. Thread-safe. */
final class DecisionReader {
  private final CaptureLimits limits;
  private final Privacy privacy;
  private final Snapshots snapshots;
  private final Counters counters;

  DecisionReader(CaptureLimits limits, Privacy privacy, Snapshots snapshots, Counters counters) {
    this.limits = limits;
    this.privacy = privacy;
    this.snapshots = snapshots;
    this.counters = counters;
  }

  /**
   * @param result of the call, which is the decision
   * @param now as of {@link System#nanoTime()}: the end of the call
   */
  DecisionValues read(Call call, Object result, long now) {
    DecisionSources sources = call.plan.decisionSources();
    return new DecisionValues(
        text(call.read(sources.agent(), result)),
        score(call.read(sources.confidence(), result)),
        text(call.read(sources.strategy(), result)),
        text(call.read(sources.reasoning(), result)),
        alternatives(call.read(sources.alternatives(), result)),
        score(call.read(sources.trigger(), result)),
        score(call.read(sources.context(), result)),
        score(call.read(sources.capability(), result)),
        score(call.read(sources.historical(), result)),
        (int) Math.min(Integer.MAX_VALUE, Math.max(0, now - call.startNanos) / 1_000_000));
  }

  private @Nullable Object alternatives(@Nullable Object read) {
    if (read == null) {
      return null;
    }
    Object alternatives = Capture.uncut(snapshots.take(read));
    if (Snapshots.sizeBytes(alternatives) > limits.metadataBytes()) {
      counters.increment(Counter.VALUE_CUT);
      return null;
    }
    return alternatives;
  }

  private @Nullable String text(@Nullable Object value) {
    return privacy.redactOrNull(Texts.textOf(value));
  }

  /** One out of range can't be stored and counts as not readable. */
  private double score(@Nullable Object value) {
    double ratio = Numbers.ratio(value);
    if (Double.isNaN(ratio) && value != null) {
      counters.increment(Counter.VALUE_FAILED);
    }
    return ratio;
  }
}
