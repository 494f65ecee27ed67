package io.agentlog.insight;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Goal: the waterfall shows each execution of a request below its caller, at its time. Method: rows
 * written by SQL; the real server is asked over HTTP.
 */
@Timeout(120)
class RequestPageIT extends RowPages {
  private static final String JVM_A = "00000000-0000-0000-0000-0000000000aa";
  private static final String JVM_B = "00000000-0000-0000-0000-0000000000bb";

  /** Adds an execution that began so many milliseconds after the request. */
  private void add(int n, int parent, int at, Integer length, String status, String instance) {
    String start = "'2026-01-02 03:04:05Z'::timestamptz + %s * interval '1 ms'";
    database.execute(
        """
        INSERT INTO agent_execution_logs (execution_id, parent_execution_id, correlation_id, agent_name, status, started_at,
          completed_at, duration_us, metadata, instance_id, user_prompt, error_message, seen)
        VALUES ('%s', %s, '%s', 'agent-%s', '%s', %s, %s, %s, '{"correlation_id_raw": "order-4711"}', '%s', 'secret', 'secret', 5)"""
            .formatted(
                id(n),
                parent == 0 ? "NULL" : "'" + id(parent) + "'",
                REQUEST,
                n,
                status,
                start.formatted(at),
                length == null ? "NULL" : start.formatted(at + length),
                length == null ? "NULL" : Integer.toString(length * 1_000),
                instance));
  }

  private List<String> lanes() throws Exception {
    return list(json("/requests/order-4711.json"), "lanes").stream()
        .map(lane -> lane.get("depth") + " " + lane.get("agent"))
        .toList();
  }

  @Test
  void eachExecutionStandsBelowItsCaller() throws Exception {
    add(1, 0, 0, 1000, "success", JVM_A);
    add(2, 1, 600, 100, "success", JVM_A);
    add(3, 1, 100, 300, "failed", JVM_A);
    add(4, 3, 200, 50, "cancelled", JVM_A);
    add(5, 9, 50, 10, "success", JVM_A); // Its caller is not there.
    assertThat(lanes())
        .containsExactly("0 agent-1", "1 agent-3", "2 agent-4", "1 agent-2", "0 agent-5");
    String page = page("/requests/" + REQUEST);
    assertThat(page)
        .contains("Request order-4711", "There is an execution whose caller is not among these")
        .doesNotContain("secret", "clocks");
    assertThat(bar(page, "failed")).isEqualTo("x=10.000% width=30.000%");
    assertThat(page("/requests/" + REQUEST + ".json")).doesNotContain("secret");
  }

  /** Place and width of the bar with this status. */
  private static String bar(String page, String status) {
    Matcher bar =
        Pattern.compile("class=\"wf wf-" + status + "\" x=\"(.*?)\" y=\".*?\" width=\"(.*?)\"")
            .matcher(page);
    assertThat(bar.find()).isTrue();
    return "x=" + bar.group(1) + " width=" + bar.group(2);
  }

  @Test
  void executionsThatNameEachOtherAsCallerAreShownOnce() throws Exception {
    add(1, 2, 0, 100, "success", JVM_A);
    add(2, 1, 10, 50, "success", JVM_A);
    assertThat(lanes()).containsExactly("0 agent-1", "1 agent-2");
  }

  @Test
  void clocksThatDifferAreNoted() throws Exception {
    add(1, 0, 0, 1000, "success", JVM_A);
    add(2, 1, -40, 100, "success", JVM_B);
    assertThat(page("/requests/order-4711"))
        .contains("The clocks of the JVMs differ", "by up to 40 ms", "before its caller");
  }

  @Test
  void runningExecutionIsOpenUntilNow() throws Exception {
    add(1, 0, 0, null, "in_progress", JVM_A);
    add(2, 1, 10, 20, "success", JVM_A);
    String page = page("/requests/order-4711");
    assertThat(bar(page, "in_progress")).isEqualTo("x=0.000% width=100.000%");
    assertThat(page).contains("until now");
  }

