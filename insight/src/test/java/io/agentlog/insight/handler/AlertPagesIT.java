package io.agentlog.insight.handler;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.backends.Backends;
import io.agentlog.backends.Postgres;
import io.agentlog.insight.Dashboards;
import io.agentlog.insight.MadeTables;
import io.agentlog.json.BrokenLineException;
import io.agentlog.json.JsonReader;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Goal: the page of alerts says what the tables say, in words, and what is missing. */
@Timeout(180)
class AlertPagesIT {
  private static final String INCIDENT = "019b7cde-0a63-7b41-9d52-00000000000";

  private static Postgres database;
  private static Dashboards dashboard;

  @BeforeAll
  static void start() throws Exception {
    database = MadeTables.empty();
    MadeTables.addAlerts(database);
    database.execute(
        """
        INSERT INTO agent_execution_logs (execution_id, agent_name, status, started_at, completed_at, duration_ms, kind, seen, progress_seq)
        SELECT gen_random_uuid(), 'support-router', 'success', now() - n * interval '1 min', now() - n * interval '1 min', 1, 'method', 7, 1
        FROM generate_series(1, 6) AS n""");
    MadeTables.addAssessments(database);
    dashboard = Dashboards.start(database);
  }

  @AfterAll
  static void stop() {
    dashboard.close();
    database.close();
  }

  @Test
  void alertsAreListedByState() throws Exception {
    Map<String, @Nullable Object> page = json(dashboard, "/alerts");
    assertThat(titles(page, "firing"))
        .containsExactly("failures support-router", "slower refund-agent");
    assertThat(titles(page, "pending")).containsExactly("worse content-desk");
    assertThat(titles(page, "recovering")).containsExactly("hung research-planner");
    assertThat(titles(page, "quiet"))
        .containsExactlyInAnyOrder(
            "worse code-review-lead",
            "failures incident-desk",
            "failures billing-router",
            "failures research-planner");
    assertThat(titles(page, "resolved")).containsExactly("failures research-planner");
    assertThat(TrendFixture.list(page.get("undelivered")))
        .extracting(message -> message.get("state") + " " + message.get("last_error"))
        .containsExactly(
            "waiting pager answered 500", "undeliverable pager did not answer within 5 s");
    assertThat(TrendFixture.list(page.get("channels")))
        .extracting(channel -> channel.get("name") + " " + channel.get("waiting"))
        .containsExactly("ops 0", "pager 1");
    assertThat(TrendFixture.list(page.get("gaps"))).hasSize(1);
    assertThat(page.get("note")).isNull();
  }

  @Test
  void evidenceIsSaidInWords() throws Exception {
    String page = dashboard.get("/alerts").body();
    assertThat(page)
        .contains("12.4 % of the executions of support-router fail")
        .contains("12.4 %, 48 of 387 executions")
        .contains("1.9 %, 312 of 16 402 executions in 56 comparable windows")
        .contains("6.5 times as much, 10.5 points more")
        .contains("by chance less than once in a trillion looks")
        .contains("the rule asks for once in 4.8 million looks or rarer")
        .contains("2.0 times as long, 2.50 s more")
        .contains("0.13 lower; Cliff’s delta −0.36, which is medium")
        .contains("counted one by one");
  }

  @Test
  void linksLeadToTheAgentComparedWithItsBaselineAndToTheExecutions() throws Exception {
    Map<String, @Nullable Object> alert =
        TrendFixture.list(json(dashboard, "/alerts").get("firing")).get(0);
    List<String> paths =
        TrendFixture.list(alert.get("next")).stream()
            .map(next -> String.valueOf(next.get("path")))
            .toList();
    assertThat(paths.get(0)).startsWith("/agents/support-router?from=").contains("&compare_from=");
    assertThat(paths.get(1)).startsWith("/errors?agent=support-router&from=");
    assertThat(paths.get(2))
        .startsWith("/executions?agent=support-router")
        .contains("status=failed");
    for (String path : paths.subList(0, 3)) {
      assertThat(dashboard.get(path).statusCode()).as(path).isEqualTo(200);
    }
  }

