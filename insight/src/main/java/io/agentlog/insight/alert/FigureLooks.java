package io.agentlog.insight.alert;

import io.agentlog.config.Config;
import io.agentlog.insight.evaluate.Evaluator;
import io.agentlog.insight.evaluate.Evidence;
import io.agentlog.insight.evaluate.Finding;
import io.agentlog.insight.evaluate.Look;
import io.agentlog.insight.evaluate.Series;
import io.agentlog.insight.evaluate.TimeSpan;
import io.agentlog.insight.figures.AgentFigures;
import io.agentlog.insight.figures.RowFindings;
import io.agentlog.insight.query.Database;
import io.agentlog.insight.rules.AgentNames;
import io.agentlog.insight.rules.AlertRule;
import io.agentlog.insight.rules.Condition;
import io.agentlog.insight.rules.Rules;
import io.agentlog.postgres.ReadConnections;
import io.agentlog.postgres.TableTransactions.Transaction;
import io.agentlog.sink.SinkUnavailableException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Looks at the agent's tables and the trends. One thread. */
public final class FigureLooks implements Looks, AutoCloseable {
  /** The most that the server spends on a statement. */
  private static final Duration STATEMENT_MAX = Duration.ofSeconds(30);

  private final Database database;
  private final PastFirings past;
  private final RowFindings findings;
  private final Map<String, Eye> eyes = new HashMap<>();
  private Rules current = Rules.NONE;
  private AgentFigures figures;
  private Instant figuresAt = Instant.EPOCH;

  /** Does no I/O. The user needs to read the agent's tables and the dashboard's. */
  public FigureLooks(Config config) {
    database =
        new Database(new ReadConnections(config, "agentlog-insight-alerts", 1, STATEMENT_MAX));
    past = new PastFirings(database);
    findings = new RowFindings(database);
    figures = new AgentFigures(database, current);
  }

  /** An evaluator, and what it was made for. */
  private record Eye(AlertRule rule, int agents, Series series, Evaluator evaluator) {}

  @Override
  public Map<Map<String, String>, Look> look(
      Rules rules, AlertRule rule, Instant at, Set<Map<String, String>> known)
      throws SinkUnavailableException {
    if (!rules.equals(current)) {
      figures = new AgentFigures(database, rules);
      figuresAt = Instant.EPOCH;
      findings.keepOnly(rules.alerts());
      eyes.clear();
      current = rules;
    }
    return rule.condition() instanceof Condition.Windowed
        ? windows(rule, at)
        : findings(rule, at, known);
  }

  private Map<Map<String, String>, Look> findings(
      AlertRule rule, Instant at, Set<Map<String, String>> known) throws SinkUnavailableException {
    if (rule.condition() instanceof Condition.Abandoned
        || rule.condition() instanceof Condition.NewError) {
      figures.checkRolled();
    }
    List<Finding> found = findings.find(rule, known);
    Map<Map<String, String>, Look> looks = new HashMap<>();
    known.forEach(labels -> looks.put(labels, Finding.none(at)));
    looks.put(Map.of(), all(at, found.size())); // Shows that the rule is looked at.
    found.forEach(finding -> looks.put(finding.labels(), finding.look(at)));
    return looks;
  }

  private static Look all(Instant at, int count) {
    String summary = count == 0 ? "nothing was found" : count + " were found, each an alert";
    return new Look(
        at,
        Look.Verdict.FINE,
        true,
        new Evidence(
            summary, null, at, count, count, count, "count", null, null, null, null, null, null,
            List.of()));
  }

  private Map<Map<String, String>, Look> windows(AlertRule rule, Instant at)
      throws SinkUnavailableException {
    if (!figuresAt.equals(at)) {
      figures.refresh(at);
      past.refresh(at);
      figuresAt = at;
    }
    Instant rolled = figures.rolledUpTo();
    if (rolled == null || rolled.isBefore(at)) {
      figuresAt = Instant.EPOCH; // Read again with the next look.
      throw AgentFigures.behind(rolled);
    }
    List<String> agents = figures.agents(rule);
    Map<Map<String, String>, Look> looks = new HashMap<>();
    for (String agent : agents) {
      Series series = figures.of(agent);
      if (series != null) {
        Map<String, String> labels = Map.of(Alert.AGENT, agent);
        looks.put(labels, eye(rule, agents.size(), series).look(at, leftOut(rule, labels, agent)));
      }
    }
    return looks;
  }

  private Evaluator eye(AlertRule rule, int agents, Series series) {
    String key = rule.name() + '\0' + series.agent();
    Eye eye = eyes.get(key);
    if (eye == null
        || !eye.rule.equals(rule)
        || eye.agents != agents
        || !eye.series.equals(series)) {
      eye = new Eye(rule, agents, series, new Evaluator(rule, agents, series));
      eyes.put(key, eye);
    }
    return eye.evaluator;
  }

  private List<TimeSpan> leftOut(AlertRule rule, Map<String, String> labels, String agent) {
    List<TimeSpan> spans = new ArrayList<>(past.of(Alert.fingerprint(rule.name(), labels)));
    current.mutes().stream()
        .filter(mute -> AgentNames.match(mute.agents(), agent))
        .forEach(mute -> spans.add(new TimeSpan(mute.from(), mute.to())));
    return spans;
  }

  @Override
  public void remember(Transaction tx, Instant at) throws SQLException {
    findings.remember(tx, at);
  }

  @Override
  public void close() {
    database.close();
  }
}
