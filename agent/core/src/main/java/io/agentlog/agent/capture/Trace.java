package io.agentlog.agent.capture;

import io.agentlog.agent.capture.framework.Retrieval;
import io.agentlog.agent.capture.privacy.Privacy;
import io.agentlog.agent.capture.privacy.TraceOptions;
import io.agentlog.agent.capture.spec.IntelligenceSpec;
import io.agentlog.agent.capture.value.IntelligenceSources;
import io.agentlog.agent.capture.value.Items;
import io.agentlog.agent.capture.value.Texts;
import io.agentlog.agent.capture.value.ValueSource;
import io.agentlog.agent.metrics.Counters;
import io.agentlog.agent.metrics.Counters.Counter;
import io.agentlog.event.IntelligenceValues;
import io.agentlog.event.KeptText;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Records prompts with their instructions, and used knowledge. Thread-safe. Unless the options turn
 * it on, it reads nothing and makes nothing.
 */
final class Trace {
  /** Most items of one call that are recorded. */
  static final int CALL_ITEMS_MAX = 50;

  /** Most items of one execution that are recorded. */
  static final int EXECUTION_ITEMS_MAX = 1_000;

  /** Most prompts of one execution that are recorded for its instructions. */
  static final int EXECUTION_PROMPTS_MAX = 1_000;

  /** Class of the value that a suspending method of Kotlin returns when it has no result yet. */
  private static final String SUSPENDED = "kotlin.coroutines.intrinsics.CoroutineSingletons";

  private final boolean isOn;
  private final PromptPolicy policy;
  private final IntelligenceReader reader;
  private final EventRecorder recorder;
  private final Identities identities;
  private final Counters counters;

  Trace(
      TraceOptions options,
      Privacy privacy,
      PromptPolicy policy,
      EventRecorder recorder,
      Identities identities,
      Counters counters) {
    this.isOn = options.isOn();
    this.policy = policy;
    this.reader = new IntelligenceReader(privacy, options.keepsTexts());
    this.recorder = recorder;
    this.identities = identities;
    this.counters = counters;
  }

  boolean isOn() {
    return isOn;
  }

  /** Records the prompt and the instructions with which an execution starts, if it has any. */
  void start(Execution execution, @Nullable Object self, @Nullable Object @Nullable [] arguments) {
    if (!isOn) {
      return;
    }
    ValueSource source = execution.plan.executionSources().instructions();
    start(execution, source == null ? null : source.read(self, arguments, null));
  }

  /** Records the prompt and instructions with which an execution starts, if it has any. */
  void start(Execution execution, @Nullable Object value) {
    if (!isOn) {
      return;
    }
    String given = Texts.textOf(value);
    if (value == null || given == null || given.isEmpty()) {
      if (execution.prompt != null) {
        prompt(execution, null, 0);
      }
      return;
    }
    String text = given;
    execution.changeMetadata(before -> before.withInstructions(text));
    prompt(execution, keptOrText(execution.plan, value, given), 0);
  }

  /** Handles {@code CurrentExecution.instructions}: records them unless they are the last ones. */
  void instructions(Execution execution, String text, long now) {
    if (!isOn || text.isEmpty()) {
      return;
    }
    boolean[] isNew = {false}; // By the last attempt: a change may be tried several times.
    boolean[] isOmitted = {false};
    boolean running =
        execution.changeMetadata(
            before -> {
              isNew[0] = !text.equals(before.instructions());
              isOmitted[0] = isNew[0] && before.promptCount() >= EXECUTION_PROMPTS_MAX;
              return !isNew[0]
                  ? before
                  : isOmitted[0]
                      ? before.withInstructionsOmitted(text)
                      : before.withInstructions(text);
            });
    if (!running) {
      counters.increment(Counter.AFTER_END);
    } else if (isOmitted[0]) {
      counters.increment(Counter.PROMPTS_OMITTED);
    } else if (isNew[0]) {
      prompt(execution, keptOrText(execution.plan, text, text), now - execution.startNanos);
    }
  }

  /** Returns a {@link KeptPrompt}, or the text if there is no policy. */
  private Object keptOrText(MethodPlan plan, Object value, String given) {
    KeptPrompt kept = policy.kept(plan, PromptPolicy.INSTRUCTIONS, value, given);
    return kept == null ? given : kept;
  }

