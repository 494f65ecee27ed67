package io.agentlog.insight.handler;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.backends.Postgres;
import io.agentlog.insight.Dashboards;
import io.agentlog.insight.MadeTables;
import io.agentlog.json.JsonReader;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Goal: the trends of tokens and cost say what the rows say, and a cost is a sum of one currency.
 * Method: rows written by SQL, the real rollup, the real server asked over HTTP.
 */
@Timeout(120)
class UsageTrendsIT {
  private static final String SUMS =
      """
      SELECT sum(input_tokens), sum(output_tokens), sum(cache_read_tokens), sum(model_calls), sum(tool_calls),
             count(coalesce(input_tokens, output_tokens)), count(cost), sum(cost)
      FROM agent_execution_logs WHERE completed_at IS NOT NULL\
      """;

  private Postgres database;
  private Dashboards dashboard;

  @BeforeEach
  void open() throws Exception {
    database = MadeTables.empty();
    dashboard = Dashboards.start(database);
  }

  @AfterEach
  void close() {
    dashboard.close();
    database.close();
  }

  private String page(String path) throws Exception {
    return dashboard.get(path).body();
  }

  private Map<String, Object> json(String path) throws Exception {
    return JsonReader.parse(page(path).getBytes(UTF_8));
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> map(Map<String, Object> json, String... keys) {
    Map<String, Object> found = json;
    for (String key : keys) {
      found = (Map<String, Object>) found.get(key);
    }
    return found;
  }

  @SuppressWarnings("unchecked")
  private static List<Map<String, Object>> list(Map<String, Object> json, String key) {
    return (List<Map<String, Object>>) json.get(key);
  }

  private long[] sums() throws Exception {
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(SUMS)) {
      row.next();
      long[] sums = new long[8];
      for (int i = 0; i < 7; i++) {
        sums[i] = row.getLong(i + 1);
      }
      sums[7] = row.getBigDecimal(8).movePointRight(9).longValueExact();
      return sums;
    }
  }

  @Test
  void trendsSayWhatTheRowsSay() throws Exception {
    MadeTables.addUsage(database);
    // A provisional end was paid for too.
    database.execute(
        "UPDATE agent_execution_logs SET seen = 19 WHERE status = 'failed' AND agent_name ="
            + " 'assistant'");
    MadeTables.rollUp(database);
    long[] sums = sums();
    Map<String, Object> all = map(json("/agents.json?from=30d"), "all");
    assertThat((Long) all.get("provisional")).isPositive();
    assertThat(map(all, "used", "usage"))
        .containsEntry("input_tokens", sums[0])
        .containsEntry("output_tokens", sums[1])
        .containsEntry("cache_read_tokens", sums[2])
        .containsEntry("model_calls", sums[3])
        .containsEntry("tool_calls", sums[4])
        .containsEntry("currency", "USD")
        .hasEntrySatisfying(
            "cost",
            cost ->
                assertThat((BigDecimal) cost).isEqualByComparingTo(BigDecimal.valueOf(sums[7], 9)));
    assertThat(map(all, "used"))
        .containsEntry("token_count", sums[5])
        .containsEntry("cost_count", sums[6]);
    assertThat(page("/agents?from=30d")).contains("Tokens", "Cost", "1 execution has no price");
  }

  @Test
  void agentsAreInTheOrderThatIsAskedFor() throws Exception {
    MadeTables.addUsage(database);
    MadeTables.rollUp(database);
    List<Double> costs = new ArrayList<>();
    for (Map<String, Object> agent : list(json("/agents.json?from=30d&sort=cost"), "agents")) {
      Object cost = map(agent, "summary", "used", "usage").get("cost");
      costs.add(cost == null ? -1 : ((BigDecimal) cost).doubleValue());
    }
    assertThat(costs).isSortedAccordingTo(Comparator.reverseOrder()).contains(-1.0);
    assertThat(costs.get(0)).isPositive();
    assertThat(page("/agents?from=30d&sort=cost"))
        .contains("sort=cost\" aria-current=\"true\">cost</a>");
    assertThat(list(json("/agents.json?from=30d"), "agents"))
        .extracting(agent -> (Long) map(agent, "summary").get("ended"))
        .isSortedAccordingTo(Comparator.reverseOrder());
    assertThat(page("/agents?sort=price"))
        .contains("one of executions, failures, p95, tokens, cost");
  }

