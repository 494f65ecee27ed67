package io.agentlog.insight.figures;

import io.agentlog.insight.evaluate.Finding;
import io.agentlog.insight.query.Database;
import io.agentlog.insight.rules.AlertRule;
import io.agentlog.insight.rules.Condition;
import io.agentlog.postgres.TableTransactions.Transaction;
import io.agentlog.sink.SinkUnavailableException;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Looks into the rows for rules without windows: executions that hang, JVMs that lose events,
 * errors that are new. All times are by the database's clock. Some findings are changes since the
 * look before, so one object is kept from look to look, and {@link #remember} writes what the next
 * look, of whatever program, compares with.
 *
 * <p>One thread.
 */
public final class RowFindings {
  /** Findings of one look at a rule; the rest is left out. */
  public static final int FINDINGS_MAX = 200;

  /** Executions that a finding names. */
  static final int EXAMPLES_MAX = 5;

  private final Database database;
  private final StuckExecutions stuck;
  private final Map<String, LostEvents> lost = new HashMap<>();
  private final Map<String, StageLoops> loops = new HashMap<>();
  private final Map<String, NewErrors> errors = new HashMap<>();

  /** Reads nothing yet. */
  public RowFindings(Database database) {
    this.database = database;
    this.stuck = new StuckExecutions(database);
  }

  /**
   * Looks at a rule.
   *
   * @return findings, each with other labels; none for a rule with windows
   * @throws SinkUnavailableException if the database can't be read; the message says what to do
   */
  public List<Finding> find(AlertRule rule) throws SinkUnavailableException {
    return find(rule, Set.of());
  }

  /**
   * Looks at a rule.
   *
   * @param known labels of findings of the look before, which are left out last
   * @return findings, each with other labels; none for a rule with windows
   * @throws SinkUnavailableException if the database can't be read; the message says what to do
   */
  public List<Finding> find(AlertRule rule, Set<Map<String, String>> known)
      throws SinkUnavailableException {
    List<String> agents = rule.agents();
    Condition condition = rule.condition();
    List<Finding> found;
    if (condition instanceof Condition.Stuck hung) {
      found = stuck.find(hung, agents);
    } else if (condition instanceof Condition.Abandoned abandoned) {
      found = new AbandonedExecutions(database).find(abandoned, agents);
    } else if (condition instanceof Condition.Dropped dropped) {
      found = lost.computeIfAbsent(rule.name(), n -> new LostEvents(database)).find(dropped);
    } else if (condition instanceof Condition.StageLoop loop) {
      found = loops.computeIfAbsent(rule.hash(), h -> new StageLoops(database)).find(loop, agents);
    } else if (condition instanceof Condition.NewError error) {
      found = errors.computeIfAbsent(rule.hash(), h -> new NewErrors(database)).find(error, agents);
    } else {
      found = List.of();
    }
    return found.stream()
        .sorted(Comparator.comparing(finding -> !known.contains(finding.labels())))
        .limit(FINDINGS_MAX)
        .toList();
  }

  /**
   * Writes what was seen since the last call.
   *
   * @param tx in which what became of the findings is written, too
   * @param at time of the looks
   */
  public void remember(Transaction tx, Instant at) throws SQLException {
    for (LostEvents each : lost.values()) {
      each.remember(tx, at);
    }
  }

  /** Removes what {@link #remember} wrote of JVMs that are forgotten. */
  public static void prune(Transaction tx) throws SQLException {
    LostEvents.prune(tx);
  }

  /** Forgets what it keeps for rules that are no longer there. */
  public void keepOnly(List<AlertRule> rules) {
    Set<String> names = new HashSet<>();
    Set<String> hashes = new HashSet<>();
    for (AlertRule rule : rules) {
      names.add(rule.name());
      hashes.add(rule.hash());
    }
    lost.keySet().retainAll(names);
    loops.keySet().retainAll(hashes);
    errors.keySet().retainAll(hashes);
  }
}
