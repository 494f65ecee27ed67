package io.agentlog.insight.figures;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.backends.Postgres;
import io.agentlog.insight.Dashboard;
import io.agentlog.insight.Dashboards;
import io.agentlog.insight.MadeTables;
import io.agentlog.insight.evaluate.Series;
import io.agentlog.insight.query.Database;
import io.agentlog.insight.rules.AlertRule;
import io.agentlog.insight.rules.Baseline;
import io.agentlog.insight.rules.Condition;
import io.agentlog.insight.rules.Rules;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Goal: the figures that rules look at are those of the rows, at first and after every change.
 * Method: the rollup over made rows of three agents, and SQL over the rows themselves.
 */
@Timeout(240)
class AgentFiguresIT {
  private static Postgres database;
  private static Database reader;

  @BeforeAll
  static void fill() throws Exception {
    database = MadeTables.empty();
    database.execute(
        """
        INSERT INTO agent_instances (instance_id, service, lease_until, renewed_at)
        SELECT uuid(md5('i' || n)), 'made', now() + (n || ' hours')::interval, now() FROM unnest(ARRAY[1, -1]) AS n;
        INSERT INTO agent_execution_logs (execution_id, agent_name, project_name, status, started_at, completed_at, duration_us, quality_score,
          seen, instance_id)
        SELECT uuid(md5(n::text)), 'agent-' || n % 3, 'p' || n % 2,
          CASE WHEN n % 400 = 0 THEN 'in_progress' WHEN n % 50 = 7 THEN 'failed' ELSE 'success' END, at,
          CASE WHEN n % 400 <> 0 THEN at END, CASE WHEN n % 400 <> 0 THEN (n * 7919) % 5000000 END,
          CASE WHEN n % 4 = 1 THEN (n % 100) / 100.0 END, CASE WHEN n % 50 = 7 AND n % 3 = 0 THEN 33 ELSE 5 END,
          uuid(md5(CASE WHEN n % 800 = 0 THEN 'i-1' ELSE 'i1' END))
        FROM (SELECT n, now() - n ^ 2 * interval '0.2 seconds' AS at FROM generate_series(1, 2500) AS n) AS s""");
    MadeTables.rollUp(database);
    reader = Dashboard.database(Dashboards.config(database));
  }

  @AfterAll
  static void drop() {
    reader.close();
    database.close();
  }

  @Test
  void figuresAreThoseOfTheRowsAlsoAfterLateEnds() throws Exception {
    AgentFigures figures = new AgentFigures(reader, rules("*"));
    Instant at = Instant.now();
    figures.refresh(at);
    assertThat(figures.agents(figures(rules("*")))).hasSize(3);
    compare(figures, at);

    // One ends five hours late, one of three days ago gets its real end, a whole minute is gone.
    database.execute(
        """
        INSERT INTO agent_execution_logs (execution_id, agent_name, status, started_at, completed_at, duration_us, seen)
        SELECT gen_random_uuid(), agent_name, 'failed', now() - interval '5 hours', now() - interval '5 hours', 123456, 5
        FROM (SELECT DISTINCT agent_name FROM agent_execution_logs) AS a;
        UPDATE agent_execution_logs SET status = 'success', seen = 5, updated_at = now()
        WHERE execution_id IN (SELECT execution_id FROM agent_insight_provisional ORDER BY minute DESC LIMIT 2)""");
    database.execute(
        "UPDATE agent_insight_state SET cursor = cursor - interval '61 seconds' WHERE key IN ('rollup', 'late', 'ledger', 'days')");
    MadeTables.rollUp(database);
    long before = reader.statementCount();
    figures.refresh(at);
    assertThat(reader.statementCount() - before).isLessThan(60);
    compare(figures, at);
  }

  @Test
  void agentsOfNoRuleAreNotRead() throws Exception {
    String agent = value("SELECT min(agent_name) FROM agent_execution_logs");
    AgentFigures figures = new AgentFigures(reader, rules(agent));

    figures.refresh(Instant.now());

    assertThat(figures.agents(figures(rules("*")))).containsExactly(agent);
    assertThat(figures.leftOut()).isEmpty();
  }

