package io.agentlog.insight.handler;

import static io.agentlog.insight.handler.TrendFixture.list;
import static io.agentlog.insight.handler.TrendFixture.map;
import static io.agentlog.insight.handler.TrendFixture.number;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.agentlog.insight.MadeTables;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Goal: the pages of trends say what the agent's rows say. Method: 6,000 executions of 90 days in a
 * real database, pages over HTTP, and the same figures from the rows by SQL.
 */
@Timeout(120)
class TrendPagesIT {
  private static final String REAL =
      " FROM agent_execution_logs WHERE completed_at >= ?::timestamptz AND completed_at < ?::timestamptz"
          + " AND seen & 56 = 0 AND agent_name = ?";

  @SuppressWarnings("NullAway.Init")
  private static TrendFixture made;

  @BeforeAll
  static void start() throws Exception {
    made = new TrendFixture(MadeTables.busy(6_000), false);
    made.fill();
  }

  @AfterAll
  static void stop() {
    made.close();
  }

  @Test
  void figuresOfEachAgentAreThoseOfItsRows() throws Exception {
    for (String from : List.of("3h", "2d", "30d")) {
      Map<String, @Nullable Object> page = made.json("/agents.json?from=" + from);
      Map<String, @Nullable Object> window = map(page.get("window"));
      List<Map<String, @Nullable Object>> agents = list(page.get("agents"));
      assertThat(agents).hasSizeGreaterThan(10);
      for (Map<String, @Nullable Object> agent : agents) {
        Map<String, @Nullable Object> found = map(agent.get("summary"));
        List<@Nullable Object> rows =
            made.row(
                "SELECT count(*), count(*) FILTER (WHERE status = 'failed'), count(*) FILTER (WHERE status = 'cancelled'),"
                    + " count(*) FILTER (WHERE parent_execution_id IS NULL), count(quality_score), avg(quality_score),"
                    + " percentile_disc(0.5) WITHIN GROUP (ORDER BY duration_us), percentile_disc(0.95) WITHIN GROUP (ORDER BY duration_us),"
                    + " percentile_disc(0.99) WITHIN GROUP (ORDER BY duration_us)"
                    + REAL,
                window.get("from"),
                window.get("to"),
                agent.get("agent"));
        String[] counts = {"ended", "failed", "cancelled", "roots", "scored"};
        for (int i = 0; i < counts.length; i++) {
          assertThat(found.get(counts[i])).as("%s of %s", counts[i], agent).isEqualTo(rows.get(i));
        }
        if (rows.get(5) != null) {
          assertThat(number(found.get("quality_mean")))
              .isCloseTo(number(rows.get(5)), within(1e-9));
        }
        String[] quantiles = {"p50_micros", "p95_micros", "p99_micros"};
        for (int i = 0; i < quantiles.length && number(rows.get(0)) > 0; i++) {
          assertThat(number(found.get(quantiles[i])) / number(rows.get(6 + i)))
              .as("%s of %s", quantiles[i], agent)
              .isBetween(0.989, 1.011);
        }
      }
    }
  }

  @Test
  void twoWindowsOfAnAgentAreComparedByTheirRows() throws Exception {
    Map<String, @Nullable Object> page = made.json("/agents/support-router.json?from=14d");
    Map<String, @Nullable Object> both = map(page.get("comparison"));
    Map<String, @Nullable Object> window = map(page.get("window"));
    Map<String, @Nullable Object> earlier = map(both.get("before_window"));
    assertThat(earlier.get("to")).isEqualTo(window.get("from"));
    assertThat(number(map(both.get("before")).get("ended")))
        .isEqualTo(
            made.value(
                "SELECT count(*)" + REAL,
                earlier.get("from"),
                earlier.get("to"),
                "support-router"));
    for (String[] pair :
        new String[][] {{"duration_us", "duration_delta"}, {"quality_score", "quality_delta"}}) {
      double delta =
          made.value(
              "SELECT avg(sign(a.%1$s - b.%1$s)) FROM (SELECT %1$s%2$s) a, (SELECT %1$s%2$s) b"
                  .formatted(pair[0], REAL),
              window.get("from"),
              window.get("to"),
              "support-router",
              earlier.get("from"),
              earlier.get("to"),
              "support-router");
      assertThat(number(both.get(pair[1]))).isCloseTo(delta, within(0.02)); // Bins make more ties.
    }
    assertThat(made.get("/agents/support-router?from=14d").body())
        .contains("Cliff’s delta", "data-points=", "uPlot.iife.min.js");
  }

  @Test
  void anotherWindowIsComparedIfTheAddressNamesOne() throws Exception {
    Map<String, @Nullable Object> page =
        made.json("/agents/translator.json?from=2d&compare_from=30d&compare_to=20d");
    assertThat(map(page.get("comparison")).get("kind")).isEqualTo("explicit");
    assertThat(number(map(map(page.get("comparison")).get("before")).get("ended"))).isPositive();
    assertThat(made.json("/agents/translator.json?compare=none").get("comparison")).isNull();
    assertThat(made.get("/agents/translator?compare=nothing").statusCode()).isEqualTo(400);
  }

