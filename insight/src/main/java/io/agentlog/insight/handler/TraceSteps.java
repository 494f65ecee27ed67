package io.agentlog.insight.handler;

import io.agentlog.insight.page.ExecutionPage.Decision;
import io.agentlog.insight.page.ExecutionPage.Execution;
import io.agentlog.insight.page.ExecutionPage.Relative;
import io.agentlog.insight.page.ExecutionPage.Stage;
import io.agentlog.insight.page.ExecutionPage.Step;
import io.agentlog.insight.page.ExecutionPage.Trace;
import io.agentlog.insight.page.Format;
import io.agentlog.insight.page.Times;
import io.agentlog.insight.query.TraceQuery;
import io.agentlog.insight.query.TraceQuery.Found;
import io.agentlog.postgres.TraceTables.Detail;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Puts the details of an execution between its stages, decisions and children. One thread. */
final class TraceSteps {
  /** Steps that are listed. */
  static final int STEPS_MAX = 1_000;

  private static final String MODEL_CALLS = "agent_model_calls";
  private static final String MODEL_CALL = "model_call";

  private final Execution execution;
  private final Found found;
  private final List<Placed> steps = new ArrayList<>();

  TraceSteps(Execution execution, Found found) {
    this.execution = execution;
    this.found = found;
  }

  /** A step, and where it stands among those of the same time. */
  private record Placed(Step step, int place) {}

  /** Returns all in order of time; no steps if there is no detail. */
  Trace with(List<Stage> stages, List<Decision> decisions, List<Relative> children) {
    // The page lists calls of models apart, and alone they are no trace.
    String note =
        TraceQuery.rightMissing(
            found.unreadable().stream().filter(table -> !table.equals(MODEL_CALLS)).toList());
    if (found.details().stream().allMatch(detail -> detail.event().equals(MODEL_CALL))) {
      return new Trace(List.of(), false, note);
    }
    boolean more = found.details().size() > TraceQuery.DETAILS_MAX;
    add(execution.startedAt(), 0, "started", execution.agent(), List.of());
    for (Stage stage : stages) {
      String percent = stage.percent() == null ? "" : stage.percent() + " %";
      add(stage.at(), stage.seq(), "stage", stage.name(), notes(percent));
    }
    for (Decision decision : decisions) {
      Double confidence = decision.confidence();
      String note2 = confidence == null ? "" : "confidence " + Format.decimals(confidence, 3);
      add(
          decision.at(),
          1,
          "decision",
          decision.selectedAgent(),
          notes(note2, decision.own() ? "" : "of the request"));
    }
    for (Relative child : children) {
      add(
          new Step(
              child.startedAt(),
              since(child.startedAt()),
              null,
              "call",
              child.agent(),
              child.id(),
              child.status(),
              null,
              null,
              child.durationMicros() == null
                  ? List.of()
                  : List.of("took " + Format.micros(child.durationMicros())),
              Map.of(),
              Map.of()),
          1);
    }
    found.details().forEach(this::add);
    if (execution.completedAt() != null) {
      add(
          new Step(
              execution.completedAt(),
              since(execution.completedAt()),
              null,
              "ended",
              execution.errorType(),
              null,
              execution.status(),
              null,
              null,
              List.of(),
              Map.of(),
              Map.of()),
          Integer.MAX_VALUE);
    }
    steps.sort(
        Comparator.comparing(
                (Placed placed) -> placed.step().at(),
                Comparator.nullsFirst(Comparator.naturalOrder()))
            .thenComparingInt(Placed::place));
    return new Trace(
        steps.stream().limit(STEPS_MAX).map(Placed::step).toList(),
        more || steps.size() > STEPS_MAX,
        note);
  }

  private void add(
      @Nullable Instant at, int place, String event, @Nullable String subject, List<String> notes) {
    add(
        new Step(
            at, since(at), null, event, subject, null, null, null, null, notes, Map.of(), Map.of()),
        place);
  }

  private void add(Step step, int place) {
    steps.add(new Placed(step, place));
  }