  private void prompt(Execution execution, @Nullable Object instructions, long elapsedNanos) {
    Object prompt = execution.prompt; // Before the number, because the end clears it.
    int seq = execution.nextSeq();
    if (seq == 0) {
      counters.increment(Counter.AFTER_END);
      return;
    }
    recorder.prompt(
        execution,
        seq,
        elapsedNanos,
        identities.nextId(execution, elapsedNanos),
        keptText(prompt),
        keptText(instructions),
        flags(prompt, instructions));
  }

  private static @Nullable KeptText keptText(@Nullable Object text) {
    if (text instanceof KeptPrompt kept) {
      return new KeptText(kept.text(), kept.sha256(), kept.lengthGiven());
    }
    return text == null ? null : new KeptText((String) text, null, -1);
  }

  private static Map<String, @Nullable Object> flags(
      @Nullable Object prompt, @Nullable Object instructions) {
    Map<String, Object> first = prompt instanceof KeptPrompt kept ? kept.flags() : Map.of();
    Map<String, Object> second = instructions instanceof KeptPrompt kept ? kept.flags() : Map.of();
    if (first.isEmpty() && second.isEmpty()) {
      return Map.of();
    }
    Map<String, @Nullable Object> flags = new LinkedHashMap<>(first);
    flags.putAll(second);
    return flags;
  }

  /** Records the items that a call has found or applied, at its end. */
  void intelligence(Call call, Execution execution, @Nullable Object result, long now) {
    IntelligenceSpec spec = call.plan.spec.intelligence();
    IntelligenceSources sources = call.plan.sources.intelligence();
    if (!isOn || spec == null || sources == null || sources.items() == null || isLater(result)) {
      return;
    }
    Items found = call.items(sources.items(), result, CALL_ITEMS_MAX);
    List<@Nullable Object> items = found.items();
    if (items.isEmpty()) {
      return;
    }
    int granted = grant(execution, items.size(), found.omittedCount());
    String query = granted == 0 ? null : reader.query(call, sources, result);
    long micros = Math.max(0, now - call.startNanos) / 1_000;
    for (int i = 0; i < granted; i++) {
      Object item = items.get(i);
      if (item != null) {
        int rank = found.isRanked() ? i + 1 : 0;
        record(
            execution,
            reader.ofItem(call, spec, sources, result, item, rank, query, micros),
            now - execution.startNanos);
      }
    }
  }

  /** True for a suspending method that has only begun: it is not followed to its result. */
  private static boolean isLater(@Nullable Object result) {
    return result != null && result.getClass().getName().equals(SUSPENDED);
  }

  boolean keepsTexts() {
    return isOn && reader.keepsTexts();
  }

  /** Records items of knowledge that a framework has found. */
  void knowledge(Execution execution, Retrieval retrieval, long now) {
    List<Retrieval.Item> items = retrieval.items();
    int wanted = Math.min(items.size(), CALL_ITEMS_MAX);
    if (!isOn || wanted == 0) {
      return;
    }
    int granted = grant(execution, wanted, items.size() - wanted);
    String query = granted == 0 ? null : reader.query(retrieval);
    for (Retrieval.Item item : items.subList(0, granted)) {
      record(execution, reader.ofItem(retrieval, item, query), now - execution.startNanos);
    }
  }

  /** Handles {@code CurrentExecution.intelligence}. */
  void intelligence(Execution execution, @Nullable Object[] given, long now) {
    if (isOn && grant(execution, 1, 0) > 0) {
      record(execution, reader.ofFacade(given), now - execution.startNanos);
    }
  }

  /**
   * Takes room for items out of what the execution may have, and counts those without.
   *
   * @param omitted further items, which are not even asked for
   * @return the number of items that may be recorded
   */
  private int grant(Execution execution, int wanted, int omitted) {
    int[] granted = {0}; // By the last attempt: a change may be tried several times.
    int[] left = {0};
    boolean running =
        execution.changeMetadata(
            before -> {
              granted[0] = Math.min(wanted, EXECUTION_ITEMS_MAX - before.intelligenceCount());
              left[0] = wanted - granted[0] + omitted;
              return before.withIntelligence(granted[0], left[0]);
            });
    if (!running) {
      counters.increment(Counter.AFTER_END);
      return 0;
    }
    if (left[0] > 0) {
      counters.add(Counter.INTELLIGENCE_OMITTED, left[0]);
    }
    return granted[0];
  }

  private void record(Execution execution, IntelligenceValues values, long elapsedNanos) {
    int seq = execution.nextSeq();
    if (seq == 0) {
      counters.increment(Counter.AFTER_END);
      return;
    }
    UUID id = identities.nextId(execution, elapsedNanos);
    recorder.intelligence(execution, seq, elapsedNanos, id, values);
  }
}
