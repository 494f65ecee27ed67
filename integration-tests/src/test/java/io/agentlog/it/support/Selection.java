package io.agentlog.it.support;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.backends.Postgres;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The rows of one table that meet each condition given so far.
 *
 * <p>Immutable: a further condition makes another selection. A value is always a bind parameter; a
 * column is a word of the test.
 *
 * @param <S> the selection itself
 */
public abstract class Selection<S> {
  final Postgres database;
  private final String table;
  private final String order;
  private final Conditions conditions;

  /** What stands behind {@code WHERE}, empty for all rows, and the values of its parameters. */
  record Conditions(String text, List<Object> values) {
    static final Conditions NONE = new Conditions("", List.of());

    Conditions and(String condition, Object... more) {
      List<Object> all = new ArrayList<>(values);
      all.addAll(List.of(more));
      return new Conditions(
          text.isEmpty() ? condition : text + " AND " + condition, List.copyOf(all));
    }
  }

  Selection(Postgres database, String table, String order, Conditions conditions) {
    this.database = database;
    this.table = table;
    this.order = order;
    this.conditions = conditions;
  }

  abstract S narrowedTo(Conditions all);

  final S and(String condition, Object... values) {
    return narrowedTo(conditions.and(condition, values));
  }

  /** Those that have this value, which is not null, in a column. */
  public final S with(String column, Object value) {
    return and(column + " = ?", value);
  }

  public final long count() {
    return Rows.count(database, query("count(*)"), parameters());
  }

  /** Waits until there are at least this many. */
  public final void awaitCount(long expected, Duration deadline) {
    Rows.awaitCount(database, expected, deadline, query("count(*)"), parameters());
  }

  /** In the order in which they came about, each a map from column name to value. */
  public final List<Map<String, @Nullable Object>> list() {
    return Rows.of(database, query("*") + " ORDER BY " + order, parameters());
  }

  /** The only one. */
  public final Map<String, @Nullable Object> only() {
    List<Map<String, @Nullable Object>> rows = list();
    assertThat(rows).as("%s %s", query("*"), conditions.values()).hasSize(1);
    return rows.get(0);
  }

  /** What one column holds, in the order of {@link #list}. */
  public final List<@Nullable Object> valuesOf(String column) {
    List<@Nullable Object> values = new ArrayList<>();
    list().forEach(row -> values.add(row.get(column)));
    return values;
  }

  private String query(String what) {
    String all = "SELECT " + what + " FROM " + table;
    return conditions.text().isEmpty() ? all : all + " WHERE " + conditions.text();
  }

  private Object[] parameters() {
    return conditions.values().toArray();
  }
}
