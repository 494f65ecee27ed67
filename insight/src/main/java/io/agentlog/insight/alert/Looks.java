package io.agentlog.insight.alert;

import io.agentlog.insight.evaluate.Look;
import io.agentlog.insight.rules.AlertRule;
import io.agentlog.insight.rules.Rules;
import io.agentlog.postgres.TableTransactions.Transaction;
import io.agentlog.sink.SinkUnavailableException;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Map;
import java.util.Set;

/** Looks at what rules are about. One thread. */
@FunctionalInterface
public interface Looks {
  /**
   * Looks at a rule.
   *
   * @param rules the whole file that the rule is of
   * @param at time of the look; for a rule with windows a multiple of five minutes
   * @param known labels that the rule has alerts of
   * @return a look for each labels; one that is known and has none is gone
   * @throws SinkUnavailableException if the figures can't be read; the message says what to do
   */
  Map<Map<String, String>, Look> look(
      Rules rules, AlertRule rule, Instant at, Set<Map<String, String>> known)
      throws SinkUnavailableException;

  /** Writes what later looks compare with, in the transaction that has what became of these. */
  default void remember(Transaction tx, Instant at) throws SQLException {}
}
