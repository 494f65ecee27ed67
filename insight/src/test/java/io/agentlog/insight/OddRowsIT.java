package io.agentlog.insight;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.insight.page.Links;
import io.agentlog.insight.rollup.Migrate;
import java.net.URI;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Goal: no row takes a page away, whatever another logger has written. Method: rows with marks for
 * times, huge numbers and huge texts, and a visit to every page that reads rows.
 */
@Timeout(120)
class OddRowsIT extends RowPages {
  private static final List<String> LISTS =
      List.of(
          "/",
          "/executions",
          "/executions?undated=yes",
          "/executions?status=in_progress",
          "/instances",
          "/agents",
          "/agents/odd",
          "/routing",
          "/quality",
          "/errors",
          "/prompts");

  private void makeTrends() throws Exception {
    new Migrate(Dashboards.config(database)).run(line -> {});
    database.execute(
        "INSERT INTO agent_insight_state (key, cursor) VALUES ('rollup', now()), ('decisions', now()), ('prompts', now())"
            + " ON CONFLICT (key) DO UPDATE SET cursor = now()");
  }

  private void visit(int rows) throws Exception {
    for (String path : LISTS) {
      page(path);
      page(
          path.contains("?")
              ? path.replace("?", ".json?")
              : path.equals("/") ? "/live.json" : path + ".json");
    }
    for (int n = 1; n <= rows; n++) {
      for (String path : List.of("/executions/" + id(n), "/requests/" + request(n))) {
        page(path);
        page(path + ".json");
      }
    }
  }

  private static String request(int n) {
    return "019b7cde-0a63-7b41-8d52-%012d".formatted(n);
  }

  @Test
  void marksInPlaceOfTimesTakeNoPageAway() throws Exception {
    makeTrends();
    List<String> times =
        List.of(
            "NULL",
            "'infinity'",
            "'-infinity'",
            "'0044-03-15 BC'",
            "'0001-01-01'",
            "'9999-12-31'",
            "'290000-01-01'");
    int n = 0;
    for (String time : times) {
      for (String status : List.of("in_progress", "failed")) {
        n++;
        database.execute(
            """
            INSERT INTO agent_instances (instance_id, service, since, renewed_at, lease_until)
            VALUES ('$1', 'odd', coalesce($T, now()), coalesce($T, now()), now() + interval '1 hour');
            INSERT INTO agent_execution_logs (execution_id, correlation_id, agent_name, status, started_at, completed_at, created_at,
              updated_at, instance_id, user_prompt_sha256)
            VALUES ('$1', '$R', 'odd', '$S', $T, NULL, coalesce($T, now()), coalesce($T, now()), '$1', '../x'),
              (gen_random_uuid(), '$R', 'odd', '$S', now() - interval '9 s', $T, now(), now(), '$1', NULL),
              (gen_random_uuid(), '$R', 'odd', '$S', $T, now(), now(), now(), NULL, NULL);
            INSERT INTO agent_execution_progress (execution_id, seq, stage, occurred_at) VALUES ('$1', 2, 'a', $T), ('$1', 3, 'b', now());
            INSERT INTO agent_routing_decisions (id, correlation_id, created_at) VALUES ('$1', '$R', coalesce($T, now()))"""
                .replace("$1", id(n))
                .replace("$R", request(n))
                .replace("$S", status)
                .replace("$T", time + "::timestamptz"));
      }
    }
    visit(n);
    assertThat(list(json("/live.json"), "ended")).hasSize(times.size()); // No end of tomorrow.
  }

  @Test
  void stageDurationsThatNoClockMeasuresTakeNoPageAway() throws Exception {
    String[] durations = {"1e400", "1e308", "1e20", "-1e15", "1e-400", "12.5"};
    database.execute(
        "INSERT INTO agent_execution_logs (execution_id, correlation_id, status, started_at, completed_at)"
            + " VALUES ('%s', '%s', 'success', now(), now())".formatted(id(1), request(1)));
    for (int i = 0; i < durations.length; i++) {
      database.execute(
          "INSERT INTO agent_execution_progress (execution_id, seq, stage, occurred_at, metadata)"
              + " VALUES ('%s', %s, 's', now(), '{\"stage_duration_ms\": %s}')"
                  .formatted(id(1), i, durations[i]));
    }
    page("/requests/" + request(1));
    assertThat(list(json("/executions/" + id(1) + ".json"), "stages"))
        .extracting(stage -> stage.get("took_micros"))
        .containsExactly(null, null, null, null, 0L, 12_500L);
    assertThat(page("/executions/" + id(1))).contains("stage_duration_ms", "100000000000000000000");
  }

