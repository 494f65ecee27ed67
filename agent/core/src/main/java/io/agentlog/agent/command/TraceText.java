package io.agentlog.agent.command;

import io.agentlog.json.JsonWriter;
import io.agentlog.postgres.Timeline.Entry;
import io.agentlog.postgres.Timeline.Execution;
import io.agentlog.postgres.Timeline.Found;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A timeline as lines for people: its executions, what happened in order of time, and in short what
 * was read, decided and changed. What a called execution does is indented below its caller. The
 * lines may hold control characters.
 */
final class TraceText {
  /** Digits that are shown of a hash. */
  private static final int HASH_LENGTH = 8;

  /** Characters of the longest word for what happened: instructions. */
  private static final int EVENT_WIDTH = 12;

  /** Levels of calls that are indented. */
  private static final int DEPTH_MAX = 20;

  private static final double MICROS_A_MILLI = 1_000;

  private final Found found;
  private final Map<UUID, Integer> numbers = new HashMap<>();
  private final Map<UUID, Integer> depths = new HashMap<>();
  private final Map<UUID, String> prompts = new HashMap<>();
  private final @Nullable Instant first;
  private final List<String> lines = new ArrayList<>();
  private int offsetWidth;

  TraceText(Found found) {
    this.found = found;
    Map<UUID, Execution> byId = new HashMap<>();
    for (Execution one : found.executions()) {
      numbers.put(one.id(), numbers.size() + 1);
      byId.put(one.id(), one);
    }
    for (Execution one : found.executions()) {
      int depth = 0;
      Execution caller = one.parentId() == null ? null : byId.get(one.parentId());
      while (caller != null && depth < DEPTH_MAX) { // Two rows may name each other as caller.
        depth++;
        caller = caller.parentId() == null ? null : byId.get(caller.parentId());
      }
      depths.put(one.id(), depth);
    }
    this.first =
        found.entries().stream().map(Entry::at).filter(at -> at != null).findFirst().orElse(null);
  }

  /** Returns the lines. */
  List<String> lines() {
    head();
    for (Entry entry : found.entries()) {
      offsetWidth = Math.max(offsetWidth, offset(entry.at()).length());
    }
    found.entries().forEach(this::add);
    List<Map<String, Object>> usages =
        found.executions().stream().map(Execution::usage).filter(one -> !one.isEmpty()).toList();
    List<String> summary = new TraceSummary(found.entries(), ModelUse.sum(usages)).lines();
    if (!summary.isEmpty()) {
      lines.add("");
      lines.addAll(summary);
    }
    return lines;
  }

  private void head() {
    String request =
        found.executions().stream()
            .map(Execution::correlation)
            .filter(given -> given != null)
            .findFirst()
            .orElse(null);
    lines.add(
        (request == null ? "" : "request " + request + ", ")
            + "from "
            + (first == null ? "an unknown time" : JsonWriter.time(first)));
    Set<@Nullable UUID> shown = new HashSet<>();
    found.entries().forEach(entry -> shown.add(entry.executionId()));
    for (Execution one : found.executions()) {
      if (!shown.contains(one.id())) {
        continue; // Its entries are beyond the limit.
      }
      String took = one.durationMicros() == null ? "-" : millis(one.durationMicros());
      lines.add(
          String.format(
                  Locale.ROOT,
                  "%s%s  %-11s  %14s  %s%s%s",
                  number(one.id()),
                  one.id(),
                  one.status() == null ? "unknown" : one.status(),
                  took,
                  indent(one.id()),
                  one.agent() == null ? "(no name)" : one.agent(),
                  one.usage().isEmpty() ? "" : "  " + ModelUse.ofExecution(one.usage()))
              .stripTrailing());
    }
    lines.add("");
  }

  private void add(Entry entry) {
    switch (entry.event()) {
      case "started" -> addStart(entry);
      case "progress" -> add(entry, "stage", entry.detail());
      case "decision" -> add(entry, "decision", joined("  ", entry.agent(), entry.detail()));
      case "prompt" -> addPrompt(entry);
      case "file_operation" -> add(entry, text(entry, "operation_type", "file"), file(entry));
      case "intelligence_usage" -> add(entry, "knowledge", knowledge(entry));
      case "model_call" -> add(entry, "model", ModelUse.ofCall(entry));
      default -> addEnd(entry);
    }
  }

  private void addStart(Entry entry) {
    String hash = text(entry, "user_prompt_sha256", "");
    if (entry.executionId() != null) {
      prompts.put(entry.executionId(), hash);
    }
    Object length = entry.values().get("user_prompt_length");
    add(
        entry,
        "started",
        joined(
            "  ",
            entry.agent(),
            length == null ? null : "prompt of " + characters(length, hash),
            entry.detail()));
  }

  /** The prompt is that of the start, unless an application gives another one later. */
  private void addPrompt(Entry entry) {
    String hash = text(entry, "user_prompt_hash", "");
    UUID execution = entry.executionId();
    if (execution == null || !hash.equals(prompts.getOrDefault(execution, ""))) {
      Object length = entry.values().get("user_prompt_length");
      add(entry, "prompt", joined("  ", characters(length, hash), text(entry, "user_prompt", "")));
    }
    Object length = entry.values().get("agent_instructions_length");
    String instructions = text(entry, "agent_instructions_hash", "");
    add(
        entry,
        "instructions",
        length == null && instructions.isEmpty()
            ? "none"
            : joined(
                "  ",
                version(entry),
                characters(length, instructions),
                text(entry, "agent_instructions", "")));
  }

