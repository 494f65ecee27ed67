package io.agentlog.agent.capture;

import io.agentlog.agent.capture.framework.FrameworkOptions;
import io.agentlog.agent.capture.framework.ModelAnswer;
import io.agentlog.agent.capture.framework.ModelRequest;
import io.agentlog.agent.capture.framework.Retrieval;
import io.agentlog.agent.capture.framework.RunStart;
import io.agentlog.agent.capture.value.Texts;
import io.agentlog.agent.metrics.Counters.Counter;
import io.agentlog.agent.prices.Price;
import io.agentlog.agent.prices.Pricing;
import io.agentlog.event.ModelCallValues;
import io.agentlog.event.TokenCounts;
import io.agentlog.event.UsageTotals;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Turns what frameworks hand over into events: applies the policy and the limits, adds up totals,
 * asks for prices. Thread-safe.
 */
final class FrameworkRecorder {
  /** Most calls of models of one execution that are recorded; further ones are only counted. */
  static final int EXECUTION_MODEL_CALLS_MAX = 10_000;

  /** Most calls of tools of one execution that are recorded; further ones are only counted. */
  static final int EXECUTION_TOOL_CALLS_MAX = 10_000;

  /** Longest name of a model, a provider, a tool or a run's stage, in bytes. */
  static final int NAME_BYTES_MAX = 256;

  /** Capacity of a map with few entries. */
  private static final int FEW = 4;

  private static final String CALL_ID = "call_id";
  private static final String ERROR_TYPE = "error_type";
  private static final String DURATION = "stage_duration_ms";

  private final Capture capture;
  private final FrameworkOptions options;
  private final Pricing pricing;

  FrameworkRecorder(Capture capture, FrameworkOptions options, Pricing pricing) {
    this.capture = capture;
    this.options = options;
    this.pricing = pricing;
  }

  /** Makes an execution; records nothing yet. */
  FrameworkExecution create(
      FrameworkRuns runs,
      RunStart start,
      FrameworkPlans.RunPlan plan,
      @Nullable Execution parent,
      long now) {
    Identities identities = capture.identities();
    long micros = identities.microsAt(now);
    int stripe = identities.stripe(parent);
    return new FrameworkExecution(
        runs,
        start,
        plan,
        parent,
        stripe,
        TimeOrderedIds.high(micros),
        identities.nextLow(stripe),
        micros,
        now,
        identities.correlation(plan.plan(), start.correlation(), parent, stripe, micros),
        identities.session(start.session(), parent));
  }

  /** Records the start; if that was done before, the instructions and the metadata alone. */
  void start(
      FrameworkExecution execution,
      @Nullable String prompt,
      @Nullable String instructions,
      Map<String, @Nullable Object> metadata) {
    if (!execution.takeFirstSeq()) {
      addMetadata(execution, metadata);
      if (instructions != null) {
        capture.trace().instructions(execution, instructions, System.nanoTime());
      }
      return;
    }
    MetadataBuilder builder = metadataOf(Map.of());
    addGiven(builder, execution.givenMetadata());
    add(builder, metadata);
    if (prompt != null) {
      KeptPrompt kept = capture.prompts().kept(execution.plan, PromptPolicy.PROMPT, prompt, prompt);
      execution.prompt = kept == null ? prompt : kept;
    }
    Execution parent = execution.runningParent();
    if (parent != null) {
      parent.ensureStarted();
    }
    capture.start(execution, 1, parent, null, null, TraceParent.NONE, builder.entries());
    capture.trace().start(execution, instructions);
  }

  /** Adds entries to an execution's metadata. */
  void addMetadata(Execution execution, Map<String, @Nullable Object> metadata) {
    if (!metadata.isEmpty()) {
      metadata.forEach((key, value) -> capture.facade().metadata(execution, key, value));
    }
  }

  /** Returns the name of a stage, whose second part may come from a model or a server. */
  String stageName(String kind, String name) {
    return kind + ":" + keptName(name);
  }

  private String keptName(String given) {
    String redacted = capture.privacy().redact(given);
    String cut = Texts.cut(redacted, NAME_BYTES_MAX);
    if (cut.length() < redacted.length()) {
      capture.counters().increment(Counter.VALUE_CUT);
    }
    return cut;
  }

  private @Nullable String keptNameOrNull(@Nullable String given) {
    return given == null || given.isBlank() ? null : keptName(given);
  }