  @Test
  void agentHasACourseAndItsModels() throws Exception {
    MadeTables.addUsage(database);
    MadeTables.rollUp(database);
    Map<String, Object> agent = json("/agents/assistant.json?from=2d&compare=previous");
    assertThat(
            list(agent, "points").stream()
                .filter(point -> map(point, "used", "usage").get("cost") != null)
                .count())
        .isGreaterThan(20);
    List<Map<String, Object>> models = list(map(agent, "models"), "rows");
    assertThat(models)
        .extracting(model -> model.get("name"))
        .containsExactly("gpt-4o-2024-08-06", "gpt-4o-mini-2024-07-18");
    assertThat((Long) models.get(0).get("failed")).isPositive();
    assertThat(map(models.get(0), "usage")).containsEntry("currency", "USD");
    assertThat(page("/agents/assistant?from=2d&compare=previous"))
        .contains(
            "data-chart=\"tokens\"",
            "data-chart=\"cost\"",
            "Tokens, each",
            "Cost, each",
            "% cached");
    assertThat(page("/agents/desk?from=2d"))
        .doesNotContain("data-chart=\"tokens\"", "id=\"models-title\"");
    assertThat(page("/agents/summarizer?from=2d"))
        .contains("data-chart=\"tokens\"")
        .doesNotContain("data-chart=\"cost\"");
  }

  @Test
  void callsOfModelsThatHandOnAreNotCounted() throws Exception {
    MadeTables.addUsage(database);
    MadeTables.rollUp(database);
    assertThat(list(map(json("/agents/researcher.json?from=2d"), "models"), "rows"))
        .extracting(
            model -> model.get("name"), model -> model.get("calls"), model -> model.get("failed"))
        .containsExactly(org.assertj.core.groups.Tuple.tuple("claude-sonnet-4-5", 2L, 1L));
  }

  @Test
  void costsOfSeveralCurrenciesAreNoSum() throws Exception {
    MadeTables.addUsage(database);
    database.execute(
        "UPDATE agent_execution_logs SET cost_currency = 'EUR' WHERE agent_name = 'researcher'");
    MadeTables.rollUp(database);
    Map<String, Object> agents = json("/agents.json?from=30d");
    assertThat(map(agents, "all", "used", "usage"))
        .containsEntry("cost", null)
        .containsEntry("currency", "several");
    assertThat(list(agents, "agents"))
        .filteredOn(row -> row.get("agent").equals("researcher"))
        .allSatisfy(
            row ->
                assertThat(map(row, "summary", "used", "usage")).containsEntry("currency", "EUR"));
    assertThat(page("/agents?from=30d")).contains("of several currencies");
    // Within one row of the trends.
    database.execute(
        "UPDATE agent_execution_logs SET agent_name = 'assistant', project_name = 'desk',"
            + " cost_currency = 'EUR' WHERE agent_name = 'researcher'; TRUNCATE"
            + " agent_insight_rollup, agent_insight_state");
    MadeTables.rollUp(database);
    assertThat(map(json("/agents/assistant.json?from=30d"), "summary", "used", "usage"))
        .containsEntry("cost", null)
        .containsEntry("currency", "several");
  }

  @Test
  void lastHourStandsOnTheLivePage() throws Exception {
    MadeTables.addUsage(database);
    MadeTables.rollUp(database);
    assertThat(list(json("/live.json"), "figures"))
        .extracting(figure -> figure.get("name"))
        .contains("Tokens", "Cost");
  }

  @Test
  void executionsWithoutModelsHaveNoFiguresOfThem() throws Exception {
    database.execute(
        """
        INSERT INTO agent_execution_logs (execution_id, correlation_id, agent_name, status, started_at, completed_at, duration_us, seen)
        SELECT gen_random_uuid(), gen_random_uuid(), 'plain', 'success', now() - n * interval '1 minute', now() - n * interval '1 minute', 1, 7
        FROM generate_series(1, 30) AS n\
        """);
    MadeTables.rollUp(database);
    for (String path : List.of("/", "/agents", "/agents/plain")) {
      assertThat(page(path)).contains("plain").doesNotContain("Tokens", "Cost");
    }
  }

  @Test
  void tablesOfAnOlderDashboardAreTold() throws Exception {
    MadeTables.addUsage(database);
    database.execute("ALTER TABLE agent_insight_rollup DROP COLUMN cost_currency");
    assertThat(page("/agents"))
        .contains("those of an older dashboard", "agentlog-insight.jar migrate");
    assertThat(dashboard.get("/").statusCode()).isEqualTo(200);
  }
}
