package io.agentlog.postgres;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Demands that tables of details which agentlog did not make have of values: lengths, values that
 * are not null, and checks that agentlog knows. A value that doesn't fit is cut or replaced by one
 * that does, and {@code metadata} holds a flag or the true value, so that no row is lost.
 * Agentlog's own tables demand nothing. Immutable.
 *
 * @param lengths the most characters of a text, by {@code table.column}
 * @param notNull columns that take no null, as {@code table.column}
 * @param checks definitions of checks, by the {@code table.column} that they are on
 */
record DetailLimits(Map<String, Integer> lengths, Set<String> notNull, Map<String, String> checks) {
  static final DetailLimits NONE = new DetailLimits(Map.of(), Set.of(), Map.of());

  /** The longest prompt that the check of the Python project takes, in characters. */
  static final int PROMPT_LENGTH_MAX = 1_000_000;

  /** The longest duration that the check of the Python project takes. */
  static final int DURATION_MILLIS_MAX = 3_599_999;

  /** Types of knowledge that the check of the Python project takes; the first is the default. */
  static final List<String> TYPES =
      List.of("pattern", "schema", "debug_intelligence", "model", "infrastructure", "relationship");

  /** Sources of knowledge that the check of the Python project takes; the first is the default. */
  static final List<String> SOURCES =
      List.of("fallback", "qdrant", "memgraph", "postgres", "archon-intelligence");

  private static final String PROMPT = "user_prompt";
  private static final String PROMPT_LENGTH = "user_prompt_length";
  private static final String PROMPT_HASH = "user_prompt_hash";

  DetailLimits {
    lengths = Map.copyOf(lengths);
    notNull = Set.copyOf(notNull);
    checks = Map.copyOf(checks);
  }

  /** Returns rows of a table that it takes. */
  List<DetailRow> fit(String table, List<DetailRow> rows) {
    return this.equals(NONE) ? rows : rows.stream().map(row -> new Fit(table, row).run()).toList();
  }

  /** One row that is being made to fit. */
  private final class Fit {
    private final String table;
    private final DetailRow row;
    private final Map<String, @Nullable Object> values;
    private Map<?, ?> metadata;

    Fit(String table, DetailRow row) {
      this.table = table;
      this.row = row;
      this.values = new HashMap<>(row.values());
      this.metadata = row.metadata();
    }

    DetailRow run() {
      if (table.equals(DetailTables.PROMPTS.table())) {
        fitPrompt();
      } else if (table.equals(DetailTables.FILE_OPERATIONS.table())) {
        fitOperation();
      } else if (table.equals(DetailTables.INTELLIGENCE.table())) {
        oneOf("intelligence_type", TYPES);
        oneOf("intelligence_source", SOURCES);
        fraction("confidence_score");
        fraction("quality_impact");
      }
      for (Map.Entry<String, @Nullable Object> entry : values.entrySet()) {
        Integer length = lengths.get(table + "." + entry.getKey());
        if (length != null && entry.getValue() instanceof String text) {
          entry.setValue(cut(entry.getKey(), text, length));
        }
      }
      values.put(DetailRow.METADATA, metadata);
      return new DetailRow(row.id(), values);
    }

    /** A row without a prompt keeps its place in the trace; its length is the least that counts. */
    private void fitPrompt() {
      if (values.get(PROMPT) == null && isNotNull(PROMPT)) {
        values.put(PROMPT, DetailRow.WITHHELD);
        note("user_prompt_missing", true);
      }
      if (values.get(PROMPT_HASH) == null && isNotNull(PROMPT_HASH)) {
        values.put(PROMPT_HASH, ""); // No text has it.
      }
      if (values.get(PROMPT_LENGTH) == null && isNotNull(PROMPT_LENGTH)) {
        values.put(PROMPT_LENGTH, 1);
      }
      if (!isChecked(PROMPT_LENGTH, "1000000")
          || !(values.get(PROMPT_LENGTH) instanceof Integer length)) {
        return;
      }
      if (length < 1 || length > PROMPT_LENGTH_MAX) {
        note(PROMPT_LENGTH, length);
        values.put(PROMPT_LENGTH, Math.min(Math.max(length, 1), PROMPT_LENGTH_MAX));
      }
      if (length > PROMPT_LENGTH_MAX) {
        note("user_prompt_truncated", true);
      }
      if (values.get(PROMPT) instanceof String text) {
        values.put(PROMPT, cut(PROMPT, text, PROMPT_LENGTH_MAX));
      }
    }

    /** Hashes that come before their operation have placeholders, which the operation replaces. */
    private void fitOperation() {
      if (row.value(DetailRow.SEQ) == null) {
        ifNull("operation_type", "read");
        ifNull("file_path_hash", "");
      }
      ifNull("file_path", "sha256:" + values.get("file_path_hash"));
      if (isChecked("duration_ms", "3600000")
          && values.get("duration_ms") instanceof Integer millis
          && millis > DURATION_MILLIS_MAX) {
        note("duration_ms", millis);
        values.put("duration_ms", DURATION_MILLIS_MAX);
      }
    }

    private void ifNull(String column, String value) {
      if (values.get(column) == null && isNotNull(column)) {
        values.put(column, value);
      }
    }

    private void oneOf(String column, List<String> known) {
      Object value = values.get(column);
      if (value == null
          ? isNotNull(column)
          : isChecked(column, known.get(0)) && isOther(value, known)) {
        if (value != null) {
          note(column, value);
        }
        values.put(column, known.get(0));
      }
    }

    private static boolean isOther(Object value, List<String> known) {
      return !(value instanceof String text) || !known.contains(text);
    }

    private void fraction(String column) {
      if (isChecked(column, "<=")
          && values.get(column) instanceof Double value
          && !(value >= 0 && value <= 1)) {
        note(column, value);
        values.put(column, null);
      }
    }

    private String cut(String column, String text, int length) {
      if (text.codePointCount(0, text.length()) <= length) {
        return text;
      }
      note(column + "_truncated", true);
      return text.substring(0, text.offsetByCodePoints(0, length));
    }

    private boolean isNotNull(String column) {
      return notNull.contains(table + "." + column);
    }

    private boolean isChecked(String column, String part) {
      return checks.getOrDefault(table + "." + column, "").contains(part);
    }

    private void note(String key, Object value) {
      metadata = DetailRow.with(metadata, key, value);
    }
  }
}