  RecordedToolCall beginTool(
      FrameworkRuns runs,
      Execution execution,
      String name,
      @Nullable String callId,
      @Nullable Object arguments,
      long now) {
    String stage = stageName("tool", name);
    boolean[] isOmitted = {false}; // By the last attempt: a change may be tried several times.
    execution.changeMetadata(
        before -> {
          UsageTotals totals = Usage.withTool(before.usage());
          isOmitted[0] = totals.toolCalls() > EXECUTION_TOOL_CALLS_MAX;
          return before.withUsage(totals);
        });
    RecordedToolCall call =
        new RecordedToolCall(runs, execution, stage, keptNameOrNull(callId), isOmitted[0], now);
    if (isOmitted[0]) {
      capture.counters().increment(Counter.TOOL_CALLS_OMITTED);
    } else {
      Map<String, @Nullable Object> metadata =
          call.callId == null ? Map.of() : Map.of(CALL_ID, call.callId);
      record(execution, stage, withText(metadata, "arguments", arguments), now);
    }
    return call;
  }

  void endTool(
      RecordedToolCall call, @Nullable Object result, @Nullable String errorType, long now) {
    if (call.isOmitted) {
      return;
    }
    Map<String, @Nullable Object> metadata = new LinkedHashMap<>(FEW);
    if (call.callId != null) {
      metadata.put(CALL_ID, call.callId);
    }
    metadata.put(DURATION, Math.max(0, now - call.startNanos) / 1_000_000);
    if (errorType != null) {
      metadata.put(ERROR_TYPE, keptName(errorType));
    }
    record(call.execution, call.stage, withText(metadata, "result", result), now);
  }

  boolean keepsToolTexts() {
    return options.keepsToolTexts();
  }

  /** Adds an argument or result of a tool, if the policy keeps it. */
  private Map<String, @Nullable Object> withText(
      Map<String, @Nullable Object> metadata, String key, @Nullable Object value) {
    if (!options.keepsToolTexts() || value == null) {
      return metadata;
    }
    MetadataBuilder builder = metadataOf(Map.of());
    metadata.forEach(builder::addOwn);
    add(builder, key, value);
    return builder.entries();
  }

  RecordedModelCall beginModel(
      FrameworkRuns runs, Execution execution, ModelRequest request, long now) {
    String provider = keptNameOrNull(request.provider());
    String model = keptNameOrNull(request.model());
    UsageTotals usage = execution.metadata().usage();
    boolean isOmitted = usage != null && usage.modelCalls() >= EXECUTION_MODEL_CALLS_MAX;
    RecordedModelCall call =
        new RecordedModelCall(runs, execution, request, provider, model, isOmitted, now);
    if (!isOmitted) {
      String shown = model != null ? model : provider;
      String stage = shown != null ? shown : keptName(Outcome.typeName(request.receiver()));
      record(execution, "model:" + stage, Map.of(), now);
    }
    return call;
  }

  void endModel(
      RecordedModelCall call, @Nullable ModelAnswer answer, @Nullable Throwable thrown, long now) {
    MetadataBuilder metadata = metadataOf(answer == null ? Map.of() : answer.metadata());
    String responseModel = answer == null ? null : keptNameOrNull(answer.model());
    TokenCounts given = answer == null ? TokenCounts.UNKNOWN : answer.tokens();
    TokenCounts tokens = call.isDelegated() ? TokenCounts.UNKNOWN : Usage.believed(given);
    Usage.Cost cost = null;
    if (call.isDelegated()) {
      metadata.addOwn("delegated", true);
    } else {
      if (!tokens.equals(given)) {
        metadata.addOwn("tokens_rejected", true);
      }
      cost = costOf(call.provider, responseModel, call.model, tokens);
      count(call, responseModel != null ? responseModel : call.model, tokens, cost);
    }
    if (call.isOmitted) {
      capture.counters().increment(Counter.MODEL_CALLS_OMITTED);
      return;
    }
    Execution execution = call.execution;
    ExecutionMetadata ofExecution;
    int seq;
    do {
      ofExecution = execution.metadata();
      seq = execution.nextSeq(ofExecution, false);
    } while (seq == Execution.STALE);
    if (seq == 0) {
      capture.counters().increment(Counter.AFTER_END);
      return;
    }
    Outcome outcome = Outcome.of(thrown);
    String message = capture.privacy().redactOrNull(outcome.errorMessage());
    metadata.flagRedacted(capture.privacy(), "error_message", message);
    ModelCallValues values =
        new ModelCallValues(
            call.framework,
            call.provider,
            call.model,
            responseModel,
            call.isStreaming,
            Math.max(0, now - call.startNanos) / 1_000,
            call.firstTokenMicros(),
            tokens,
            answer == null ? null : keptNameOrNull(answer.finishReason()),
            outcome.errorType(),
            message,
            cost == null ? null : (Long) cost.nanos(),
            cost == null ? null : cost.currency(),
            cost == null ? null : cost.priceVersion(),
            Usage.orNone(ofExecution.usage()),
            metadata.entries());
    capture.recorder().modelCall(execution, seq, now - execution.startNanos, values);
  }

