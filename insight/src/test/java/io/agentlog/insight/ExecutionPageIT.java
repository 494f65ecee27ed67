package io.agentlog.insight;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Goal: the page of an execution shows what its rows say, and no text of a user unless asked for.
 * Method: rows written by SQL; the real server is asked over HTTP.
 */
@Timeout(120)
class ExecutionPageIT extends RowPages {
  private static final String ID = id(1);

  private static final String ROWS =
      """
      INSERT INTO agent_instances (instance_id, service, renewed_at, lease_until) VALUES
        ('00000000-0000-0000-0000-0000000000aa', 'shop', now() - interval '5 minutes', now() - interval '4 minutes');
      INSERT INTO agent_execution_logs (execution_id, correlation_id, agent_name, user_prompt, status, started_at,
        completed_at, duration_us, error_type, error_message, metadata, instance_id, routing_decision_id,
        user_prompt_sha256, parent_execution_id, seen) VALUES
        ('$1', '$R', 'router', 'the secret prompt', 'failed', '2026-01-02 03:04:05.123456Z', '2026-01-02 03:04:06.123456Z',
         1000000, 'IOException', 'the secret message',
         '{"tokens": 812, "customer": {"name": "the secret name", "old": true}, "progress": {"stage": "load"}}',
         '00000000-0000-0000-0000-0000000000aa', '00000000-0000-0000-0000-0000000000dd', 'abcdef', '$2', 7),
        ('$2', '$R', 'parent', 'x', 'success', '2026-01-02 03:04:05Z', '2026-01-02 03:04:07Z', 2000000, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 5),
        ('$3', '$R', 'child', 'x', 'in_progress', now(), NULL, NULL, NULL, NULL, NULL,
         '00000000-0000-0000-0000-0000000000aa', NULL, NULL, '$1', 1);
      INSERT INTO agent_execution_progress VALUES
        ('$1', 2, 'load', 10, '2026-01-02 03:04:05.223456Z', '{"rows": 3, "from": "the secret source"}'),
        ('$1', 4, 'decide', NULL, '2026-01-02 03:04:05.923456Z', '{"stage_duration_ms": 250.5, "error_type": "Slow"}');
      INSERT INTO agent_routing_decisions (id, correlation_id, selected_agent, confidence_score, reasoning, alternatives)
      VALUES ('00000000-0000-0000-0000-0000000000dd', '$R', 'child', 0.75, 'the secret reasoning', '[{"agent": "the secret other", "score": 0.5}]')"""
          .replace("$1", ID)
          .replace("$2", id(2))
          .replace("$3", id(3))
          .replace("$R", REQUEST);

  @Test
  void columnsStagesDecisionAndRelativesAreShown() throws Exception {
    database.execute(ROWS);
    Map<String, Object> page = json("/executions/" + ID + ".json");
    assertThat(list(page, "stages"))
        .extracting(
            s -> s.get("name"),
            s -> s.get("since_start"),
            s -> s.get("since_before"),
            s -> s.get("took_micros"))
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("load", 100_000L, 100_000L, null),
            org.assertj.core.groups.Tuple.tuple("decide", 800_000L, 700_000L, 250_500L));
    assertThat(page.get("parent")).asString().contains(id(2), "parent");
    assertThat(page.get("children").toString()).contains(id(3), "in_progress");
    assertThat(list(page, "decisions").get(0))
        .containsEntry("own", true)
        .containsEntry("confidence", new java.math.BigDecimal("0.75"));
    assertThat(page("/executions/" + ID))
        .contains(
            "IOException",
            "1.00 s",
            "tokens",
            "812",
            "customer.old",
            "/requests/" + REQUEST,
            "/prompts/abcdef",
            "2026-01-02 03:04:05.123");
  }

  @Test
  void textsAreInNoAnswerUnlessAskedFor() throws Exception {
    database.execute(ROWS);
    String hidden = page("/executions/" + ID) + page("/executions/" + ID + ".json");
    assertThat(hidden).doesNotContain("secret").contains("customer.name", "--texts");
    showTexts();
    for (String path : new String[] {"/executions/" + ID, "/executions/" + ID + ".json"}) {
      assertThat(page(path))
          .contains(
              "the secret prompt",
              "the secret message",
              "the secret name",
              "the secret source",
              "the secret reasoning",
              "the secret other");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "8,JVM shut down",
    "16,found the journal",
    "32,not heard of for over a minute",
    "4,''"
  })
  void provisionalEndIsNamedWithItsReason(int bit, String reason) throws Exception {
    database.execute(ROWS);
    database.execute("UPDATE agent_execution_logs SET seen = 1 + " + bit);
    String page = page("/executions/" + ID);
    if (reason.isEmpty()) {
      assertThat(page).doesNotContain("The end is provisional");
    } else {
      assertThat(page).contains("The end is provisional", reason);
    }
  }

  @Test
  void runningExecutionSaysWhenItsJvmWasHeardOf() throws Exception {
    database.execute(ROWS);
    assertThat(page("/executions/" + id(3)))
        .contains("It still runs", "last heard of 5 min", "The lease has run out", "Reload")
        .doesNotContain("The event of its start");
    database.execute("UPDATE agent_execution_logs SET seen = 2");
    assertThat(page("/executions/" + id(3))).contains("The event of its start has not come");
  }

  @Test
  void unknownAndBrokenIdsSayWhatToDo() throws Exception {
    HttpResponse<String> unknown = get("/executions/" + ID);
    assertThat(unknown.statusCode()).isEqualTo(404);
    assertThat(unknown.body()).contains("Retention may have removed it");
    HttpResponse<String> broken = get("/executions/order-4711.json");
    assertThat(broken.statusCode()).isEqualTo(400);
    assertThat(broken.body()).contains("is no execution ID", "a UUID such as");
  }

  @Test
  void missingRightIsNamed() throws Exception {
    database.execute(ROWS);
    database.execute(
        "DROP ROLE IF EXISTS poor; CREATE ROLE poor LOGIN PASSWORD 'poor';"
            + " GRANT SELECT ON agent_execution_logs TO poor");
    readAs("poor", "poor");
    assertThat(page("/executions?from=400d")).contains("router");
    HttpResponse<String> answer = get("/executions/" + ID);
    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(answer.body())
        .contains("permission denied for table agent_execution_progress", "GRANT SELECT ON");
    database.execute("DROP OWNED BY poor; DROP ROLE poor");
  }
}