  private void addEnd(Entry entry) {
    Long micros = entry.durationMicros();
    Object quality = entry.values().get("quality_score");
    add(
        entry,
        entry.event(),
        joined(
            "  ",
            micros == null ? null : "took " + millis(micros),
            quality == null ? null : "quality " + quality,
            entry.detail()));
  }

  private static String file(Entry entry) {
    String path = path(entry);
    String operation = text(entry, "operation_type", "");
    String before = text(entry, "content_hash_before", "");
    String after = text(entry, "content_hash_after", "");
    String hashes =
        switch (operation) {
          case "write", "edit" ->
              before.isEmpty() && after.isEmpty() ? "" : hash(before) + " -> " + hash(after);
          case "delete" -> before.isEmpty() ? "" : hash(before);
          default -> after.isEmpty() ? "" : hash(after);
        };
    boolean isSame = !before.isEmpty() && before.equals(after);
    Object count = entry.values().get("count");
    Object from = entry.values().get("moved_from");
    Object missing = entry.values().get("hash_missing");
    Object tool = entry.values().get("tool_name");
    boolean isFailed = Boolean.FALSE.equals(entry.values().get("success"));
    return joined(
        "  ",
        path,
        isSame && !operation.equals("read") ? "unchanged " + hash(after) : hashes,
        from == null ? null : "moved from " + from,
        count == null ? null : count + " times",
        missing == null ? null : "no hash: " + missing,
        tool == null ? null : "in " + tool,
        isFailed ? "failed" : null,
        text(entry, "error_message", ""));
  }

  private static String knowledge(Entry entry) {
    Map<String, Object> values = entry.values();
    Object applied = values.get("was_applied");
    Object rank = values.get("query_results_rank");
    Object score = values.get("confidence_score");
    Object impact = values.get("quality_impact");
    String query = text(entry, "query_used", "");
    return joined(
        "  ",
        item(entry),
        joined("/", text(entry, "intelligence_source", ""), text(entry, "collection_name", "")),
        rank == null ? null : "rank " + rank,
        score == null ? null : "score " + score,
        applied == null ? null : Boolean.TRUE.equals(applied) ? "applied" : "not applied",
        Boolean.TRUE.equals(values.get("contributed_to_success")) ? "helped" : null,
        impact == null ? null : "impact " + impact,
        text(entry, "usage_context", ""),
        query.isEmpty() ? null : "for " + query,
        text(entry, "intelligence_summary", ""));
  }

  private void add(Entry entry, String event, @Nullable String detail) {
    UUID execution = entry.executionId();
    String line =
        String.format(
            Locale.ROOT,
            "%" + offsetWidth + "s  %s%s%-" + EVENT_WIDTH + "s  %s",
            offset(entry.at()),
            number(execution),
            indent(execution),
            event,
            detail == null ? "" : detail);
    lines.add(line.stripTrailing());
  }

  private String offset(@Nullable Instant at) {
    return at == null || first == null
        ? "-"
        : String.format(Locale.ROOT, "+%.3f ms", Duration.between(first, at).toNanos() / 1e6);
  }

  /** The mark by which the lines of several executions are told apart. */
  private String number(@Nullable UUID execution) {
    if (found.executions().size() < 2) {
      return "";
    }
    int width = Integer.toString(found.executions().size()).length() + 1;
    Integer number = execution == null ? null : numbers.get(execution);
    return String.format(Locale.ROOT, "%-" + width + "s  ", number == null ? "" : "#" + number);
  }

  private String indent(@Nullable UUID execution) {
    return execution == null ? "" : "  ".repeat(depths.getOrDefault(execution, 0));
  }

  private static String characters(@Nullable Object length, String hash) {
    return joined(
        ", ",
        length == null ? null : length + " characters",
        hash.isEmpty() ? null : "sha256 " + hash(hash));
  }

  /** Returns a duration in words. */
  static String millis(long micros) {
    return String.format(Locale.ROOT, "%.3f ms", micros / MICROS_A_MILLI);
  }

  /** Returns the version of the instructions, if it is known. */
  static @Nullable String version(Entry entry) {
    Object version = entry.values().get("instructions_version");
    return version == null ? null : "version " + version;
  }

  /** Returns the path, or the mark of one that is kept as a hash alone. */
  static String path(Entry entry) {
    String path = text(entry, "file_path", "");
    return path.isEmpty() ? "(path " + hash(text(entry, "file_path_hash", "")) + ")" : path;
  }

  /** Returns the name of an item of knowledge. */
  static String item(Entry entry) {
    String name = text(entry, "intelligence_name", text(entry, "intelligence_id", ""));
    return name.isEmpty() ? text(entry, "intelligence_type", "(no name)") : name;
  }

  /** Returns the begin of a hash; a question mark if there is none. */
  static String hash(@Nullable String hash) {
    return hash == null || hash.isEmpty()
        ? "?"
        : hash.length() > HASH_LENGTH ? hash.substring(0, HASH_LENGTH) : hash;
  }

  /** Returns a value as text. */
  static String text(Entry entry, String column, String otherwise) {
    Object value = entry.values().get(column);
    return value == null ? otherwise : value.toString();
  }

  /** Returns the texts that are there. */
  static String joined(String between, @Nullable String... texts) {
    StringBuilder joined = new StringBuilder();
    for (String text : texts) {
      if (text != null && !text.isEmpty()) {
        joined.append(joined.isEmpty() ? "" : between).append(text);
      }
    }
    return joined.toString();
  }
}
