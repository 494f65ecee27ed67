package io.agentlog.insight.alert;

import io.agentlog.backends.Postgres;
import io.agentlog.config.LoadedConfig;
import io.agentlog.insight.Dashboards;
import io.agentlog.insight.MadeTables;
import io.agentlog.insight.evaluate.Evidence;
import io.agentlog.insight.evaluate.Look;
import io.agentlog.insight.rules.AlertRule;
import io.agentlog.insight.rules.Channel;
import io.agentlog.insight.rules.Condition;
import io.agentlog.insight.rules.Mute;
import io.agentlog.insight.rules.Rules;
import io.agentlog.sink.SinkUnavailableException;
import java.net.URI;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Tables of a real database, and looks that see what a test says. */
final class AlertFixture implements AutoCloseable, Looks {
  static final String URL = "https://insight.internal";

  /** Each look is a tick of its own, and nothing is waited for. */
  static final AlertTimes QUICK =
      new AlertTimes(
          Duration.ofMillis(1),
          Duration.ZERO,
          Duration.ofMinutes(2),
          Duration.ofMinutes(10),
          Duration.ofMillis(50),
          Duration.ofSeconds(60),
          Duration.ofSeconds(2),
          Duration.ZERO,
          Duration.ZERO,
          Duration.ofHours(24),
          Duration.ZERO,
          Duration.ofMinutes(4),
          Duration.ofMinutes(15));

  final Postgres database;
  final LoadedConfig config;

  /** Agents of which a look says that something is the matter, and those that are known. */
  final Set<String> worse = new ConcurrentSkipListSet<>();

  final Set<String> agents = new ConcurrentSkipListSet<>(List.of("a", "b"));

  /** Why looks can see nothing; null if they can. */
  volatile @Nullable String blind;

  AlertFixture() throws SinkUnavailableException {
    database = MadeTables.empty();
    config = Dashboards.config(database);
  }

  void clear() {
    database.execute(
        "TRUNCATE agent_insight_alerts, agent_insight_alert_events, agent_insight_outbox,"
            + " agent_insight_losses; DELETE FROM agent_insight_state");
    worse.clear();
    agents.clear();
    agents.addAll(List.of("a", "b"));
    blind = null;
  }

  @Override
  public Map<Map<String, String>, Look> look(
      Rules rules, AlertRule rule, Instant at, Set<Map<String, String>> known)
      throws SinkUnavailableException {
    String problem = blind;
    if (problem != null) {
      throw new SinkUnavailableException(problem, null);
    }
    Map<Map<String, String>, Look> looks = new HashMap<>();
    for (String agent : agents) {
      boolean isWorse = worse.contains(agent);
      looks.put(
          Map.of("agent", agent),
          new Look(
              at,
              isWorse ? Look.Verdict.WORSE : Look.Verdict.FINE,
              !isWorse,
              new Evidence(
                  agent + (isWorse ? " hangs" : " is well"),
                  null,
                  null,
                  1,
                  1,
                  1,
                  "count",
                  null,
                  null,
                  null,
                  null,
                  null,
                  null,
                  List.of())));
    }
    return looks;
  }

  static AlertRule rule(String name, String... channels) {
    return new AlertRule(
        name,
        List.of("*"),
        new Condition.Stuck(Duration.ofMinutes(10)),
        0.01,
        List.of(channels),
        Duration.ofHours(24),
        Duration.ZERO,
        Duration.ZERO,
        Map.of("severity", "page"),
        "hash of " + name);
  }

  static Rules rules(List<Channel> channels, Mute... mutes) {
    String[] names = channels.stream().map(Channel::name).toArray(String[]::new);
    return rules(channels, List.of(rule("hung", names)), mutes);
  }

  static Rules rules(List<Channel> channels, List<AlertRule> alerts, Mute... mutes) {
    return new Rules(channels, alerts, Arrays.asList(mutes), List.of(), List.of());
  }

  static Channel channel(String name, Channel.Type type, URI... urls) {
    return new Channel(name, type, List.of(urls), null);
  }

  /** Looks once, as the next tick. */
  Ticker.Outcome tick(Ticker ticker, Rules rules) throws SinkUnavailableException {
    return tick(ticker, rules, List.of());
  }

  Ticker.Outcome tick(Ticker ticker, Rules rules, List<String> mistakes)
      throws SinkUnavailableException {
    Ticker.Outcome outcome;
    do { // Two looks within a millisecond are one tick.
      outcome = ticker.tick(rules, mistakes, null);
    } while (!outcome.looked());
    return outcome;
  }

  /** Returns the first column, as text. */
  List<String> list(String sql) throws SQLException {
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      List<String> list = new ArrayList<>();
      while (rows.next()) {
        list.add(rows.getString(1));
      }
      return list;
    }
  }

  List<String> events(String rule) throws SQLException {
    return list(
        "SELECT concat_ws(' ', labels ->> 'agent', state_before, '->', state, reason) FROM"
            + " agent_insight_alert_events WHERE rule = '"
            + rule
            + "' ORDER BY id");
  }

  List<String> messages() throws SQLException {
    return list(
        "SELECT concat_ws(' ', channel, kind, payload ->> 'rule', payload #>> '{labels,agent}')"
            + " FROM agent_insight_outbox ORDER BY id");
  }

  Map<String, String> states() throws SQLException {
    Map<String, String> states = new TreeMap<>();
    for (String line :
        list(
            "SELECT concat_ws('=', rule || coalesce(' ' || (labels ->> 'agent'), ''), state) FROM"
                + " agent_insight_alerts")) {
      states.put(line.substring(0, line.indexOf('=')), line.substring(line.indexOf('=') + 1));
    }
    return states;
  }

  /** Lets time go by, as far as a column says. */
  void ago(String table, String column, String interval) {
    database.execute(
        "UPDATE %s SET %s = %s - interval '%s'".formatted(table, column, column, interval));
  }

  static AlertTimes times(UnaryOperator<AlertTimes> change) {
    return change.apply(QUICK);
  }

  @Override
  public void close() {
    database.close();
  }
}