  @Test
  void stagesAndDecisionsStandInTheirLanes() throws Exception {
    add(1, 0, 0, 1000, "success", JVM_A);
    database.execute(
        """
        INSERT INTO agent_execution_progress (execution_id, seq, stage, occurred_at, metadata) VALUES
          ('$1', 2, 'load', '2026-01-02 03:04:05.100Z', NULL),
          ('$1', 4, 'decide', '2026-01-02 03:04:05.600Z', '{"stage_duration_ms": 200}');
        INSERT INTO agent_routing_decisions (id, correlation_id, selected_agent, reasoning, created_at) VALUES
          ('00000000-0000-0000-0000-0000000000d1', '$R', 'mine', 'secret', '2026-01-02 03:04:05.600Z'),
          ('00000000-0000-0000-0000-0000000000d2', '$R', 'of-others', 'secret', '2026-01-02 03:04:05.700Z');
        UPDATE agent_execution_logs SET routing_decision_id = '00000000-0000-0000-0000-0000000000d1'"""
            .replace("$1", id(1))
            .replace("$R", REQUEST));
    Map<String, Object> page = json("/requests/order-4711.json");
    Map<String, Object> lane = list(page, "lanes").get(0);
    assertThat(list(lane, "stages"))
        .extracting(stage -> stage.get("name") + " " + stage.get("from") + " " + stage.get("to"))
        .containsExactly(
            "load 2026-01-02T03:04:05.100Z 2026-01-02T03:04:05.400Z",
            "decide 2026-01-02T03:04:05.400Z 2026-01-02T03:04:05.600Z");
    assertThat(lane.get("decisions").toString()).contains("mine").doesNotContain("of-others");
    assertThat(page.get("decisions").toString()).contains("of-others").doesNotContain("mine");
    assertThat(page("/requests/order-4711"))
        .contains("decisions of the request")
        .doesNotContain("secret");
  }

  @Test
  void moreExecutionsThanFitAreCutWithANote() throws Exception {
    database.execute(
        """
        INSERT INTO agent_execution_logs (execution_id, correlation_id, agent_name, status, started_at)
        SELECT gen_random_uuid(), '%s', 'a' || n, 'success', now() - interval '1 hour' + n * interval '1 ms'
        FROM generate_series(1, 1200) AS n"""
            .formatted(REQUEST));
    assertThat(lanes()).hasSize(1_000).startsWith("0 a1").endsWith("0 a1000");
    assertThat(page("/requests/order-4711")).contains("The first to start are shown");
  }

  @Test
  void rowsWithoutTimesHaveALane() throws Exception {
    database.execute(
        "INSERT INTO agent_execution_logs (execution_id, correlation_id) VALUES (gen_random_uuid(), '%s')"
            .formatted(REQUEST));
    assertThat(page("/requests/order-4711")).contains("no time", "without a start time");
  }

  @Test
  void unknownRequestSaysWhatToDo() throws Exception {
    HttpResponse<String> answer = get("/requests/order-4712");
    assertThat(answer.statusCode()).isEqualTo(404);
    assertThat(answer.body()).contains("order-4712", "Retention may have removed it");
  }

  /** What applications name can't become markup, style or script of a page. */
  @Test
  void hostileNamesAreOnlyText() throws Exception {
    String evil = "\"><script>alert(1)</script><img src=x onerror=alert(1) style=\"a\"><!--";
    add(1, 0, 0, 1000, "success", JVM_A);
    database.execute(
        """
        UPDATE agent_execution_logs SET agent_name = $1, status = $1, error_type = $1, project_name = $1,
          metadata = jsonb_build_object('correlation_id_raw', $1::text, $1::text, $1::text), started_at = now();
        INSERT INTO agent_instances (instance_id, service) VALUES ('$J', $1);
        INSERT INTO agent_execution_progress (execution_id, seq, stage, occurred_at, metadata)
        VALUES ('$2', 2, $1, now(), jsonb_build_object($1::text, $1::text, 'error_type', $1::text));
        INSERT INTO agent_routing_decisions (id, correlation_id, selected_agent, routing_strategy) VALUES ('$2', '$R', $1, $1)"""
            .replace("$1", "'" + evil + "'")
            .replace("$2", id(1))
            .replace("$J", JVM_A)
            .replace("$R", REQUEST));
    showTexts();
    for (String path : List.of("/executions", "/executions/" + id(1), "/requests/" + REQUEST)) {
      assertThat(page(path))
          .contains("&lt;script>")
          .doesNotContain("<script>", "<img")
          .doesNotContainPattern("\\sstyle=\"(?!a)");
      assertThat(json(path + ".json").toString()).contains(evil);
    }
  }
}