  @Test
  void anIncidentHasItsHistoryAndItsMessages() throws Exception {
    Map<String, @Nullable Object> page = json(dashboard, "/alerts/" + INCIDENT + "4");
    assertThat(TrendFixture.list(page.get("events")))
        .extracting(event -> event.get("name"))
        .containsExactly("resolved", "recovering", "firing");
    assertThat(TrendFixture.list(page.get("messages")))
        .extracting(message -> message.get("kind") + " " + message.get("state"))
        .containsExactlyInAnyOrder(
            "resolved delivered", "firing undeliverable", "firing delivered");
    assertThat(dashboard.get("/alerts/" + INCIDENT + "4").body())
        .contains("2.1 % of the executions");
    assertThat(dashboard.get("/alerts/" + INCIDENT + "9").statusCode()).isEqualTo(404);
    assertThat(dashboard.get("/alerts/x").statusCode()).isEqualTo(404);
  }

  @Test
  void qualityKeepsVersionsOfARuleApart() throws Exception {
    Map<String, @Nullable Object> page = json(dashboard, "/quality");
    assertThat(TrendFixture.list(page.get("assessed")))
        .extracting(
            row ->
                "%s %s %s %s %s"
                    .formatted(
                        row.get("agent"),
                        row.get("rule"),
                        String.valueOf(row.get("version")).substring(0, 2),
                        row.get("assessed"),
                        row.get("failed")))
        .containsExactly(
            "billing-router good d4 720 24",
            "billing-router pattern c3 720 0",
            "support-router pattern a1 480 12",
            "support-router pattern b2 504 72");
    assertThat(TrendFixture.list(page.get("deviations")))
        .extracting(row -> row.get("n") + " " + row.get("text"))
        .containsExactly(
            "4 after validate expected retrieve-context, was the end",
            "2 after retrieve-context expected choose-agent, was compose-answer");
    assertThat(dashboard.get("/quality?agent=billing-router").body())
        .contains("d4d4d4d4")
        .doesNotContain("b2b2b2b2");
  }

  @Test
  void allPagesSayHowManyAlertsFire() throws Exception {
    assertThat(dashboard.get("/instances").body()).contains(">2 firing<");
    assertThat(dashboard.get("/").body()).contains("Alerts that fire").contains("support-router");
    HttpResponse<String> refused =
        dashboard
            .client()
            .send(
                java.net.http.HttpRequest.newBuilder(dashboard.uri("/")).build(),
                HttpResponse.BodyHandlers.ofString());
    assertThat(refused.statusCode()).isEqualTo(401);
    assertThat(refused.body()).doesNotContain("firing<");
  }

  @Test
  void pageWithoutRulesOrTablesSaysWhatToDo() throws Exception {
    try (Postgres empty = MadeTables.empty();
        Dashboards shown = Dashboards.start(empty)) {
      assertThat(shown.get("/alerts").body()).contains("--rules FILE").contains("docs/alerts.md");
      empty.execute("DROP TABLE agent_insight_outbox");
      assertThat(json(shown, "/alerts").get("note"))
          .asString()
          .contains("java -jar agentlog-insight.jar migrate");
    }
    try (Postgres bare = Backends.postgres().newDatabase();
        Dashboards shown = Dashboards.start(bare)) {
      assertThat(shown.get("/alerts").statusCode()).isEqualTo(200);
      assertThat(shown.get("/alerts/" + INCIDENT + "1").statusCode()).isEqualTo(404);
    }
  }

  @Test
  void looksThatAreOldAreReported() throws Exception {
    try (Postgres old = MadeTables.empty();
        Dashboards shown = Dashboards.start(old)) {
      MadeTables.addAlerts(old);
      old.execute("UPDATE agent_insight_alerts SET last_look = now() - interval '11 minutes'");
      assertThat(json(shown, "/alerts").get("note"))
          .asString()
          .startsWith("No dashboard has looked at the rules since");
    }
  }

  private static List<String> titles(Map<String, @Nullable Object> page, String list) {
    return TrendFixture.list(page.get(list)).stream()
        .map(one -> one.get("rule") + " " + TrendFixture.map(one.get("about")).get("agent"))
        .toList();
  }

  private static Map<String, @Nullable Object> json(Dashboards shown, String path)
      throws IOException, InterruptedException, BrokenLineException {
    HttpResponse<String> answer = shown.get(path + ".json");
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return JsonReader.parse(answer.body().getBytes(StandardCharsets.UTF_8));
  }
}
