package io.agentlog.postgres;

import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A table that may be cut into days by its key, whose first 48 bits are the milliseconds of its
 * moment, in UTC. The rows of a day lie together without a further column, so the primary key and
 * every statement of the sink stay as they are. {@code agent_prompt_texts} is no such table: its
 * key is a hash, and a text outlives the days of its prompts.
 *
 * @param name of the table
 * @param key first column of its primary key
 * @param owner column by which rows belong to executions
 */
record DayTable(String name, String key, Owner owner) {
  /** The relation of a table's rows to the executions with which they are kept. */
  enum Owner {
    /** The rows are the executions. */
    SELF(""),
    /** The key begins with that of the execution, so both are in the same day. */
    SAME_KEY("execution_id"),
    /** The key is of the row's own moment, at the execution's start or later. */
    EXECUTION("execution_id"),
    /** As {@link #EXECUTION}, but the rows know their request alone. */
    CORRELATION("correlation_id");

    private final String column;

    Owner(String column) {
      this.column = column;
    }

    /** Returns the column that names the execution or its request. */
    String column() {
      return column;
    }
  }

  /** All of them, the executions first: what else has a day is kept while an execution needs it. */
  static final List<DayTable> ALL =
      List.of(
          new DayTable(Tables.EXECUTIONS.table(), "execution_id", Owner.SELF),
          new DayTable(Tables.PROGRESS.table(), "execution_id", Owner.SAME_KEY),
          new DayTable(Tables.DECISIONS.table(), "id", Owner.CORRELATION),
          new DayTable(DetailTables.PROMPTS.table(), "id", Owner.EXECUTION),
          new DayTable(DetailTables.FILE_OPERATIONS.table(), "id", Owner.EXECUTION),
          new DayTable(DetailTables.INTELLIGENCE.table(), "id", Owner.EXECUTION),
          new DayTable(DetailTables.MODEL_CALLS.table(), "execution_id", Owner.SAME_KEY));

  static final long DAY_MILLIS = TimeUnit.DAYS.toMillis(1);

  /** Returns the lowest key of a day, as a {@code uuid}. */
  static String floor(LocalDate day) {
    return new UUID((day.toEpochDay() * DAY_MILLIS) << 16, 0).toString();
  }

  /** Returns the day whose lowest key this is; null if it is no day's. */
  static @Nullable LocalDate day(String key) {
    UUID id = UUID.fromString(key);
    long millis = id.getMostSignificantBits() >>> 16;
    LocalDate day = LocalDate.ofEpochDay(millis / DAY_MILLIS);
    return floor(day).equals(key) ? day : null;
  }

  /** Returns the name of a day's partition. */
  String partition(LocalDate day) {
    return name + "_p" + DateTimeFormatter.BASIC_ISO_DATE.format(day);
  }

  /** Returns the name of the partition of keys that have no other. */
  String rest() {
    return name + "_default";
  }

  /** Returns the name of the partition that was the table before it was cut. */
  String before() {
    return name + "_before";
  }

  @Override
  public String toString() {
    return name;
  }
}
