package io.agentlog.insight;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Goal: the search shows each execution that its filters name, once. Method: rows of known values,
 * written by SQL; the real server is asked over HTTP.
 */
@Timeout(120)
class ExecutionsPageIT extends RowPages {
  private static final String ROWS =
      """
      INSERT INTO agent_execution_logs (execution_id, correlation_id, agent_name, project_name, status, started_at,
        completed_at, duration_us, quality_score, error_type, user_prompt, error_message)
      SELECT ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, correlation::uuid, agent, project, status,
        now() - ago::interval, CASE WHEN status <> 'in_progress' THEN now() END, us, score, error, prompt, message
      FROM (VALUES
        (1, '46298508-dc0d-500c-9be0-fc9a22cf8319', 'router', 'shop', 'success', '1 minute', 5000, 0.9, NULL, 'Find the Umbrella', NULL),
        (2, '46298508-dc0d-500c-9be0-fc9a22cf8319', 'planner', 'shop', 'failed', '2 minutes', 700000, NULL, 'IOException', 'x', 'no umbrella'),
        (3, '00000000-0000-0000-0000-00000000000b', 'router', 'desk', 'cancelled', '3 hours', 2500000, 0.2, 'JvmShutdown', 'x', NULL),
        (4, '00000000-0000-0000-0000-00000000000c', 'router', 'desk', 'success', '3 days', 9000000, 0.4, NULL, 'x', NULL),
        (5, '00000000-0000-0000-0000-00000000000d', 'planner', NULL, 'in_progress', '5 days', NULL, NULL, NULL, 'x', NULL))
        AS v(n, correlation, agent, project, status, ago, us, score, error, prompt, message)""";

  private static final String SAME_TIMES =
      """
      INSERT INTO agent_execution_logs (execution_id, agent_name, status, started_at)
      SELECT gen_random_uuid(), CASE WHEN n % 3 = 0 THEN 'third' ELSE 'other' END, 'success',
        now() - n / 40 * interval '1 minute' - interval '10 minutes'
      FROM generate_series(1, 390) AS n""";

  private List<String> found(String path) throws Exception {
    return numbers(json(path));
  }