  private void add(Detail detail) {
    int place = detail.seq() == null ? 1 : detail.seq();
    Map<String, Object> values = detail.values();
    String ofRequest = detail.executionId() == null ? "of the request" : "";
    switch (detail.event()) {
      case "prompt" -> addPrompt(detail, ofRequest, place);
      case MODEL_CALL ->
          add(
              step(
                  detail,
                  "model",
                  text(values, "response_model", text(values, "request_model", "?")),
                  notes(
                      micros("took ", values.get("duration_us")),
                      counted(values.get("input_tokens"), " in"),
                      counted(values.get("output_tokens"), " out"),
                      values.get("cost") instanceof BigDecimal cost
                          ? Format.price(cost, text(values, "cost_currency"))
                          : "",
                      text(values, "error_type", ""),
                      values.get("delegated") == null ? "" : "delegated"),
                  texts(values, "error message", "error_message")),
              place);
      case "file_operation" -> {
        String path = text(values, "file_path");
        add(
            step(
                detail,
                text(values, "operation_type", "file"),
                path == null
                    ? "(path " + Format.hash(text(values, "file_path_hash", "not known")) + ")"
                    : path,
                notes(
                    labelled("moved from ", values.get("moved_from")),
                    values.get("count") == null ? "" : values.get("count") + " times",
                    labelled("no hash: ", values.get("hash_missing")),
                    labelled("in ", values.get("tool_name")),
                    ofRequest),
                texts(values, "error message", "error_message")),
            place);
      }
      default ->
          add(
              step(
                  detail,
                  "knowledge",
                  text(
                      values,
                      "intelligence_name",
                      text(values, "intelligence_id", text(values, "intelligence_type", "?"))),
                  notes(
                      text(values, "intelligence_source", ""),
                      text(values, "collection_name", ""),
                      labelled("rank ", values.get("query_results_rank")),
                      labelled("score ", values.get("confidence_score")),
                      applied(values.get("was_applied")),
                      Boolean.TRUE.equals(values.get("contributed_to_success")) ? "helped" : "",
                      labelled("impact ", values.get("quality_impact")),
                      ofRequest),
                  texts(
                      values,
                      "query",
                      "query_used",
                      "summary",
                      "intelligence_summary",
                      "context",
                      "usage_context")),
              place);
    }
  }

  private void addPrompt(Detail detail, String ofRequest, int place) {
    Map<String, Object> values = detail.values();
    String hash = text(values, "agent_instructions_hash");
    Integer version = hash == null ? null : found.versions().get(hash);
    Object length = values.get("agent_instructions_length");
    String subject =
        hash == null && length == null
            ? "none"
            : version == null ? "of an unknown version" : "version " + version;
    add(
        new Step(
            detail.at(),
            since(detail.at()),
            detail.seq(),
            "instructions",
            subject,
            null,
            null,
            null,
            hash,
            notes(
                length == null ? "" : length + " characters",
                labelled("prompt ", promptOf(values)),
                ofRequest),
            texts(values, "instructions", "agent_instructions", "prompt", "user_prompt"),
            values),
        place);
  }

  /** Returns the prompt's hash if it is another than that with which the execution began. */
  private @Nullable String promptOf(Map<String, Object> values) {
    String hash = text(values, "user_prompt_hash");
    return hash == null || hash.equals(execution.promptHash()) ? null : Format.hash(hash);
  }

  private Step step(
      Detail detail, String event, String subject, List<String> notes, Map<String, String> texts) {
    return new Step(
        detail.at(),
        since(detail.at()),
        detail.seq(),
        event,
        subject,
        null,
        null,
        text(detail.values(), "content_hash_before"),
        text(detail.values(), "content_hash_after"),
        notes,
        texts,
        detail.values());
  }

  private @Nullable Long since(@Nullable Instant at) {
    return at == null || !Times.isUsual(at)
        ? null
        : OneExecution.between(execution.startedAt(), at);
  }

  private static String micros(String label, @Nullable Object micros) {
    return micros instanceof Number number ? label + Format.micros(number.longValue()) : "";
  }

  private static String counted(@Nullable Object count, String of) {
    return count instanceof Number number ? Format.count(number.longValue()) + of : "";
  }

  private static String applied(@Nullable Object applied) {
    return applied == null ? "" : Boolean.TRUE.equals(applied) ? "applied" : "not applied";
  }

  private static String labelled(String label, @Nullable Object value) {
    return value == null ? "" : label + value;
  }

  private static List<String> notes(String... notes) {
    List<String> kept = new ArrayList<>(List.of(notes));
    kept.removeIf(String::isEmpty);
    return kept;
  }

  /** Returns the texts that were read; pairs of a name and a column. */
  private static Map<String, String> texts(Map<String, Object> values, String... pairs) {
    Map<String, String> texts = new LinkedHashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      String text = text(values, pairs[i + 1]);
      if (text != null && !text.isEmpty()) {
        texts.put(pairs[i], text);
      }
    }
    return Collections.unmodifiableMap(texts);
  }

  private static @Nullable String text(Map<String, Object> values, String column) {
    Object value = values.get(column);
    return value == null ? null : value.toString();
  }

  private static String text(Map<String, Object> values, String column, String otherwise) {
    String value = text(values, column);
    return value == null ? otherwise : value;
  }
}
