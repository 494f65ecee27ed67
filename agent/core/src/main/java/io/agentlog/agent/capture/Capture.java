package io.agentlog.agent.capture;

import io.agentlog.agent.capture.value.MethodSources.DecisionSources;
import io.agentlog.agent.capture.value.MethodSources.ExecutionSources;
import io.agentlog.agent.capture.value.MethodSources.KeyedSource;
import io.agentlog.agent.capture.value.PackageOpener;
import io.agentlog.agent.capture.value.SnapshotLimits;
import io.agentlog.agent.capture.value.Snapshots;
import io.agentlog.agent.capture.value.Texts;
import io.agentlog.agent.capture.value.ValueSource;
import io.agentlog.agent.journal.Journal;
import io.agentlog.agent.ops.Counters;
import io.agentlog.agent.ops.Counters.Counter;
import java.security.SecureRandom;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Reads values from calls and turns what happens to executions into events. Thread-safe.
 *
 * <p>Times: the wall clock is asked once, when an execution starts; every later time is that plus
 * elapsed {@code nanoTime}, so that no duration is negative whatever the clock does.
 */
public final class Capture {
  /** Keys of the metadata that are ours. */
  static final Set<String> RESERVED_KEYS = Set.of("progress", "completed_at");

  private static final String QUALITY_REJECTED = "quality_score_rejected";

  /** Most ends remembered as lost between two looks of the agent's thread. */
  private static final int LOST_ENDS_MAX = 100_000;

  private final Counters counters;
  private final CaptureLimits limits;
  private final Snapshots snapshots;
  private final EventRecorder recorder;
  private final WallClock clock = new WallClock();
  private final TimeOrderedIds[] ids;
  private final ConcurrentLinkedQueue<UUID> lostEnds = new ConcurrentLinkedQueue<>();
  private final AtomicInteger lostEndCount = new AtomicInteger();

