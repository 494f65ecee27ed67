package io.agentlog.postgres;

import io.agentlog.event.Event;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Predicate;

/**
 * The details of a batch by table, each in the order of its key, so that writers never deadlock.
 * Immutable.
 *
 * @param prompts each may be there twice
 * @param texts one for each hash of the prompts
 * @param operations one for each operation, with its hashes if the batch has them
 * @param intelligence each may be there twice
 * @param modelCalls each may be there twice
 */
record Details(
    List<DetailRow> prompts,
    List<PromptText> texts,
    List<DetailRow> operations,
    List<DetailRow> intelligence,
    List<DetailRow> modelCalls) {
  static final Details NONE = new Details(List.of(), List.of(), List.of(), List.of(), List.of());

  private static final Comparator<DetailRow> ORDER =
      Comparator.comparing(DetailRow::id, ExecutionMerge.UUID_ORDER)
          .thenComparingInt(DetailRow::seq);

  Details {
    prompts = List.copyOf(prompts);
    texts = List.copyOf(texts);
    operations = List.copyOf(operations);
    intelligence = List.copyOf(intelligence);
    modelCalls = List.copyOf(modelCalls);
  }

  boolean isEmpty() {
    return prompts.isEmpty()
        && operations.isEmpty()
        && intelligence.isEmpty()
        && modelCalls.isEmpty();
  }

  /** Writes the rows. Returns how many were inserted or changed, texts not counted. */
  int write(Connection connection) throws SQLException {
    DetailTables.PROMPT_TEXTS.execute(connection, texts);
    return DetailTables.PROMPTS.execute(connection, prompts)
        + DetailTables.FILE_OPERATIONS.execute(connection, operations)
        + DetailTables.INTELLIGENCE.execute(connection, intelligence)
        + DetailTables.MODEL_CALLS.execute(connection, modelCalls);
  }

  /** Returns the details of executions with smaller keys, and all texts. */
  Details before(UUID execution) {
    return filtered(isBefore(execution), texts);
  }

  /** Returns the details of the execution and those with larger keys, and all texts. */
  Details from(UUID execution) {
    return filtered(isBefore(execution).negate(), texts);
  }

  /** Returns the details as their tables take them. */
  Details fit(DetailLimits limits) {
    return new Details(
        limits.fit(DetailTables.PROMPTS.table(), prompts),
        texts,
        limits.fit(DetailTables.FILE_OPERATIONS.table(), operations),
        limits.fit(DetailTables.INTELLIGENCE.table(), intelligence),
        limits.fit(DetailTables.MODEL_CALLS.table(), modelCalls));
  }

  private Details filtered(Predicate<DetailRow> condition, List<PromptText> texts) {
    return isEmpty()
        ? this
        : new Details(
            prompts.stream().filter(condition).toList(),
            texts,
            operations.stream().filter(condition).toList(),
            intelligence.stream().filter(condition).toList(),
            modelCalls.stream().filter(condition).toList());
  }

  private static Predicate<DetailRow> isBefore(UUID execution) {
    return row ->
        row.value("execution_id") instanceof UUID id
            && ExecutionMerge.UUID_ORDER.compare(id, execution) < 0;
  }

  /** Gathers details; used once. */
  static final class Builder {
    private final List<DetailRow> prompts = new ArrayList<>();
    private final Map<String, PromptText> texts = new HashMap<>();
    private final Map<UUID, DetailRow> operations = new HashMap<>();
    private final List<DetailRow> intelligence = new ArrayList<>();
    private final List<DetailRow> modelCalls = new ArrayList<>();
    private boolean isEmpty = true;

    /** Adds an event; returns false if it is none of a detail. */
    boolean add(Event event) {
      if (!event.type().isDetail()) {
        return false;
      }
      isEmpty = false;
      if (event instanceof Event.Prompt prompt) {
        prompts.add(DetailRow.of(prompt));
        PromptText text = PromptText.of(prompt);
        if (text != null) {
          texts.merge(text.sha256(), text, PromptText::earlier);
        }
      } else if (event instanceof Event.FileOperation operation) {
        operations.merge(operation.id(), DetailRow.of(operation), DetailRow::merge);
      } else if (event instanceof Event.FileHash hash) {
        operations.merge(hash.operationId(), DetailRow.of(hash), DetailRow::merge);
      } else if (event instanceof Event.IntelligenceUsage usage) {
        intelligence.add(DetailRow.of(usage));
      } else if (event instanceof Event.ModelCall call) {
        modelCalls.add(DetailRow.of(call));
      } else {
        throw new IllegalArgumentException("a detail without a table: " + event.type());
      }
      return true;
    }

    Details build() {
      return isEmpty
          ? NONE
          : new Details(
              sorted(prompts),
              texts.values().stream().sorted(Comparator.comparing(PromptText::sha256)).toList(),
              sorted(operations.values()),
              sorted(intelligence),
              sorted(modelCalls));
    }

    private static List<DetailRow> sorted(Collection<DetailRow> rows) {
      return rows.stream().sorted(ORDER).toList();
    }
  }
}