  @Test
  void hugeNamesAreCutInLists() throws Exception {
    makeTrends();
    database.execute(
        """
        INSERT INTO agent_instances (instance_id, service, report) VALUES ('$1', $T, jsonb_build_object('version', $T));
        INSERT INTO agent_routing_decisions (id, correlation_id, selected_agent, routing_strategy, confidence_score, alternatives,
          created_at) VALUES ('$1', '$R', $T, $T, 0.9, to_jsonb($T), now());
        INSERT INTO agent_execution_logs (execution_id, correlation_id, agent_name, project_name, status, started_at, completed_at,
          error_type, quality_score, instance_id, routing_decision_id, metadata)
        SELECT $I, '$R', 'odd', $T, s, now() - interval '2 s', now(), $T, 0.1, '$1', '$1',
          jsonb_build_object('progress', jsonb_build_object('stage', $T, 'percent', $T))
        FROM unnest(ARRAY['in_progress', 'failed']) AS s;
        INSERT INTO agent_execution_progress (execution_id, seq, stage, occurred_at, metadata)
        SELECT execution_id, 1, $T, now(), jsonb_build_object('error_type', $T) FROM agent_execution_logs"""
            .replace(
                "$I",
                "CASE WHEN s = 'failed' THEN '" + id(1) + "'::uuid ELSE gen_random_uuid() END")
            .replace("$1", id(1))
            .replace("$R", request(1))
            .replace("$T", "repeat('x', 1048576)"));
    for (String path : LISTS) {
      assertThat(page(path)).as(path).hasSizeLessThan(200_000);
    }
    assertThat(page("/requests/" + request(1))).hasSizeLessThan(200_000).contains("xxx…");
    Map<String, Object> one = json("/executions/" + id(1) + ".json");
    assertThat(one.get("stages") + "" + one.get("decisions")).hasSizeLessThan(5_000);
    assertThat(list(json("/executions.json?project=" + "y".repeat(400)), "rows")).isEmpty();
    database.execute("UPDATE agent_execution_logs SET project_name = repeat('y', 400)");
    assertThat(list(json("/executions.json?project=" + "y".repeat(400)), "rows")).hasSize(2);
  }

  @Test
  void textsUnderKeysOfAgentlogStayHidden() throws Exception {
    database.execute(
        """
        INSERT INTO agent_execution_logs (execution_id, correlation_id, status, started_at, metadata) VALUES ('$1', '$R', 'success', now(),
          '{"completed_at": "secret", "error_type": "secret", "progress.stage": "secret", "a": {"progress": {"stage": "secret"}},
            "progress": {"stage": "load", "updated_at": "secret", "own": "secret", "error_type": "secret"}}');
        INSERT INTO agent_execution_progress (execution_id, seq, stage, occurred_at, metadata) VALUES
          ('$1', 1, 'a', now(), '{"error_type": "secret", "progress": {"stage": "secret"}, "completed_at": "secret"}'),
          ('$1', 2, 'a', now(), '{"stage_duration_ms": 3, "error_type": "a secret"}'),
          ('$1', 3, 'a', now(), '{"stage_duration_ms": 3, "error_type": "IOException"}');
        INSERT INTO agent_routing_decisions (id, correlation_id, alternatives, created_at) VALUES
          ('$1', '$R', '{"progress": {"stage": "secret"}, "error_type": "secret", "correlation_id_raw": "secret"}', now())"""
            .replace("$1", id(1))
            .replace("$R", request(1)));
    for (String path : List.of("/executions/" + id(1), "/requests/" + request(1))) {
      assertThat(page(path) + page(path + ".json")).doesNotContain("secret");
    }
    assertThat(page("/executions/" + id(1))).contains("IOException", "load");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/executions?to=-1000000000-01-01T00:00:00Z",
        "/executions?to=%2B999999998-01-01T00:00:00Z&from=%2B999999997-12-31T00:00:00Z",
        "/executions?before=%2B999999998-01-01T00:00:00Z_019b7cde-0a63-7b41-9d52-000000000001",
        "/agents/odd?from=-999999999-01-01T00:00:00Z&to=-999999999-06-01T00:00:00Z",
        "/agents/odd?compare_from=-999999999-01-01T00:00:00Z&compare_to=-999999999-06-01T00:00:00Z"
      })
  void yearsThatNoCalendarHasAreRefused(String path) throws Exception {
    makeTrends();
    HttpResponse<String> answer = get(path);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
  }

  @ParameterizedTest
  @ValueSource(strings = {"report.json", ".json", "..", ".", "report.json/x", "a"})
  void agentWhoseNameAPathCantHoldHasAPage(String name) throws Exception {
    makeTrends();
    String link = Links.agent("", name);
    assertThat(URI.create(link).normalize()).hasToString(link);
    assertThat(page(link)).startsWith("<!").contains("<title>" + name);
    String json = link.contains("?") ? link.replace("?", ".json?") : link + ".json";
    assertThat(json(json)).containsEntry("agent", name);
    String shorter = ((Map<?, ?>) json(json).get("filters")).get("path") + "";
    assertThat(page(shorter + "?from=1h&name=" + name)).contains("<title>" + name);
  }
}