  public Capture(Journal journal, CaptureLimits limits, PackageOpener opener, Counters counters) {
    this.recorder = new EventRecorder(journal, counters, limits);
    this.counters = counters;
    this.limits = limits;
    this.snapshots = new Snapshots(new SnapshotLimits(limits.valueBytes()), opener);
    SecureRandom random = new SecureRandom();
    this.ids = new TimeOrderedIds[journal.stripeCount()];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = new TimeOrderedIds(random);
    }
  }

  CaptureLimits limits() {
    return limits;
  }

  /** Makes an execution, of which nothing is recorded yet. */
  Execution create(
      MethodPlan plan,
      @Nullable Execution parent,
      @Nullable Object self,
      Object @Nullable [] arguments,
      long now) {
    long micros = clock.microsAt(now);
    int stripe = parent != null ? parent.stripe : stripeOfThread();
    ExecutionSources sources = plan.executionSources();
    Object correlation = identifier(sources.correlation(), self, arguments);
    if (correlation == null) {
      correlation = parent != null ? parent.correlation : ids[stripe].next(micros);
    }
    Object session = identifier(sources.session(), self, arguments);
    if (session == null && parent != null) {
      session = parent.session;
    }
    return new Execution(
        plan,
        parent,
        self,
        arguments,
        stripe,
        TimeOrderedIds.high(micros),
        ids[stripe].nextLow(),
        micros,
        now,
        correlation,
        session,
        text(sources.prompt(), self, arguments));
  }

  /** Records that it has started. */
  void start(Execution execution, @Nullable Object self, Object @Nullable [] arguments) {
    ExecutionSources sources = execution.plan.executionSources();
    counters.increment(Counter.EXECUTIONS_STARTED);
    recorder.started(
        execution,
        execution.nextSeq(),
        text(sources.projectPath(), self, arguments),
        text(sources.projectName(), self, arguments),
        values(sources.entryMetadata(), self, arguments, null, Map.of()));
  }

  void stageAtEntry(
      MethodPlan plan,
      Execution execution,
      @Nullable Object self,
      Object @Nullable [] arguments,
      long now) {
    stage(execution, plan.stage(), stageValues(plan, self, arguments), now);
  }

  /** Values of a stage that don't come from the result; null if there are none. */
  @Nullable Map<String, @Nullable Object> stageValues(
      MethodPlan plan, @Nullable Object self, Object @Nullable [] arguments) {
    List<KeyedSource> sources = plan.stageSources().entryMetadata();
    return sources.isEmpty() ? null : values(sources, self, arguments, null, Map.of());
  }

  void stageAtExit(
      Call call,
      Execution execution,
      @Nullable Object result,
      @Nullable Throwable thrown,
      long now) {
    Map<String, @Nullable Object> atEntry = call.stageValues == null ? Map.of() : call.stageValues;
    List<KeyedSource> fromResult = call.plan.stageSources().exitMetadata();
    Map<String, @Nullable Object> metadata =
        thrown != null || fromResult.isEmpty()
            ? new LinkedHashMap<>(atEntry)
            : values(fromResult, null, null, result, atEntry);
    metadata.put("stage_duration_ms", Math.max(0, now - call.startNanos) / 1_000_000);
    if (thrown != null) {
      metadata.put("error_type", Outcome.typeName(thrown));
    }
    stage(execution, call.plan.stage(), metadata, now);
  }

  /** Records progress of an execution; {@code metadata} is the stage's, null if there is none. */
  void stage(
      Execution execution,
      Stage stage,
      @Nullable Map<String, @Nullable Object> metadata,
      long now) {
    ExecutionMetadata ofExecution;
    int seq;
    do {
      ofExecution = execution.metadata();
      seq = execution.nextSeq(ofExecution, false);
    } while (seq == Execution.STALE);
    if (seq == 0) {
      counters.increment(Counter.AFTER_END);
      return;
    }
    Map<String, @Nullable Object> flagged = metadata;
    if (stage.percentRejected != null) {
      flagged = metadata == null ? new LinkedHashMap<>() : new LinkedHashMap<>(metadata);
      flagged.put("percent_rejected", stage.percentRejected);
    }
    recorder.progress(
        execution, seq, now - execution.startNanos, stage, flagged, ofExecution.entries());
  }

  void decision(Call call, Execution execution, Object result, long now) {
    DecisionSources sources = call.plan.decisionSources();
    Object alternatives = null;
    Object read = call.read(sources.alternatives(), result);
    if (read != null) {
      alternatives = uncut(snapshots.take(read));
      if (Snapshots.sizeBytes(alternatives) > limits.metadataBytes()) {
        counters.increment(Counter.VALUE_CUT);
        alternatives = null;
      }
    }
    DecisionValues values =
        new DecisionValues(
            Texts.textOf(call.read(sources.agent(), result)),
            score(call.read(sources.confidence(), result)),
            Texts.textOf(call.read(sources.strategy(), result)),
            Texts.textOf(call.read(sources.reasoning(), result)),
            alternatives,
            score(call.read(sources.trigger(), result)),
            score(call.read(sources.context(), result)),
            score(call.read(sources.capability(), result)),
            score(call.read(sources.historical(), result)),
            (int) Math.min(Integer.MAX_VALUE, Math.max(0, now - call.startNanos) / 1_000_000));
    int seq = execution.nextSeq();
    if (seq == 0) {
      counters.increment(Counter.AFTER_END);
      return;
    }
    long elapsed = now - execution.startNanos;
    UUID id = ids[execution.stripe].next(execution.startedAtMicros + elapsed / 1_000);
    recorder.decision(execution, seq, elapsed, id, values);
  }

  /**
   * Records the end. All that may fail is done before the last number is taken: after that nothing
   * else may be recorded, so the end has to be.
   */
  void end(Execution execution, @Nullable Object result, @Nullable Throwable thrown, long now) {
    Outcome outcome = Outcome.of(thrown);
    Map<String, @Nullable Object> fromResult = Map.of();
    Object qualityFromPath = null;
    try {
      if (thrown == null) {
        ExecutionSources sources = execution.plan.executionSources();
        qualityFromPath = execution.read(sources.quality(), result);
        fromResult = values(sources.exitMetadata(), null, null, result, Map.of());
      }
    } catch (Throwable t) { // Sources don't throw; a stack that is nearly full does.
      counters.increment(Counter.SUPPRESSED);
    }
    ExecutionMetadata set;
    int seq;
    do {
      set = execution.metadata();
      seq = execution.nextSeq(set, true);
    } while (seq == Execution.STALE);
    if (seq == 0) {
      counters.increment(Counter.AFTER_END);
      return;
    }
    Object given = set.quality() != null ? set.quality() : qualityFromPath;
    double quality = Numbers.ratio(given);
    Map<String, @Nullable Object> metadata = set.entries();
    if (!fromResult.isEmpty() || (given != null && Double.isNaN(quality))) {
      metadata = endMetadata(set, fromResult, Double.isNaN(quality) ? given : null);
    }
    long elapsed = now - execution.startNanos;
    if (!recorder.completed(execution, seq, elapsed, outcome, quality, metadata)) {
      loseEnd(execution); // Offered once: what is offered twice is counted twice as dropped.
    }
  }

  private Map<String, @Nullable Object> endMetadata(
      ExecutionMetadata set,
      Map<String, @Nullable Object> fromResult,
      @Nullable Object qualityRejected) {
    MetadataBuilder metadata =
        new MetadataBuilder(set.entries(), set.sizeBytes(), limits.metadataBytes(), counters);
    fromResult.forEach(metadata::addUnlessThere);
    if (qualityRejected != null) {
      metadata.addOwn(QUALITY_REJECTED, rejected(qualityRejected));
    }
    return metadata.entries();
  }

  /**
   * An execution whose end the journal did not take, so that nobody waits for it; null if there is
   * none.
   */
  public @Nullable UUID pollLostEnd() {
    UUID lost = lostEnds.poll();
    if (lost != null) {
      lostEndCount.decrementAndGet();
    }
    return lost;
  }

  private void loseEnd(Execution execution) {
    if (lostEndCount.incrementAndGet() <= LOST_ENDS_MAX) {
      lostEnds.add(execution.id());
    } else {
      lostEndCount.decrementAndGet();
    }
  }

  /** A number as it is, of anything else the class name: a rejected score must not be large. */
  private @Nullable Object rejected(Object given) {
    return uncut(snapshots.take(given instanceof Number ? given : given.getClass().getName()));
  }

  /** A score of a decision; one out of range can't be stored and counts as not readable. */
  private double score(@Nullable Object value) {
    double ratio = Numbers.ratio(value);
    if (Double.isNaN(ratio) && value != null) {
      counters.increment(Counter.VALUE_FAILED);
    }
    return ratio;
  }

  /** {@code CurrentExecution.metadata}. */
  void metadata(Execution execution, String key, @Nullable Object value) {
    String cutKey = Texts.cut(key, limits.valueBytes());
    if (RESERVED_KEYS.contains(cutKey)) {
      counters.increment(Counter.VALUE_FAILED);
      return;
    }
    Object taken = snapshots.take(value);
    Object snapshot = uncut(taken);
    long[] refusedBytes = {0}; // Of the last attempt: a change may be tried several times.
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
              // taken away.
              return isCut || before.entries().containsKey(flag)
                  ? changed.flagged(flag, isCut)
                  : changed;
            });
    if (refusedBytes[0] > 0 || taken instanceof Snapshots.Cut) {
      counters.increment(Counter.VALUE_CUT);
    }
    if (!running) {
      counters.increment(Counter.AFTER_END);
    }
  }

  /** {@code CurrentExecution.quality}. */
  void quality(Execution execution, double score) {
    if (!execution.changeMetadata(before -> before.withQuality(score))) {
      counters.increment(Counter.AFTER_END);
    }
  }

  private Map<String, @Nullable Object> values(
      List<KeyedSource> sources,
      @Nullable Object self,
      Object @Nullable [] arguments,
      @Nullable Object result,
      Map<String, @Nullable Object> start) {
    if (sources.isEmpty()) {
      return start;
    }
    MetadataBuilder builder =
        new MetadataBuilder(
            start, MetadataBuilder.sizeBytes(start), limits.metadataBytes(), counters);
    for (KeyedSource source : sources) {
      Object taken = snapshots.take(source.source().read(self, arguments, result));
      if (taken != null) {
        builder.add(source.key(), uncut(taken), taken instanceof Snapshots.Cut);
      }
    }
    return builder.entries();
  }

  private static @Nullable Object uncut(@Nullable Object taken) {
    return taken instanceof Snapshots.Cut cut ? cut.value() : taken;
  }

  /** A UUID as it is, else the value's text; null if there is none. */
  private static @Nullable Object identifier(
      @Nullable ValueSource source, @Nullable Object self, Object @Nullable [] arguments) {
    Object value = read(source, self, arguments);
    return value instanceof UUID ? value : Texts.textOf(value);
  }

  private static @Nullable String text(
      @Nullable ValueSource source, @Nullable Object self, Object @Nullable [] arguments) {
    return Texts.textOf(read(source, self, arguments));
  }

  private static @Nullable Object read(
      @Nullable ValueSource source, @Nullable Object self, Object @Nullable [] arguments) {
    return source == null ? null : source.read(self, arguments, null);
  }

  private int stripeOfThread() {
    // An application's thread may say what it likes, be it below 0.
    return Math.floorMod((int) Thread.currentThread().getId(), ids.length);
  }
}
