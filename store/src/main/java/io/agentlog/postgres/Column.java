package io.agentlog.postgres;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One column that the sink writes.
 *
 * @param type as PostgreSQL's {@code format_type} names it
 * @param alwaysSet true if every row has a value, so that a NOT NULL constraint does no harm
 * @param isFact true if the column has one value for the life of an execution, so that the first
 *     value that is not null stays
 * @param value of a row: a number for the types {@code smallint}, {@code integer} and {@code
 *     bigint}, otherwise an object whose text the server reads as {@code type}; null is NULL
 * @param <T> the object that a row is made from
 */
record Column<T>(
    String name,
    String type,
    boolean alwaysSet,
    boolean isFact,
    Function<T, @Nullable Object> value) {
  /** A column that every row sets. */
  static <T> Column<T> always(String name, String type, Function<T, @Nullable Object> value) {
    return new Column<>(name, type, true, false, value);
  }

  /** A column that a row may leave NULL. */
  static <T> Column<T> maybe(String name, String type, Function<T, @Nullable Object> value) {
    return new Column<>(name, type, false, false, value);
  }

  /** The same column as a fact of the execution. */
  Column<T> asFact() {
    return new Column<>(name, type, alwaysSet, true, value);
  }

  /** The line of {@code DO UPDATE SET} for a fact; the target's alias is {@code t}. */
  String factMerge() {
    return "%s = COALESCE(t.%s, EXCLUDED.%s)".formatted(name, name, name);
  }
}
