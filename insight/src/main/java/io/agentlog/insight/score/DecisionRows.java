package io.agentlog.insight.score;

/**
 * The statement for an execution's decision and what became of it, as the trends of decisions have
 * it: the first execution of the selected agent with the same correlation ID within an hour,
 * otherwise the execution that decided.
 */
public final class DecisionRows {
  /** Executions of a request among which the outcome of a decision is looked for. */
  private static final int REQUEST_ROWS_MAX = 1_000;

  // Without the last LIMIT the server joins with all decisions. A condition in the join instead of
  // in the subquery would read rows that are then dropped.
  private static final String SQL =
      """
      SELECT CASE WHEN r.confidence_score >= 0.0 AND r.confidence_score <= 1.0 THEN r.confidence_score::float8 END AS confidence,
             CASE WHEN (o.seen & 56::int2) = 0::int2 AND o.status IN ('success', 'failed') THEN o.status = 'success' END AS succeeded
      FROM agent_routing_decisions r LEFT JOIN LATERAL (
        SELECT k.status, k.seen
        FROM (SELECT status, seen, started_at, execution_id, routing_decision_id,
                     agent_name = r.selected_agent AND started_at >= r.created_at
                       AND started_at < least(r.created_at, '9999-01-01'::timestamptz) + '1 hour'::interval AS is_selected
              FROM agent_execution_logs WHERE correlation_id = r.correlation_id LIMIT /*request rows*/) AS k
        WHERE k.is_selected OR k.routing_decision_id = r.id
        ORDER BY coalesce(k.is_selected, false) DESC, k.started_at, k.execution_id LIMIT 1) AS o ON true
      WHERE r.id = /*decision*/ LIMIT 1"""
          .replace("/*request rows*/", "" + REQUEST_ROWS_MAX);

  private DecisionRows() {}

  /**
   * Returns a statement for the columns {@code confidence} and {@code succeeded}, to be joined
   * laterally.
   *
   * @param decision the decision's ID, as SQL; nothing is read if it is NULL
   */
  public static String sql(String decision) {
    return SQL.replace("/*decision*/", decision);
  }
}
