package io.agentlog.agent.capture;

import io.agentlog.agent.capture.logline.LogLines;
import io.agentlog.agent.capture.privacy.Privacy;
import io.agentlog.agent.capture.privacy.TraceOptions;
import io.agentlog.agent.capture.value.MethodSources.ExecutionSources;
import io.agentlog.agent.capture.value.MethodSources.KeyedSource;
import io.agentlog.agent.capture.value.PackageOpener;
import io.agentlog.agent.capture.value.SnapshotLimits;
import io.agentlog.agent.capture.value.Snapshots;
import io.agentlog.agent.capture.value.Texts;
import io.agentlog.agent.capture.value.ValueSource;
import io.agentlog.agent.journal.Journal;
import io.agentlog.agent.metrics.Counters;
import io.agentlog.agent.metrics.Counters.Counter;
import io.agentlog.event.DecisionValues;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Reads values from calls and turns what happens to executions into events. Thread-safe.
 *
 * <p>Times: the wall clock is read once, when an execution starts. Every later time is the start
 * plus elapsed {@code nanoTime}, so that no duration is negative even if the clock steps.
 */
public final class Capture {
  /** Metadata keys that only the agent writes. */
  static final Set<String> RESERVED_KEYS = Set.of("progress", "completed_at");

  private static final String QUALITY_REJECTED = "quality_score_rejected";

  private final Counters counters;
  private final CaptureLimits limits;
  private final Privacy privacy;
  private final Surroundings surroundings;
  private final Snapshots snapshots;
  private final FacadeValues facade;
  private final DecisionReader decisions;
  private final EventRecorder recorder;
  private final Identities identities;
  private final PromptPolicy prompts;
  private final Trace trace;
  private final LogLines logLines;
  private final LostEnds lostEnds = new LostEnds();

  /** Makes a capture that keeps every value as it is given. */
  public Capture(Journal journal, CaptureLimits limits, PackageOpener opener, Counters counters) {
    this(
        journal,
        limits,
        Privacy.none(),
        TraceOptions.OFF,
        new Surroundings(opener, counters),
        opener,
        counters);
  }

  public Capture(
      Journal journal,
      CaptureLimits limits,
      Privacy privacy,
      TraceOptions traced,
      Surroundings surroundings,
      PackageOpener opener,
      Counters counters) {
    this.privacy = privacy;
    this.surroundings = surroundings;
    this.recorder = new EventRecorder(journal, counters, limits);
    this.counters = counters;
    this.limits = limits;
    this.snapshots =
        new Snapshots(new SnapshotLimits(limits.valueBytes()), opener, privacy::redact);
    this.facade = new FacadeValues(limits, privacy, snapshots, counters);
    this.decisions = new DecisionReader(limits, privacy, snapshots, counters);
    this.identities = new Identities(privacy, surroundings, new StripedIds(journal.stripeCount()));
    this.prompts = new PromptPolicy(privacy, limits.promptBytes());
    this.trace = new Trace(traced, privacy, prompts, recorder, identities, counters);
    this.logLines = new LogLines(opener, counters);
  }

  CaptureLimits limits() {
    return limits;
  }

  EventRecorder recorder() {
    return recorder;
  }

  Privacy privacy() {
    return privacy;
  }

  Identities identities() {
    return identities;
  }

  Counters counters() {
    return counters;
  }

  PromptPolicy prompts() {
    return prompts;
  }

  Snapshots snapshots() {
    return snapshots;
  }

  /** Returns the part that adds IDs to log events. */
  LogLines logLines() {
    return logLines;
  }

  /** Makes an execution; records nothing yet. */
  Execution create(
      MethodPlan plan,
      @Nullable Execution parent,
      @Nullable Object self,
      Object @Nullable [] arguments,
      long now) {
    if (parent != null) {
      parent.ensureStarted();
    }
    long micros = identities.microsAt(now);
    int stripe = identities.stripe(parent);
    ExecutionSources sources = plan.executionSources();
    Object givenCorrelation = read(sources.correlation(), self, arguments);
    Object correlation = identities.correlation(plan, givenCorrelation, parent, stripe, micros);
    Object session = identities.session(read(sources.session(), self, arguments), parent);
    Object prompt = read(sources.prompt(), self, arguments);
    String given = Texts.textOf(prompt);
    KeptPrompt kept =
        prompt == null || given == null
            ? null
            : prompts.kept(plan, PromptPolicy.PROMPT, prompt, given);
    return new Execution(
        plan,
        parent,
        self,
        arguments,
        stripe,
        TimeOrderedIds.high(micros),
        identities.nextLow(stripe),
        micros,
        now,
        correlation,
        session,
        kept == null ? given : kept);
  }

