package io.agentlog.insight.query;

import io.agentlog.insight.page.AgentPage.Model;
import io.agentlog.insight.page.AgentPage.Models;
import io.agentlog.insight.page.ExecutionPage.ModelCall;
import io.agentlog.insight.page.ExecutionPage.ModelCalls;
import io.agentlog.insight.page.Usage;
import io.agentlog.insight.page.Window;
import io.agentlog.sink.SinkUnavailableException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Reads the calls of models. Thread-safe. */
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
             cache_write_tokens, reasoning_tokens, %s,
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
              UsageColumns.COST,
              Columns.text("error_message", TEXT_MAX));

  /** Executions of an agent that are looked at, the latest of the window. */
  public static final int EXECUTIONS_MAX = 1_000;

  /** Their calls that are looked at. */
  private static final int LOOKED_MAX = 20_000;

  /** Models that are listed. */
  static final int MODELS_MAX = 20;

  /** The index {@code _agent}, then the primary key of the calls. */
  static final String MODELS =
      """
      SELECT %s AS name, calls, executions, failed, p50, p95, first_token, input_tokens, output_tokens, cache_read_tokens,
             cache_write_tokens, reasoning_tokens, cost, cost_currency
      FROM (
        SELECT coalesce(response_model, request_model) AS called, count(*) AS calls, count(DISTINCT execution_id) AS executions,
               count(error_type) AS failed, percentile_disc(0.5) WITHIN GROUP (ORDER BY duration_us) AS p50,
               percentile_disc(0.95) WITHIN GROUP (ORDER BY duration_us) AS p95,
               percentile_disc(0.5) WITHIN GROUP (ORDER BY first_token_us) AS first_token, %s
        FROM (
          SELECT m.*
          FROM (SELECT execution_id FROM agent_execution_logs
                WHERE (agent_name, started_at) >= (?, ?) AND (agent_name, started_at) < (?, ?) AND (?::text IS NULL OR project_name = ?)
                ORDER BY agent_name DESC, started_at DESC LIMIT %s) AS e
            CROSS JOIN LATERAL (
              SELECT execution_id, response_model, request_model, error_type, duration_us, first_token_us, input_tokens, output_tokens,
                cache_read_tokens, cache_write_tokens, reasoning_tokens, %s, cost_currency::text AS cost_currency
              FROM agent_model_calls WHERE execution_id = e.execution_id AND (metadata ->> 'delegated') IS DISTINCT FROM 'true' OFFSET 0) AS m
          LIMIT %s) AS looked
        GROUP BY 1) AS c
      ORDER BY cost DESC NULLS LAST, calls DESC, called LIMIT %s\
      """
          .formatted(
              Columns.name("called"),
              UsageColumns.TOKEN_SUMS,
              EXECUTIONS_MAX,
              UsageColumns.COST,
              LOOKED_MAX,
              MODELS_MAX + 1);

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

  /**
   * Returns what an agent's models did in a window; no rows if no calls can be read.
   *
   * @param project whose executions alone are looked at; null for all
   */
  public Models models(String agent, Window window, @Nullable String project)
      throws SinkUnavailableException {
    List<Boolean> tables = database.list(FIND, row -> row.getBoolean("readable"));
    if (tables.isEmpty() || !tables.get(0)) {
      return new Models(
          List.of(),
          false,
          tables.isEmpty() ? null : TraceQuery.rightMissing(List.of("agent_model_calls")));
    }
    List<Model> models =
        database.list(
            MODELS,
            ModelCallQuery::model,
            agent,
            window.from(),
            agent,
            window.to(),
            project,
            project);
    boolean isMore = models.size() > MODELS_MAX;
    return new Models(isMore ? models.subList(0, MODELS_MAX) : models, isMore, null);
  }

  private static Model model(ResultSet row) throws SQLException {
    return new Model(
        Objects.requireNonNullElse(row.getString("name"), "(no name)"),
        row.getLong("calls"),
        row.getLong("executions"),
        row.getLong("failed"),
        row.getObject("p50", Long.class),
        row.getObject("p95", Long.class),
        row.getObject("first_token", Long.class),
        UsageColumns.tokens(row));
  }

  private static ModelCall call(ResultSet row) throws SQLException {
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
        UsageColumns.tokens(row),
        row.getString("finish_reason"),
        row.getString("error_type"),
        row.getString("error_message"),
        row.getBoolean("delegated"),
        row.getString("price_version"));
  }
}
