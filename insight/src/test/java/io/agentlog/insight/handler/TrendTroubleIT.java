package io.agentlog.insight.handler;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.backends.Backends;
import io.agentlog.backends.Postgres;
import io.agentlog.insight.Dashboards;
import io.agentlog.insight.MadeTables;
import io.agentlog.insight.page.Links;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Goal: a page of trends says what is missing and what to run, whatever is the matter, and shows
 * any name. Method: databases without tables, rights or rows, and with odd names, over HTTP.
 */
@Timeout(120)
class TrendTroubleIT {
  private static final List<String> PAGES =
      List.of("/agents", "/agents/a", "/routing", "/quality", "/prompts", "/errors", "/");

  @Test
  void pagesSayWhatToRunIfTheTablesAreMissing() throws Exception {
    Postgres database = Backends.postgres().newDatabase();
    Dashboards.makeTables(database);
    try (Dashboards dashboard = Dashboards.start(database)) {
      for (String path : PAGES) {
        HttpResponse<String> answer = dashboard.get(path);
        assertThat(answer.statusCode()).as(path).isEqualTo(200);
        assertThat(answer.body()).as(path).contains("java -jar agentlog-insight.jar migrate");
      }
    } finally {
      database.close();
    }
  }

  @Test
  void pagesNameTheGrantIfTheUserMayNotReadTheTables() throws Exception {
    Postgres database = MadeTables.empty();
    try (TrendFixture made = new TrendFixture(database, false)) {
      String role = "viewer_" + database.database().substring(2, 12);
      database.execute(
          ("CREATE ROLE %1$s LOGIN PASSWORD 'x'; GRANT SELECT ON agent_execution_logs, agent_execution_progress,"
                  + " agent_routing_decisions, agent_instances TO %1$s")
              .formatted(role));
      try (Dashboards dashboard = Dashboards.start(Dashboards.config(database, role, "x"), false)) {
        for (String path : PAGES) {
          HttpResponse<String> answer = dashboard.get(path);
          assertThat(answer.statusCode()).as(path).isEqualTo(200);
          assertThat(answer.body())
              .as(path)
              .contains("GRANT SELECT ON ", "agent_insight_rollup, ", " TO " + role);
        }
      } finally {
        made.dashboard.close();
        database.execute("DROP OWNED BY %1$s; DROP ROLE %1$s".formatted(role));
      }
    }
  }

  @Test
  void pagesSayThatNothingHasFilledTheTables() throws Exception {
    try (TrendFixture made = new TrendFixture(MadeTables.empty(), false)) {
      for (String path : PAGES) {
        assertThat(made.get(path).body()).as(path).contains("nothing has filled them");
      }
    }
  }

  @Test
  void pagesSayHowOldTheFiguresAreAndWhatIsNotCountedYet() throws Exception {
    try (TrendFixture made = new TrendFixture(MadeTables.empty(), false)) {
      made.fill();
      assertThat(made.get("/agents").body())
          .contains("figures 0 s old")
          .doesNotContain("up to date", "still being counted");
      made.database.execute(
          "UPDATE agent_insight_state SET cursor = now() - interval '3 minutes';"
              + " INSERT INTO agent_insight_dirty SELECT duty, now() - interval '2 days', now() - interval '2 hours'"
              + " FROM unnest(ARRAY['rollup', 'decisions', 'prompts']) AS duty");
      assertThat(made.get("/agents").body()).contains("figures 3 min 0 s old", "has brought these");
      assertThat(made.get("/prompts").body()).doesNotContain("has brought these");
      for (String path : PAGES.subList(0, PAGES.size() - 1)) {
        assertThat(made.get(path).body()).as(path).contains("is still being counted");
      }
      assertThat(made.get("/agents?from=1h").body()).doesNotContain("still being counted");
    }
  }

  @Test
  void windowWithoutDataSaysSo() throws Exception {
    try (TrendFixture made = new TrendFixture(MadeTables.empty(), false)) {
      made.fill();
      assertThat(made.get("/agents").body()).contains("No execution ended in this window.");
      assertThat(made.get("/agents/a").body()).contains("No execution of this agent ended");
      assertThat(made.get("/routing").body())
          .contains("No routing decision of this window is counted", "UUID version 7");
      assertThat(made.get("/errors").body()).contains("Nothing failed in this window.");
      assertThat(made.get("/prompts").body()).contains("No prompt was repeated");
      assertThat(made.get("/quality").body()).contains("No execution of this window has a score.");
      assertThat(made.get("/agents?from=0d&to=1d").statusCode()).isEqualTo(400);
    }
  }

  @Test
  void scoreThatIsNoNumberFrom0To1IsNotAmongTheLowest() throws Exception {
    try (TrendFixture made = new TrendFixture(MadeTables.empty(), false)) {
      made.fill();
      made.database.execute(
          """
          INSERT INTO agent_execution_logs (execution_id, agent_name, status, started_at, completed_at, quality_score, seen)
          SELECT gen_random_uuid(), 'a', 'success', now() - interval '1 hour', now() - interval '1 hour', score, 5
          FROM unnest(ARRAY['NaN', '-9.9']::numeric[]) AS score""");
      assertThat(made.get("/quality").body())
          .contains("None of these executions has a score.")
          .doesNotContain("NaN");
    }
  }

  @Test
  void anyNameOfAnAgentHasAPage() throws Exception {
    String name = "a/b?c%d e<f>&\"g'#ü";
    Postgres database = Backends.postgres().newDatabase();
    Dashboards.makeTables(database);
    try (TrendFixture made = new TrendFixture(database, true)) {
      database.execute(
          """
          INSERT INTO agent_execution_logs (execution_id, correlation_id, agent_name, project_name, status, started_at, completed_at,
            duration_us, quality_score, error_type, error_message, user_prompt, user_prompt_sha256, seen)
          SELECT gen_random_uuid(), gen_random_uuid(), $q$%1$s$q$, $q$%1$s$q$, 'failed', now() - interval '70 s', now() - interval '61 s',
            9000000, 0.25, '<b>Bad</b>', 'order 17 of "x" <script>', '<script>alert(1)</script>', repeat('ab', 32), 5
          FROM generate_series(1, 3)"""
              .formatted(name));
      made.fill();
      String segment = Links.segment(name);
      assertThat(made.get("/agents").body()).contains("/agents/" + segment).doesNotContain("e<f>");
      HttpResponse<String> page = made.get("/agents/" + segment);
      assertThat(page.statusCode()).isEqualTo(200);
      assertThat(page.body())
          .contains("e&lt;f&gt;&amp;", "100.0", "agent=" + Links.segment(name).replace("%20", "+"))
          .doesNotContain("e<f>");
      assertThat(made.json("/agents/" + segment + ".json").get("agent")).isEqualTo(name);
      assertThat(made.get("/errors?agent=" + segment).body())
          .contains("order &lt;number&gt; of &lt;quoted&gt; &lt;script&gt;", "&lt;b&gt;Bad")
          .doesNotContain("order 17", "<b>Bad");
      assertThat(made.get("/prompts").body()).contains("&lt;script&gt;alert(1)");
      assertThat(made.get("/quality?agent=" + segment).body()).contains("0.25");
      assertThat(made.get("/quality?agent=other").body()).doesNotContain("0.25<");
    }
  }
}