  /** Records the start of an execution; returns the project's folder that it names, or null. */
  @Nullable String start(
      Execution execution,
      @Nullable Execution parent,
      @Nullable Object self,
      Object @Nullable [] arguments) {
    ExecutionSources sources = execution.plan.executionSources();
    String projectPath = text(sources.projectPath(), self, arguments);
    String projectName = text(sources.projectName(), self, arguments);
    Map<String, @Nullable Object> metadata = values(sources.entryMetadata(), self, arguments, null);
    TraceParent given = TraceParent.of(Texts.textOf(read(sources.traceparent(), self, arguments)));
    start(execution, execution.nextSeq(), parent, projectPath, projectName, given, metadata);
    trace.start(execution, self, arguments);
    return projectPath;
  }

  /**
   * Records the start with values that were read.
   *
   * @param given the span that the call itself names
   */
  void start(
      Execution execution,
      int seq,
      @Nullable Execution parent,
      @Nullable String projectPath,
      @Nullable String projectName,
      TraceParent given,
      Map<String, @Nullable Object> entryMetadata) {
    counters.increment(Counter.EXECUTIONS_STARTED);
    Map<String, @Nullable Object> metadata = entryMetadata;
    KeptPrompt kept = execution.prompt instanceof KeptPrompt policed ? policed : null;
    if (kept != null || privacy.redacts()) {
      metadata = new LinkedHashMap<>(entryMetadata);
      metadata.putAll(kept == null ? Map.of() : kept.flags());
      flag(metadata, "correlation_id", execution.correlation);
      flag(metadata, "session_id", execution.session);
      flag(metadata, "project_path", projectPath);
      flag(metadata, "project_name", projectName);
    }
    TraceParent around = surroundings.traceOf(execution.plan, given, parent);
    if (around.isPresent()) {
      execution.changeMetadata(before -> before.withTrace(around));
    }
    execution.isStartLost =
        !recorder.started(execution, seq, projectPath, projectName, around, metadata);
  }

  private void flag(Map<String, @Nullable Object> metadata, String field, @Nullable Object value) {
    if (privacy.isRedacted(value)) {
      metadata.put(field + MetadataBuilder.REDACTED_SUFFIX, true);
    }
  }

  void stageAtEntry(
      MethodPlan plan,
      Execution execution,
      @Nullable Object self,
      Object @Nullable [] arguments,
      long now) {
    stage(execution, plan.stage(), stageValues(plan, self, arguments), now);
  }

  /** Reads the values of a stage that don't come from the result; null if there are none. */
  @Nullable Map<String, @Nullable Object> stageValues(
      MethodPlan plan, @Nullable Object self, Object @Nullable [] arguments) {
    List<KeyedSource> sources = plan.stageSources().entryMetadata();
    return sources.isEmpty() ? null : values(sources, self, arguments, null);
  }

  void stageAtExit(
      Call call,
      Execution execution,
      @Nullable Object result,
      @Nullable Throwable thrown,
      long now) {
    MetadataBuilder metadata = builder(call.stageValues == null ? Map.of() : call.stageValues);
    if (thrown == null) {
      add(metadata, call.plan.stageSources().exitMetadata(), null, null, result);
    }
    metadata.addOwn("stage_duration_ms", Math.max(0, now - call.startNanos) / 1_000_000);
    if (thrown != null) {
      metadata.addOwn("error_type", Outcome.typeName(thrown));
    }
    stage(execution, call.plan.stage(), metadata.entries(), now);
  }

