package io.agentlog.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Goal: each view shows what its document says, and takes no name that is in use. Method: let the
 * sink make the tables, fill them with rows of known figures, and read the views.
 */
@Timeout(120)
class ViewsIT extends SinkFixture {
  private static final String REQUEST = "00000000-0000-0000-0000-00000000000a";

  private static final String ROWS =
      """
      INSERT INTO agent_instances (instance_id, service, lease_until) VALUES
        ('00000000-0000-0000-0000-000000000001', 'alive', now() + interval '1 hour'),
        ('00000000-0000-0000-0000-000000000002', 'dead', now() - interval '1 minute');
      INSERT INTO agent_execution_logs (execution_id, correlation_id, agent_name, status, started_at,
        completed_at, duration_ms, quality_score, error_type, error_message, metadata, instance_id)
      SELECT ('00000000-0000-0000-0001-' || lpad(n::text, 12, '0'))::uuid,
        '00000000-0000-0000-0000-00000000000a', agent, status, now() - ago, now() - ago + ms * interval '1 ms',
        ms, quality, error, error || ' of it', metadata::jsonb,
        ('00000000-0000-0000-0000-00000000000' || instance)::uuid
      FROM (VALUES
        (1, 'router', 'success', interval '5 minutes', 100, 0.9, NULL, '{}', 1),
        (2, 'router', 'success', interval '4 minutes', 300, 0.7, NULL, '{}', 1),
        (3, 'router', 'failed', interval '3 minutes', 200, NULL, 'IOException', '{}', 1),
        (4, 'router', 'success', interval '2 days', 500, 0.5, NULL, '{}', 1),
        (5, 'planner', 'cancelled', interval '2 minutes', 50, 0.2, NULL, '{}', 1),
        (6, 'planner', 'in_progress', interval '1 minute', NULL, NULL, NULL,
          '{"progress": {"stage": "half", "percent": 50}}', 1),
        (7, 'planner', 'in_progress', interval '2 hours', NULL, NULL, NULL, '{}', 1),
        (8, 'planner', 'in_progress', interval '1 minute', NULL, NULL, NULL, '{}', 2),
        (9, 'old', 'failed', interval '40 days', 1, NULL, 'Error', '{}', 1))
        AS v(n, agent, status, ago, ms, quality, error, metadata, instance);
      UPDATE agent_execution_logs SET correlation_id = gen_random_uuid() WHERE agent_name <> 'router'
        OR started_at < now() - interval '1 day';
      INSERT INTO agent_execution_progress (execution_id, seq, stage, percent, occurred_at, metadata)
      SELECT execution_id, 2, 'parsed', 10, started_at + interval '1 ms', '{}' FROM agent_execution_logs
      WHERE execution_id = '00000000-0000-0000-0001-000000000003';
      INSERT INTO agent_routing_decisions (id, correlation_id, selected_agent, confidence_score, reasoning, created_at)
      SELECT gen_random_uuid(), correlation_id, 'planner', 0.8, 'fits', started_at + interval '2 ms'
      FROM agent_execution_logs WHERE execution_id = '00000000-0000-0000-0001-000000000003'
      """;

  @BeforeEach
  void fill() throws Exception {
    database.execute(
        "CREATE TABLE agent_summary (mine text); INSERT INTO agent_summary VALUES ('mine')");
    sink(config()).write(events(1).all());
    database.execute(
        "TRUNCATE agent_execution_logs, agent_execution_progress, agent_routing_decisions, agent_instances");
    database.execute(ROWS);
  }

  @Test
  void eachViewSaysWhatItsDocumentSays() throws Exception {
    Map<String, String> expected =
        Map.of(
            "SELECT string_agg(right(execution_id::text, 1) || COALESCE(stage || percent, ''), ','"
                + " ORDER BY execution_id) FROM active_agents",
            "6half50,7,8",
            "SELECT string_agg(right(execution_id::text, 1) || reason || service, ',' ORDER BY"
                + " execution_id) FROM stuck_agents",
            "7over an houralive,8lease ran outdead",
            "SELECT string_agg(s::text, ';') FROM agent_completion_stats_24h s",
            "(planner,4,0,0,1,3,0.00,50);(router,3,2,1,0,0,66.67,200)",
            "SELECT string_agg(s::text, ';') FROM agent_completion_stats_7d s",
            "(planner,4,0,0,1,3,0.00,50);(router,4,3,1,0,0,75.00,275)",
            "SELECT string_agg(p::text, ';') FROM agent_performance p",
            "(planner,1,50,50,50,0.00,0.2000);(router,4,250,470,494,25.00,0.7000)",
            "SELECT string_agg(agent_name || error_message, ';') FROM recent_agent_errors",
            "routerIOException of it;oldError of it",
            "SELECT sum(executions) || ' ' || sum(failed) || ' ' || sum(cancelled) FROM agent_daily_trend",
            "8 1 1",
            "SELECT string_agg(r::text, ';') FROM agent_quality_ranking r",
            "(1,router,0.7000,0.5000,3);(2,planner,0.2000,0.2000,1)");
    for (Map.Entry<String, String> view : expected.entrySet()) {
      assertThat(query(view.getKey())).as(view.getKey()).isEqualTo(view.getValue());
    }
  }

  @Test
  void traceOfARequestIsInItsOrder() throws Exception {
    assertThat(
            query(
                "SELECT string_agg(concat_ws(' ', event, agent_name, NULLIF(detail, '')), ', ' ORDER BY"
                    + " occurred_at) FROM agent_trace WHERE correlation_id = '%s'"
                        .formatted(REQUEST)))
        .isEqualTo(
            "started router, success router, started router, success router, started router,"
                + " progress router parsed 10%, decision planner 0.8000 fits,"
                + " failed router IOException: IOException of it");
  }

  @Test
  void aNameThatSomebodyHasStaysHis() throws Exception {
    assertThat(query("SELECT mine FROM agent_summary")).isEqualTo("mine");
    database.execute("DROP TABLE agent_summary");
    database.execute("DROP TABLE agent_execution_progress CASCADE"); // All is made once more.
    sink(config()).write(events(2).all());
    assertThat(
            query(
                "SELECT concat_ws(' ', executions, agents, failed, cancelled, active) FROM agent_summary"))
        .isEqualTo("7 2 1 1 3");
    assertThat(query("SELECT count(*) FROM agent_trace")).isNotEqualTo("0");
  }

  @Test
  void aViewThatCannotBeMadeIsLeftOutAndTheRestIsMade() throws Exception {
    database.execute(
        "DROP TABLE agent_instances CASCADE;"
            + " DROP VIEW agent_performance, agent_quality_ranking, agent_daily_trend;"
            + " ALTER TABLE agent_execution_logs ALTER COLUMN quality_score TYPE text");
    sink(config()).write(events(3).all());
    assertThat(query("SELECT to_regclass('agent_performance')")).isNull();
    assertThat(query("SELECT to_regclass('stuck_agents')")).isEqualTo("stuck_agents");
  }
}