  @Test
  void agentThatARuleNamesIsNotDisplacedByBusierOnes() throws Exception {
    database.execute(
        """
        INSERT INTO agent_insight_rollup
        SELECT 3, date_trunc('day', now()), name, '', n, n, 0, 0, 0, 0, 0, 0, '{}', '{}', 0, 0, '{}', '{}', now()
        FROM (SELECT 'busy-' || i AS name, 1000000 AS n FROM generate_series(1, 1001) AS i UNION ALL SELECT 'rare', 1) AS made""");
    try {
      Rules rare = rules("rare");
      Rules both =
          new Rules(
              List.of(),
              List.of(figures(rules("*")), figures(rare)),
              List.of(),
              List.of(),
              List.of());
      AgentFigures figures = new AgentFigures(reader, both);
      figures.refresh(Instant.now());

      assertThat(figures.agents(figures(rare))).containsExactly("rare");
      assertThat(figures.agents(figures(rules("*")))).hasSize(AgentFigures.AGENTS_MAX);
    } finally {
      database.execute(
          "DELETE FROM agent_insight_rollup WHERE agent_name = 'rare' OR agent_name LIKE 'busy-%'");
    }
  }

  @Test
  void executionsInProgressAreCountedUnlessTheirJvmIsGone() throws Exception {
    AgentFigures figures = new AgentFigures(reader, rules("*"));
    figures.refresh(Instant.now());
    long found = 0;
    for (String agent : figures.agents(figures(rules("*")))) {
      found += Objects.requireNonNull(figures.of(agent)).running().total();
    }

    assertThat(found)
        .isPositive()
        .isEqualTo(
            Long.parseLong(
                value(
                    "SELECT count(*) FROM agent_execution_logs JOIN agent_instances USING (instance_id) WHERE status = 'in_progress' AND lease_until > now() AND started_at > now() - interval '7 days'")));
  }

  private static Rules rules(String agent) {
    Condition latency =
        new Condition.Latency(
            List.of(Duration.ofHours(1), Duration.ofHours(6)),
            new Baseline(Baseline.Kind.SAME_HOUR, Duration.ofDays(14)),
            30,
            0.95,
            null,
            1.25,
            Duration.ZERO);
    AlertRule rule =
        new AlertRule(
            "slower",
            List.of(agent),
            latency,
            0.01,
            List.of(),
            Duration.ofHours(24),
            Duration.ofMinutes(15),
            Duration.ofMinutes(30),
            Map.of(),
            "");
    return new Rules(List.of(), List.of(rule), List.of(), List.of(), List.of());
  }

  private static AlertRule figures(Rules rules) {
    return rules.alerts().get(0);
  }

  private static void compare(AgentFigures figures, Instant at) throws Exception {
    Instant hour = at.truncatedTo(ChronoUnit.HOURS);
    for (String agent : figures.agents(figures(rules("*")))) {
      Series series = Objects.requireNonNull(figures.of(agent));
      // From hours, from five minutes, and across where the five minutes begin.
      compare(series, hour.minus(Duration.ofDays(1)), Duration.ofDays(7));
      compare(series, hour, Duration.ofHours(12));
      compare(series, hour, Duration.ofDays(7));
    }
  }

  private static void compare(Series series, Instant to, Duration length) throws Exception {
    long[] sums = new long[5];
    series.window(
        to,
        length,
        slot -> {
          sums[0] += slot.ended();
          sums[1] += slot.failed();
          sums[2] += slot.provisional();
          sums[3] += slot.durations().total();
          sums[4] += slot.qualities().total();
        });
    assertThat(List.of(sums[0], sums[1], sums[2], sums[3], sums[4]).toString())
        .as("%s %s before %s", series.agent(), length, to)
        .isEqualTo(
            value(
                """
                SELECT '[' || concat_ws(', ', count(*) FILTER (WHERE seen & 56 = 0), count(*) FILTER (WHERE seen & 56 = 0 AND status = 'failed'),
                  count(*) FILTER (WHERE seen & 56 <> 0), count(coalesce(duration_us, duration_ms)) FILTER (WHERE seen & 56 = 0),
                  count(quality_score) FILTER (WHERE seen & 56 = 0)) || ']'
                FROM agent_execution_logs WHERE agent_name = ? AND completed_at >= ? AND completed_at < ?""",
                series.agent(),
                to.minus(length),
                to));
  }

  private static String value(String sql, Object... parameters) throws Exception {
    try (Connection connection = database.connect();
        PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < parameters.length; i++) {
        Object value = parameters[i];
        statement.setObject(i + 1, value instanceof Instant t ? t.atOffset(ZoneOffset.UTC) : value);
      }
      try (ResultSet rows = statement.executeQuery()) {
        rows.next();
        return rows.getString(1);
      }
    }
  }
}