  /** Records progress of an execution; {@code metadata} is the stage's own, or null. */
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
    recorder.progress(execution, seq, now - execution.startNanos, stage, flagged, ofExecution);
  }

  void decision(Call call, Execution execution, Object result, long now) {
    DecisionValues values = decisions.read(call, result, now);
    Object prompt = execution.prompt; // Before the number, because the end clears it.
    int seq = execution.nextSeq();
    if (seq == 0) {
      counters.increment(Counter.AFTER_END);
      return;
    }
    long elapsed = now - execution.startNanos;
    UUID id = identities.nextId(execution, elapsed);
    recorder.decision(execution, seq, elapsed, id, values, prompt);
  }

  /**
   * Records the end. Everything that may fail runs before the last number is taken, because after
   * that only the end can be recorded.
   */
  void end(Execution execution, @Nullable Object result, @Nullable Throwable thrown, long now) {
    Outcome given = Outcome.of(thrown);
    Outcome outcome = given.withMessage(privacy.redactOrNull(given.errorMessage()));
    Map<String, @Nullable Object> fromResult = Map.of();
    Object qualityFromPath = null;
    try {
      if (thrown == null) {
        ExecutionSources sources = execution.plan.executionSources();
        qualityFromPath = execution.read(sources.quality(), result);
        fromResult = values(sources.exitMetadata(), null, null, result);
      }
    } catch (Throwable t) { // Sources don't throw, but a nearly full stack does.
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
    Object score = set.quality() != null ? set.quality() : qualityFromPath;
    double quality = Numbers.ratio(score);
    Map<String, @Nullable Object> metadata = set.entries();
    if (!fromResult.isEmpty() || (score != null && Double.isNaN(quality))) {
      metadata = endMetadata(set, fromResult, Double.isNaN(quality) ? score : null);
    }
    if (privacy.isRedacted(outcome.errorMessage())) {
      metadata = new LinkedHashMap<>(metadata);
      flag(metadata, "error_message", outcome.errorMessage());
    }
    long elapsed = now - execution.startNanos;
    if (!recorder.completed(execution, seq, elapsed, outcome, quality, metadata, set.usage())) {
      lostEnds.add(execution); // Not offered again: it would be counted as dropped twice.
    }
  }

  private Map<String, @Nullable Object> endMetadata(
      ExecutionMetadata set,
      Map<String, @Nullable Object> fromResult,
      @Nullable Object qualityRejected) {
    MetadataBuilder metadata =
        new MetadataBuilder(set.entries(), set.sizeBytes(), limits.metadataBytes(), counters);
    fromResult.forEach(metadata::addIfAbsent);
    if (qualityRejected != null) {
      metadata.addOwn(QUALITY_REJECTED, rejected(qualityRejected));
    }
    return metadata.entries();
  }

  /**
   * Takes the ID of an execution whose start the journal took and whose end it dropped, so that the
   * caller stops waiting for the end; null if there is none.
   */
  public @Nullable UUID pollLostEnd() {
    return lostEnds.poll();
  }

  /** Returns a rejected score if it is a number, else its class name, which is never large. */
  private @Nullable Object rejected(Object given) {
    return Snapshots.unwrapped(
        snapshots.take(given instanceof Number ? given : given.getClass().getName()));
  }

  /** Returns the part that records prompts with instructions, and used knowledge. */
  Trace trace() {
    return trace;
  }

  /** Returns the part that adds what {@code CurrentExecution} sets. */
  FacadeValues facade() {
    return facade;
  }

  private Map<String, @Nullable Object> values(
      List<KeyedSource> sources,
      @Nullable Object self,
      Object @Nullable [] arguments,
      @Nullable Object result) {
    if (sources.isEmpty()) {
      return Map.of();
    }
    MetadataBuilder builder = builder(Map.of());
    add(builder, sources, self, arguments, result);
    return builder.entries();
  }

  private MetadataBuilder builder(Map<String, @Nullable Object> start) {
    return new MetadataBuilder(
        start, MetadataBuilder.sizeBytes(start), limits.metadataBytes(), counters);
  }

  private void add(
      MetadataBuilder builder,
      List<KeyedSource> sources,
      @Nullable Object self,
      Object @Nullable [] arguments,
      @Nullable Object result) {
    for (KeyedSource source : sources) {
      builder.add(snapshots, privacy, source.key(), source.source().read(self, arguments, result));
    }
  }

  private @Nullable String text(
      @Nullable ValueSource source, @Nullable Object self, Object @Nullable [] arguments) {
    return privacy.redactOrNull(Texts.textOf(read(source, self, arguments)));
  }

  private static @Nullable Object read(
      @Nullable ValueSource source, @Nullable Object self, Object @Nullable [] arguments) {
    return source == null ? null : source.read(self, arguments, null);
  }
}
