package io.agentlog.insight.query;

import io.agentlog.insight.page.ExecutionPage.ModelCall;
import io.agentlog.insight.page.ExecutionPage.ModelCalls;
import io.agentlog.insight.page.Usage;
import io.agentlog.sink.SinkUnavailableException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import java.util.UUID;

/** Reads the calls of models of one execution. Thread-safe. */
public final class ModelCallQuery {
  /** Calls that are listed. */
  public static final int CALLS_MAX = 1_000;

  /** Characters that are read of an error message. */
  private static final int TEXT_MAX = 20_000;

  /** No row without the table. */
  private static final String FIND =
      "SELECT has_table_privilege(c.oid, 'SELECT') AS readable FROM pg_class c WHERE c.oid ="
          + " to_regclass('agent_model_calls')";

  /** Primary key. */
  private static final String CALLS =
      """
      SELECT seq, %s, streaming, started_at, duration_us, first_token_us, input_tokens, output_tokens, cache_read_tokens,
             cache_write_tokens, reasoning_tokens, CASE WHEN cost BETWEEN -1e15 AND 1e15 THEN cost END AS cost,
             left(cost_currency, 10) AS cost_currency, CASE WHEN ? THEN %s END AS error_message,
             coalesce(metadata ->> 'delegated' = 'true', false) AS delegated
      FROM agent_model_calls WHERE execution_id = ? ORDER BY seq LIMIT ?\
      """
          .formatted(
              Columns.names(
                  "",
                  "framework",
                  "provider",
                  "request_model",
                  "response_model",
                  "finish_reason",
                  "error_type",
                  "price_version"),
              Columns.text("error_message", TEXT_MAX));

  private final Database database;
  private final boolean texts;

  /**
   * @param texts whether error messages may be read
   */
  public ModelCallQuery(Database database, boolean texts) {
    this.database = database;
    this.texts = texts;
  }

  /**
   * Returns the calls of an execution, the first to end first.
   *
   * @param usage of the execution: calls that it counts and that can't be listed are said in a note
   */
  public ModelCalls of(UUID execution, Usage usage) throws SinkUnavailableException {
    long counted = usage.modelCalls() == null ? 0 : usage.modelCalls();
    List<Boolean> tables = database.list(FIND, row -> row.getBoolean("readable"));
    if (tables.isEmpty() || !tables.get(0)) {
      String note =
          tables.isEmpty()
              ? "The calls themselves are not listed: the table agent_model_calls is missing. As"
                  + " the owner, run: java -jar agentlog.jar migrate"
              : TraceQuery.rightMissing(List.of("agent_model_calls"));
      return new ModelCalls(List.of(), false, counted > 0 ? note : null);
    }
    List<ModelCall> calls =
        database.list(CALLS, ModelCallQuery::call, texts, execution, CALLS_MAX + 1);
    boolean isMore = calls.size() > CALLS_MAX;
    return new ModelCalls(isMore ? calls.subList(0, CALLS_MAX) : calls, isMore, null);
  }

  private static ModelCall call(ResultSet row) throws SQLException {
    Usage usage =
        new Usage(
            null,
            null,
            null,
            row.getObject("input_tokens", Long.class),
            row.getObject("output_tokens", Long.class),
            row.getObject("cache_read_tokens", Long.class),
            row.getObject("cache_write_tokens", Long.class),
            row.getObject("reasoning_tokens", Long.class),
            row.getBigDecimal("cost"),
            row.getString("cost_currency"));
    return new ModelCall(
        row.getInt("seq"),
        Objects.requireNonNullElse(row.getString("framework"), ""),
        row.getString("provider"),
        row.getString("request_model"),
        row.getString("response_model"),
        row.getBoolean("streaming"),
        Database.time(row, "started_at"),
        row.getObject("duration_us", Long.class),
        row.getObject("first_token_us", Long.class),
        usage,
        row.getString("finish_reason"),
        row.getString("error_type"),
        row.getString("error_message"),
        row.getBoolean("delegated"),
        row.getString("price_version"));
  }
}