  private static void count(
      RecordedModelCall call,
      @Nullable String model,
      TokenCounts tokens,
      Usage.@Nullable Cost cost) {
    call.execution.changeMetadata(
        before -> before.withUsage(Usage.withModelCall(before.usage(), model, tokens, cost)));
  }

  private Usage.@Nullable Cost costOf(
      @Nullable String provider,
      @Nullable String responseModel,
      @Nullable String requestModel,
      TokenCounts tokens) {
    if (tokens.equals(TokenCounts.UNKNOWN)) {
      return null;
    }
    Price price = pricing.of(provider, responseModel, requestModel);
    Long nanos = price == null ? null : price.costNanos(tokens);
    return price == null || nanos == null
        ? null
        : new Usage.Cost(nanos, price.currency(), price.version());
  }

  void stage(Execution execution, String name, Map<String, @Nullable Object> metadata, long now) {
    record(execution, capture.privacy().redact(name), metadataOf(metadata).entries(), now);
  }

  /** Records the begin of a run that is a stage. */
  void startStage(
      StageRun run,
      Execution execution,
      @Nullable String instructions,
      Map<String, @Nullable Object> metadata) {
    record(execution, run.stage, metadataOf(metadata).entries(), run.startNanos);
    if (instructions != null) {
      capture.trace().instructions(execution, instructions, run.startNanos);
    }
  }

  /** Records the end of a run that is a stage. */
  void endStage(
      StageRun run,
      Execution execution,
      @Nullable Throwable thrown,
      Map<String, @Nullable Object> metadata,
      long now) {
    MetadataBuilder builder = metadataOf(metadata);
    builder.addOwn(DURATION, Math.max(0, now - run.startNanos) / 1_000_000);
    if (thrown != null) {
      builder.addOwn(ERROR_TYPE, Outcome.of(thrown).errorType());
    }
    record(execution, run.stage, builder.entries(), now);
  }

  private void record(
      Execution execution, String stage, Map<String, @Nullable Object> metadata, long now) {
    capture.stage(execution, Stage.named(stage), metadata.isEmpty() ? null : metadata, now);
  }

  private MetadataBuilder metadataOf(Map<String, @Nullable Object> given) {
    MetadataBuilder builder =
        new MetadataBuilder(Map.of(), 0, capture.limits().metadataBytes(), capture.counters());
    add(builder, given);
    return builder;
  }

  private void add(MetadataBuilder builder, Map<String, @Nullable Object> given) {
    if (!given.isEmpty()) {
      given.forEach((key, value) -> add(builder, key, value));
    }
  }

  /** Adds what a run was begun with, without a copy where that says the same. */
  private void addGiven(MetadataBuilder builder, Map<String, @Nullable Object> given) {
    given.forEach(
        (key, value) -> {
          if (value instanceof Map<?, ?> map && isKeptAsItIs(map)) {
            builder.add(key, value, false);
          } else {
            add(builder, key, value);
          }
        });
  }

  /** True of a map of texts that no limit can cut and that are not searched for secrets. */
  private boolean isKeptAsItIs(Map<?, ?> map) {
    if (capture.privacy().redacts()) {
      return false;
    }
    for (Object value : map.values()) {
      boolean isShort =
          value == null
              || (value instanceof String text
                  && Texts.cut(text, CaptureLimits.BYTES_MIN).length() == text.length());
      if (!isShort) {
        return false;
      }
    }
    return true;
  }

  private void add(MetadataBuilder builder, String key, @Nullable Object given) {
    builder.add(capture.snapshots(), capture.privacy(), key, given);
  }

  boolean recordsKnowledge() {
    return capture.trace().isOn();
  }

  boolean keepsKnowledgeTexts() {
    return capture.trace().keepsTexts();
  }

  void knowledge(Execution execution, Retrieval retrieval, long now) {
    capture.trace().knowledge(execution, retrieval, now);
  }
}
