package io.agentlog.agent.capture;

import io.agentlog.agent.capture.privacy.Privacy;
import io.agentlog.agent.capture.value.MethodSources.DecisionSources;
import io.agentlog.agent.capture.value.Snapshots;
import io.agentlog.agent.capture.value.Texts;
import io.agentlog.agent.metrics.Counters;
import io.agentlog.agent.metrics.Counters.Counter;
import io.agentlog.event.DecisionValues;
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
   * @param result what the call returned: the decision
   * @param now end of the call, by {@link System#nanoTime()}
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
    Object alternatives = Snapshots.unwrapped(snapshots.take(read));
    if (Snapshots.sizeBytes(alternatives) > limits.metadataBytes()) {
      counters.increment(Counter.VALUE_CUT);
      return null;
    }
    return alternatives;
  }

  private @Nullable String text(@Nullable Object value) {
    return privacy.redactOrNull(Texts.textOf(value));
  }

  /** Returns a score from 0 to 1, else NaN. Counts a score out of range as unreadable. */
  private double score(@Nullable Object value) {
    double ratio = Numbers.ratio(value);
    if (Double.isNaN(ratio) && value != null) {
      counters.increment(Counter.VALUE_FAILED);
    }
    return ratio;
  }
}
