package io.agentlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.backends.Backends;
import io.agentlog.backends.Postgres;
import io.agentlog.it.support.AgentJvm;
import io.agentlog.it.support.Rows;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: what an application's annotations say stands in PostgreSQL, and the application notices
 * nothing. Method: run {@link CaptureApp}, which checks its own side, once with the shipped jar,
 * and read the tables.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CaptureIT {
  private static final int EXECUTIONS = 13;

  private Postgres database;
  private List<String> stdout;
  private List<String> stderr;

  @BeforeAll
  void runApplication(@TempDir Path directory) {
    database = Backends.postgres().newDatabase();
    try (AgentJvm app =
        AgentJvm.in(directory).postgres(database).service("capture").start(CaptureApp.class)) {
      Rows.awaitEnded(database, EXECUTIONS, Duration.ofSeconds(30));
      app.endInput();
      app.awaitSuccess();
      stdout = app.stdout();
      stderr = app.stderr();
    }
  }

  @AfterAll
  void dropDatabase() {
    database.close();
  }

  @Test
  void applicationSeesItsOwnResultsAndExceptions() {
    assertThat(stdout).containsExactly("done");
  }

  @Test
  void valuesComeFromAnnotatedMembersPathsAndTheFacade() { // Fault 65: as they were at entry.
    Map<String, Object> row = row("full-router");
    assertThat(row)
        .containsEntry("status", "success")
        .containsEntry("user_prompt", "Warum fällt die Verbindung aus? \u4e2d\ud83d\ude00")
        .containsEntry("user_prompt_length", 34)
        .containsEntry("seen", 7);
    assertThat(row.get("correlation_id")).hasToString(CaptureApp.CORRELATION);
    assertThat(row.get("quality_score")).hasToString("0.9100");
    assertThat(
            one(
                "SELECT metadata->>'tenant' AS v0, metadata->>'first_tag' AS v1, metadata->>'tag_count' AS v2,"
                    + " metadata->>'chosen' AS v3, metadata->>'model' AS v4, metadata->>'session_id_raw' AS v5,"
                    + " metadata->'progress'->>'stage' AS v6, jsonb_exists(metadata, 'completed_at') AS v7"
                    + " FROM agent_execution_logs WHERE agent_name = 'full-router'"))
        .containsExactly("acme", "db", "2", "debugger", "m-2", "session-7", "decide", true);
  }

  @Test
  void stagesAreRowsInTheirOrder() {
    List<Map<String, Object>> stages =
        Rows.of(
            database,
            "SELECT p.stage, p.percent, p.metadata->>'length' AS length, p.metadata->>'winner' AS winner,"
                + " jsonb_exists(p.metadata, 'stage_duration_ms') AS timed FROM agent_execution_progress p"
                + " JOIN agent_execution_logs e USING (execution_id) WHERE e.agent_name = 'full-router'"
                + " ORDER BY p.seq");
    assertThat(stages)
        .extracting(stage -> stage.get("stage"))
        .containsExactly("parsed", "thinking", "decide", "decide");
    assertThat(stages)
        .extracting(stage -> stage.get("length"))
        .startsWith("35"); // String.length(): UTF-16 units.
    assertThat(stages)
        .extracting(stage -> stage.get("winner"))
        .containsExactly(null, null, null, "debugger");
    assertThat(stages)
        .extracting(stage -> stage.get("timed"))
        .containsExactly(false, false, false, true);
  }

  @Test
  void decisionIsLinkedByCorrelationAndById() {
    assertThat(
            one(
                "SELECT r.selected_agent, r.confidence_score::text AS c1, r.trigger_confidence::text AS c2,"
                    + " r.historical_confidence::text AS c3, r.alternatives->>1 AS other, r.user_request = e.user_prompt AS same"
                    + " FROM agent_execution_logs e JOIN agent_routing_decisions r"
                    + " ON e.correlation_id = r.correlation_id WHERE e.routing_decision_id = r.id"))
        .containsExactly("debugger", "0.8300", "0.9000", "0.6000", "tester", true);
  }

  @Test
  void annotationOfAnInterfaceHoldsAndASuperCallIsTheSameExecution() {
    Map<String, Object> row = row("inherited");
    assertThat(row).containsEntry("user_prompt", "one").containsEntry("status", "success");
    assertThat(row.get("correlation_id")).hasToString(CaptureApp.CORRELATION);
  }

  @Test
  void nestedExecutionsNameTheirParentAndShareItsCorrelation() {
    assertThat(
            Rows.count(
                database,
                "SELECT count(*) FROM agent_execution_logs c JOIN agent_execution_logs p"
                    + " ON c.parent_execution_id = p.execution_id AND c.correlation_id = p.correlation_id"
                    + " AND c.started_at >= p.started_at AND c.completed_at <= p.completed_at"
                    + " WHERE c.agent_name = 'nested'"))
        .isEqualTo(3);
    assertThat(row("http-shapes")).containsEntry("parent_execution_id", null);
  }

  @Test
  void exceptionsAndCancellationsAreToldApart() {
    assertThat(row("failing"))
        .containsEntry("status", "failed")
        .containsEntry("error_type", "IllegalStateException")
        .containsEntry("error_message", "no capacity\n\u001b[31m")
        .containsEntry("user_prompt", "boom");
    assertThat(row("cancelled"))
        .containsEntry("status", "cancelled")
        .containsEntry("error_type", "CancellationException");
  }

  @Test
  void valueThatCannotBeReadIsOneLineAndChangesNothing() { // Faults 63 and 64.
    assertThat(row("hostile")).containsEntry("status", "success");
    assertThat(
            one("SELECT metadata->>'odd' FROM agent_execution_logs WHERE agent_name = 'hostile'"))
        .containsExactly(CaptureApp.Hostile.class.getName());
    assertThat(stderr).filteredOn(line -> line.contains("request.broken")).hasSize(1);
    assertThat(stderr).filteredOn(line -> line.contains("request.missing")).hasSize(1);
    assertThat(stderr).noneMatch(line -> line.contains("secret value"));
    assertThat(stderr).filteredOn(line -> line.contains("outside an execution and")).hasSize(1);
  }

  @Test
  void scoreOutOfRangeIsNullAndKeptAsItWas() { // Faults 59 and 60.
    assertThat(
            Rows.of(
                database,
                "SELECT metadata->>'quality_score_rejected' AS raw FROM agent_execution_logs"
                    + " WHERE agent_name = 'quality' AND quality_score IS NULL ORDER BY started_at"))
        .extracting(row -> row.get("raw"))
        .containsExactly("1.5", "NaN");
    assertThat(row("late-quality").get("quality_score")).hasToString("0.2500");
  }

  @Test
  void nothingWasSuppressedAndNoDurationIsNegative() {
    assertThat(stderr).noneMatch(line -> line.contains("suppressed") || line.contains("not woven"));
    assertThat(
            Rows.count(
                database,
                "SELECT count(*) FROM agent_execution_logs WHERE duration_us < 0 OR duration_ms < 0"
                    + " OR completed_at < started_at"))
        .isZero();
  }

  private Map<String, Object> row(String agent) {
    return Rows.executions(database).ofAgent(agent).only();
  }

  private Iterable<Object> one(String query) {
    List<Map<String, Object>> rows = Rows.of(database, query);
    assertThat(rows).as(query).hasSize(1);
    return rows.get(0).values();
  }
}
