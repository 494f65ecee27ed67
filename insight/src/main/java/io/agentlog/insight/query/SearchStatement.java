package io.agentlog.insight.query;

import io.agentlog.insight.query.ExecutionFilter.Cursor;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One step of a search: the next rows of an index, each marked with its number and whether it is
 * wanted. The last row is returned in any case, because the next step begins there.
 *
 * <p>Which index leads is fixed here and not left to the planner, whose guess for a rare value can
 * be a scan of everything: {@code _correlation} for a request, {@code _agent} for an agent, {@code
 * _running} and {@code _failed} for these states, and {@code _started} for all else.
 */
final class SearchStatement {
  private static final String STEP =
      """
      SELECT * FROM (
        SELECT b.*, row_number() OVER (ORDER BY started_at DESC, execution_id DESC) AS looked, %s AS matches
        FROM (%s) AS b) AS r
      WHERE matches OR looked = %s
      ORDER BY started_at DESC, execution_id DESC LIMIT %s""";

  private final List<@Nullable Object> parameters = new ArrayList<>();
  private final String sql;

  /**
   * @param rows that are looked at
   * @param columns that the page shows
   */
  SearchStatement(ExecutionFilter filter, @Nullable Cursor after, int rows, String columns) {
    String matches = matches(filter); // Its parameters come first in the statement.
    String from = from(filter, after, rows, columns);
    sql = STEP.formatted(matches, from, rows, ExecutionSearch.PAGE_ROWS + 2);
  }

  String sql() {
    return sql;
  }

  @Nullable Object[] parameters() {
    return parameters.toArray();
  }

  private String matches(ExecutionFilter filter) {
    StringBuilder sql = new StringBuilder("(true");
    add(sql, " AND agent_name = ?", filter.agent());
    add(sql, " AND project_name = ?", filter.project());
    add(sql, " AND status = ?", filter.status());
    add(sql, " AND error_type = ?", filter.errorType());
    add(sql, " AND micros >= ?", filter.minMicros());
    add(sql, " AND quality_score < ?", filter.scoreBelow());
    if (filter.text() != null) {
      sql.append(" AND has_text");
    }
    return sql.append(")").toString();
  }

  private void add(StringBuilder sql, String condition, @Nullable Object value) {
    if (value != null) {
      sql.append(condition);
      parameters.add(value);
    }
  }

  private String from(ExecutionFilter filter, @Nullable Cursor after, int rows, String columns) {
    StringBuilder select = new StringBuilder("SELECT ").append(columns);
    add(
        select,
        ", strpos(lower(concat_ws(' ', user_prompt, error_message)), lower(?)) > 0 AS has_text",
        filter.text());
    boolean isAgents = false;
    if (filter.correlation() != null) {
      // OFFSET 0 keeps the planner from mixing this condition with those of the time.
      add(
          select,
          " FROM (SELECT * FROM agent_execution_logs WHERE correlation_id = ? LIMIT ?) AS e",
          filter.correlation());
      parameters.add(ExecutionSearch.REQUEST_ROWS_MAX);
    } else if ("in_progress".equals(filter.status())) {
      select.append(
          " FROM (SELECT * FROM agent_execution_logs WHERE status = 'in_progress' OFFSET 0) AS e");
    } else {
      isAgents = filter.agent() != null;
      select.append(" FROM agent_execution_logs");
    }
    boolean isFailures =
        filter.correlation() == null && !isAgents && "failed".equals(filter.status());
    select.append(isFailures ? " WHERE status = 'failed'" : " WHERE true");
    window(select, filter, after, isAgents);
    return select.append(" LIMIT ").append(rows).toString();
  }

  /** Comparing the agent in one row with the time fits the index {@code _agent} and no other. */
  private void window(
      StringBuilder sql, ExecutionFilter filter, @Nullable Cursor after, boolean isAgents) {
    String agent = isAgents ? "agent_name, " : "";
    String value = isAgents ? "?, " : "";
    compare(sql, "(%sstarted_at) >= (%s?)".formatted(agent, value), filter, isAgents);
    parameters.add(filter.window().from());
    compare(sql, "(%sstarted_at) < (%s?)".formatted(agent, value), filter, isAgents);
    parameters.add(filter.window().to());
    if (after != null) {
      String place = "(%sstarted_at, execution_id) < (%s?, ?)".formatted(agent, value);
      compare(sql, place, filter, isAgents);
      parameters.add(after.startedAt());
      parameters.add(after.id());
    }
    sql.append(" ORDER BY ")
        .append(isAgents ? "agent_name DESC, " : "")
        .append("started_at DESC, execution_id DESC");
  }

  private void compare(
      StringBuilder sql, String condition, ExecutionFilter filter, boolean isAgents) {
    sql.append(" AND ").append(condition);
    if (isAgents) {
      parameters.add(filter.agent());
    }
  }
}
