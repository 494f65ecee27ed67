package io.agentlog.insight.query;

import io.agentlog.insight.page.Usage;
import java.math.BigDecimal;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * The columns of an execution that hold its calls, tokens and cost. The table of an older agent has
 * none of them, and an update of the dashboard must not need one of the agent. So a query reads
 *
 * <pre>
 * FROM {@link #ABSENT} CROSS JOIN LATERAL (SELECT ..., {@link #LIST} FROM agent_execution_logs ...)
 * </pre>
 *
 * <p>A name that the table has not got is then found in the query around it, where it is null.
 */
final class UsageColumns {
  /** Stands before a lateral query of the table. */
  static final String ABSENT =
      "(SELECT NULL::uuid AS root_execution_id, NULL::text AS model, NULL::integer AS model_calls,"
          + " NULL::integer AS tool_calls, NULL::bigint AS input_tokens, NULL::bigint AS"
          + " output_tokens, NULL::bigint AS cache_read_tokens, NULL::bigint AS cache_write_tokens,"
          + " NULL::bigint AS reasoning_tokens, NULL::numeric AS cost, NULL::text AS cost_currency)"
          + " AS absent";

  /** A cost that is no number of a bill, such as NaN, is none. */
  static final String COST = "CASE WHEN cost BETWEEN -1e15 AND 1e15 THEN cost::numeric END AS cost";

  /** The columns, for {@link #usage}. */
  static final String LIST =
      Columns.names("", "model")
          + ", model_calls, tool_calls, input_tokens, output_tokens, cache_read_tokens,"
          + " cache_write_tokens, reasoning_tokens, left(cost_currency, 10) AS cost_currency, "
          + COST;

  /** The columns of such a lateral query that is called {@code e}. */
  static final String NAMES =
      "e.model, e.model_calls, e.tool_calls, e.input_tokens, e.output_tokens, e.cache_read_tokens,"
          + " e.cache_write_tokens, e.reasoning_tokens, e.cost, e.cost_currency";

  /** Sums of tokens and cost of several rows, for {@link #tokens}. */
  static final String TOKEN_SUMS =
      """
      sum(input_tokens) AS input_tokens, sum(output_tokens) AS output_tokens, sum(cache_read_tokens) AS cache_read_tokens,
        sum(cache_write_tokens) AS cache_write_tokens, sum(reasoning_tokens) AS reasoning_tokens,
        CASE WHEN min(cost_currency) = max(cost_currency) THEN sum(cost) END AS cost,
        CASE WHEN min(cost_currency) = max(cost_currency) THEN min(cost_currency)
             WHEN min(cost_currency) IS NOT NULL THEN '%s' END AS cost_currency\
      """
          .formatted(Usage.SEVERAL);

  /** Sums of several rows of {@link #LIST}, for {@link #usage}. */
  static final String SUMS =
      "NULL::text AS model, sum(model_calls) AS model_calls, sum(tool_calls) AS tool_calls, "
          + TOKEN_SUMS;

  private UsageColumns() {}

  /** Reads the columns of a row. */
  static Usage usage(ResultSet row) throws SQLException {
    return usage(row, row.getString("model"), count(row, "model_calls"), count(row, "tool_calls"));
  }

  /** Reads tokens and cost alone. */
  static Usage tokens(ResultSet row) throws SQLException {
    return usage(row, null, null, null);
  }

  private static Usage usage(
      ResultSet row, @Nullable String model, @Nullable Long models, @Nullable Long tools)
      throws SQLException {
    return new Usage(
        model,
        models,
        tools,
        count(row, "input_tokens"),
        count(row, "output_tokens"),
        count(row, "cache_read_tokens"),
        count(row, "cache_write_tokens"),
        count(row, "reasoning_tokens"),
        row.getBigDecimal("cost"),
        row.getString("cost_currency"));
  }

  /** Returns a count; null if there is none. A sum may be larger than any count. */
  private static @Nullable Long count(ResultSet row, String column) throws SQLException {
    BigDecimal count = row.getBigDecimal(column);
    return count == null ? null : count.min(BigDecimal.valueOf(Long.MAX_VALUE)).longValue();
  }
}