  /** The last digits of the IDs, in the order of the page. */
  private static List<String> numbers(Map<String, Object> page) {
    return list(page, "rows").stream()
        .map(row -> row.get("id").toString().replaceAll(".*?0*(\\d*)$", "$1"))
        .toList();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'' | 1 2 3",
        "?from=1h | 1 2",
        "?from=7d | 1 2 3 4 5",
        "?from=7d&to=1h | 3 4 5",
        "?agent=router&from=30d | 1 3 4",
        "?project=desk&from=30d | 3 4",
        "?status=failed | 2",
        "?status=cancelled | 3",
        "?status=in_progress | 5",
        "?status=in_progress&agent=router | ''",
        "?error=JvmShutdown | 3",
        "?min=2s | 3",
        "?min=700ms | 2 3",
        "?below=0.5&from=30d | 3 4",
        "?correlation=order-4711 | 1 2",
        "?correlation=46298508-dc0d-500c-9be0-fc9a22cf8319&status=success | 1",
        "?agent=router&status=success&from=30d&project=desk | 4"
      })
  void eachFilterFindsWhatItNames(String query, String expected) throws Exception {
    database.execute(ROWS);
    assertThat(String.join(" ", found("/executions.json" + query))).isEqualTo(expected);
    assertThat(page("/executions" + query)).contains("<h1>Executions</h1>");
  }

  @Test
  void textsAreSearchedInPromptAndErrorMessageIfTheyAreShown() throws Exception {
    database.execute(ROWS);
    assertThat(get("/executions?text=umbrella").statusCode()).isEqualTo(400);
    assertThat(page("/executions") + page("/executions.json"))
        .doesNotContainIgnoringCase("umbrella");
    showTexts();
    assertThat(found("/executions.json?text=umbrella")).containsExactly("1", "2");
    assertThat(page("/executions")).contains("Find the Umbrella");
  }

  @ParameterizedTest
  @CsvSource({
    "'?from=1d',390",
    "'?from=1d&agent=third',130",
    "'?from=1d&agent=third&status=success',130"
  })
  void pagesFollowEachOtherWithoutGapAndRepeat(String query, int expected) throws Exception {
    database.execute(SAME_TIMES);
    List<Object> ids = new ArrayList<>();
    String next = "/executions.json" + query;
    while (next != null) {
      Map<String, Object> page = json(next);
      list(page, "rows").forEach(row -> ids.add(row.get("id")));
      next = (String) page.get("next");
      database.execute( // What starts meanwhile is newer, so that it moves no page.
          "INSERT INTO agent_execution_logs (execution_id, agent_name, status, started_at)"
              + " VALUES (gen_random_uuid(), 'third', 'success', now())");
    }
    assertThat(ids).hasSize(expected).doesNotHaveDuplicates();
  }

  @Test
  void searchWithoutIndexSaysHowFarItGotAndGoesOn() throws Exception {
    database.execute(
        """
        INSERT INTO agent_execution_logs (execution_id, agent_name, project_name, status, started_at)
        SELECT gen_random_uuid(), 'a', CASE WHEN n = 15500 THEN 'rare' ELSE 'usual' END, 'success',
          now() - n * interval '1 second' FROM generate_series(1, 16000) AS n""");
    Map<String, Object> first = json("/executions.json?project=rare");
    assertThat(list(first, "rows")).isEmpty();
    assertThat(first.get("searched_to")).isNotNull();
    assertThat(page("/executions?project=rare")).contains("Go on from there");
    Map<String, Object> page = first;
    while (list(page, "rows").isEmpty()) { // A slow machine needs more steps.
      page = json(String.valueOf(page.get("next")));
    }
    assertThat(list(page, "rows")).hasSize(1);
    assertThat(page.get("searched_to")).isNull();
  }

  @Test
  void searchBoxLeadsToExecutionRequestAndAgent() throws Exception {
    database.execute(ROWS);
    assertThat(location("00000000-0000-7000-8000-000000000002"))
        .isEqualTo("/executions/00000000-0000-7000-8000-000000000002");
    assertThat(location("order-4711")).isEqualTo("/requests/" + REQUEST);
    assertThat(location(REQUEST)).isEqualTo("/requests/" + REQUEST);
    assertThat(location("router")).isEqualTo("/executions?agent=router");
    assertThat(page("/executions?q=nobody%3Cb%3E"))
        .contains("Nothing has “nobody&lt;b&gt;” as execution ID");
  }

  private String location(String sought) throws Exception {
    HttpResponse<String> answer = get("/executions?q=" + sought);
    assertThat(answer.statusCode()).isEqualTo(303);
    return answer.headers().firstValue("Location").orElse("");
  }

  @Test
  void rowsOfAnotherLoggerAreShown() throws Exception {
    database.execute(
        """
        INSERT INTO agent_execution_logs (execution_id, agent_name, status, started_at, duration_ms) VALUES
          ('5d0e7a5c-9f1c-4c1e-8a55-0d6c8f1f2b11', 'python', 'success', now() - interval '1 minute', 1500),
          ('6d0e7a5c-9f1c-4c1e-8a55-0d6c8f1f2b12', NULL, NULL, NULL, NULL)""");
    assertThat(page("/executions")).contains("python", "1.50 s", "Some rows have no start time");
    String undated = page("/executions?undated=yes");
    assertThat(undated).contains("6d0e7a5c-9f1c-4c1e-8a55-0d6c8f1f2b12").doesNotContain("python");
    assertThat(page("/executions/6d0e7a5c-9f1c-4c1e-8a55-0d6c8f1f2b12")).contains("unknown");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "?statsu=failed | no filter statsu",
        "?status=broken | one of success, failed, cancelled, in_progress",
        "?min=fast | a duration such as 250ms",
        "?below=7 | a number from 0 to 1",
        "?from=yesterday | a time in UTC such as",
        "?from=1h&to=2h | ends before it begins",
        "?before=nowhere | no place in a list",
        "?execution=12 | not a UUID such as"
      })
  void brokenFilterIsNamed(String query, String expected) throws Exception {
    HttpResponse<String> answer = get("/executions" + query);
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).contains(expected).doesNotContain("Exception");
  }

  @Test
  void emptyWindowSaysSo() throws Exception {
    assertThat(page("/executions?from=1h")).contains("No execution started in this window");
  }
}