  @Test
  void groupsOfErrorsHaveAllFailuresOfTheRows() throws Exception {
    Map<String, @Nullable Object> page = made.json("/errors.json?from=20d");
    Map<String, @Nullable Object> window = map(page.get("window"));
    assertThat(number(page.get("failures")))
        .isEqualTo(
            made.value(
                "SELECT count(*) FROM agent_execution_logs WHERE status = 'failed'"
                    + " AND completed_at >= ?::timestamptz AND completed_at < ?::timestamptz",
                window.get("from"),
                window.get("to")))
        .isPositive();
    Map<String, @Nullable Object> group = list(page.get("groups")).get(0);
    assertThat(group.get("pattern")).isNull();
    assertThat(
            made.row(
                "SELECT error_type, agent_name FROM agent_execution_logs WHERE execution_id = ?::uuid",
                group.get("example")))
        .containsExactly(group.get("type"), group.get("agent"));
  }

  @Test
  void aGroupIsNewIfTheWeekBeforeHadNone() throws Exception {
    for (Map<String, @Nullable Object> group :
        list(made.json("/errors.json?from=3d").get("groups"))) {
      Map<String, @Nullable Object> window = map(made.json("/errors.json?from=3d").get("window"));
      boolean isKnown =
          made.value(
                  "SELECT count(*) FROM agent_insight_errors WHERE level = 2 AND agent_name = ? AND error_type = ?"
                      + " AND fingerprint = ? AND bucket < ?::timestamptz AND bucket >= ?::timestamptz - interval '7 days'",
                  group.get("agent"),
                  group.get("type"),
                  group.get("fingerprint"),
                  window.get("from"),
                  window.get("from"))
              > 0;
      assertThat(group.get("is_new")).as("%s", group).isEqualTo(!isKnown);
    }
  }

  @Test
  void repeatedPromptsAreThoseOfTheRows() throws Exception {
    Map<String, @Nullable Object> page = made.json("/prompts.json?from=30d");
    Map<String, @Nullable Object> prompt = list(page.get("prompts")).get(0);
    Map<String, @Nullable Object> window = map(page.get("window"));
    double times =
        made.value(
            "SELECT sum(n) FROM (SELECT count(*) AS n FROM agent_execution_logs WHERE user_prompt_sha256 = ?"
                + " AND completed_at >= ?::timestamptz AND completed_at < ?::timestamptz AND seen & 56 = 0"
                + " GROUP BY agent_name, project_name, date_trunc('day', completed_at, 'UTC') HAVING count(*) > 1) AS days",
            prompt.get("sha256"),
            window.get("from"),
            window.get("to"));
    assertThat(number(prompt.get("times"))).isEqualTo(times);
    assertThat(prompt.get("text")).isNull();
    Map<String, @Nullable Object> one = made.json("/prompts/" + prompt.get("sha256") + ".json");
    assertThat(list(one.get("executions"))).isNotEmpty();
    assertThat(made.get("/prompts/" + "0".repeat(64)).statusCode()).isEqualTo(404);
    assertThat(made.get("/prompts/me").body()).contains("64 hexadecimal digits");
  }

  @Test
  void scoresAndStagesAreThoseOfTheRows() throws Exception {
    Map<String, @Nullable Object> page = made.json("/quality.json?from=2d");
    Map<String, @Nullable Object> window = map(page.get("window"));
    double scored =
        made.value(
            "SELECT count(quality_score) FROM agent_execution_logs WHERE seen & 56 = 0"
                + " AND completed_at >= ?::timestamptz AND completed_at < ?::timestamptz",
            window.get("from"),
            window.get("to"));
    assertThat(number(map(page.get("all")).get("scored"))).isEqualTo(scored).isPositive();
    double sum = 0;
    for (Object bar : (List<?>) Objects.requireNonNull(page.get("distribution"))) {
      sum += number(bar);
    }
    assertThat(sum).isEqualTo(scored);
    assertThat(number(page.get("stages_looked_at"))).isPositive();
    assertThat(list(page.get("sequences"))).isNotEmpty();
    assertThat(list(page.get("lowest")).get(0).get("quality")).isNotNull();
  }

  @Test
  void livePageKnowsUsualDurationsAndTheLastHour() throws Exception {
    Map<String, @Nullable Object> page = made.json("/live.json");
    assertThat(page.get("note")).isNull();
    assertThat(list(page.get("figures")))
        .extracting(figure -> figure.get("name"))
        .containsExactly("Running", "Executions", "Failure rate", "p95");
    assertThat(list(page.get("running"))).anyMatch(run -> run.get("usual_micros") != null);
    double ended =
        made.value(
            "SELECT count(*) FROM agent_execution_logs WHERE seen & 56 = 0"
                + " AND completed_at >= date_trunc('minute', now() - interval '1 hour')");
    String shown = String.valueOf(list(page.get("figures")).get(1).get("value")).replace(" ", "");
    assertThat(Double.parseDouble(shown))
        .isCloseTo(ended, within(40.0)); // A minute may have passed.
  }

  @Test
  void hiddenTextsAreInNoPage() throws Exception {
    String prompt =
        String.valueOf(
            made.row("SELECT user_prompt FROM agent_execution_logs WHERE status = 'failed' LIMIT 1")
                .get(0));
    assertThat(prompt).hasSizeGreaterThan(20);
    for (String path : List.of("/prompts?from=90d", "/errors?from=90d", "/routing?from=90d")) {
      assertThat(made.get(path).body())
          .doesNotContain("reference ", "retry after", "is one of its triggers")
          .contains("UTC");
    }
  }
}
