package io.agentlog.insight.figures;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.backends.Postgres;
import io.agentlog.config.LoadedConfig;
import io.agentlog.insight.Dashboard;
import io.agentlog.insight.Dashboards;
import io.agentlog.insight.MadeTables;
import io.agentlog.insight.evaluate.Finding;
import io.agentlog.insight.query.Database;
import io.agentlog.insight.rules.AlertRule;
import io.agentlog.insight.rules.Condition;
import io.agentlog.postgres.TableTransactions;
import io.agentlog.postgres.TableTransactions.Transaction;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Each kind of finding, from rows in a real database. */
@Timeout(120)
class RowFindingsIT {
  private static final Duration HOUR = Duration.ofHours(1);
  private static Postgres database;
  private static Database reader;
  private static LoadedConfig config;
  private RowFindings findings = new RowFindings(reader);

  @BeforeAll
  static void makeTables() throws Exception {
    database = MadeTables.empty();
    config = Dashboards.config(database);
    reader = Dashboard.database(config);
  }

  @AfterAll
  static void drop() {
    reader.close();
    database.close();
  }

  @BeforeEach
  void clear() {
    database.execute(
        """
        TRUNCATE agent_execution_logs, agent_execution_progress, agent_instances, agent_insight_errors, agent_insight_rollup,
          agent_insight_dirty, agent_insight_losses;
        DELETE FROM agent_insight_state WHERE key = 'losses';
        INSERT INTO agent_instances (instance_id, service, lease_until) VALUES
          (uuid(md5('alive')), 'shop', now() + interval '1 minute'), (uuid(md5('late')), 'shop', now() - interval '30 seconds'),
          (uuid(md5('gone')), 'shop', now() - interval '2 minutes')""");
    findings = new RowFindings(reader);
  }

  @Test
  void executionHangsAfterItsTimeOrWithItsJvm() throws Exception {
    running("router", "alive", "11 minutes");
    running("router", "alive", "9 minutes");
    running("quick", "alive", "9 minutes");
    running("quick", "late", "1 minutes");
    running("left", "gone", "3 minutes");
    running("forgotten", "alive", "40 days");
    running("other", "alive", "1 hours");

    List<Finding> found = find(List.of("router", "quick", "left", "forgotten"), stuck());

    assertThat(found)
        .extracting(Finding::labels)
        .containsExactly(Map.of("agent", "left"), Map.of("agent", "router"));
    Finding router = found.get(1);
    assertThat(router.summary())
        .matches(
            "router: 1 execution is in progress for too long; the oldest for 11 min \\d+ s, at stage score \\(limit 10 min 0 s\\)");
    assertThat(router.examples()).hasSize(1);
    assertThat(router.limit()).isEqualTo(600e6);
    assertThat(found.get(0).summary())
        .endsWith("; 1 of them in a JVM that is not heard of any more");
  }

  @Test
  void agentThatHangsOftenHidesNoOther() throws Exception {
    database.execute(
        """
        INSERT INTO agent_execution_logs (execution_id, agent_name, status, started_at)
        SELECT gen_random_uuid(), 'batch', 'in_progress', now() - interval '2 days' FROM generate_series(1, 6000)""");
    running("a_b 50%\\x", "alive", "11 minutes");

    assertThat(find(List.of("*"), stuck()))
        .extracting(Finding::summary)
        .hasSize(2)
        .anyMatch(summary -> summary.startsWith("batch: 1000 executions or more are in progress"))
        .anyMatch(summary -> summary.startsWith("a_b 50%\\x: 1 execution"));
    assertThat(find(List.of("a_* 50%\\x"), stuck())).hasSize(1);
    assertThat(find(List.of("b%"), stuck())).isEmpty();
  }

  @Test
  void knownFindingsAreNotDisplacedByNewOnes() throws Exception {
    database.execute(
        """
        INSERT INTO agent_execution_logs (execution_id, agent_name, status, started_at)
        SELECT gen_random_uuid(), 'agent-' || n, 'in_progress', now() - interval '2 hours' FROM generate_series(1, 300) AS n""");
    Map<String, String> last = Map.of("agent", "agent-99");
    AlertRule rule =
        new AlertRule(
            "r", List.of("*"), stuck(), 0.01, List.of(), HOUR, HOUR, HOUR, Map.of(), "hash");

    assertThat(findings.find(rule)).extracting(Finding::labels).doesNotContain(last);
    assertThat(findings.find(rule, Set.of(last)))
        .hasSize(RowFindings.FINDINGS_MAX)
        .extracting(Finding::labels)
        .contains(last);
  }

  @Test
  void slowAgentHangsAfterThreeTimesItsUsualLongest() throws Exception {
    // Each of its executions takes about five minutes.
    rollup("'day'", 3, "slow", 100, "ARRAY[975]", "ARRAY[100]");
    running("slow", "alive", "14 minutes");
    assertThat(find(List.of("*"), stuck())).isEmpty();

    running("slow", "alive", "16 minutes");
    List<Finding> found = find(List.of("*"), stuck());

    assertThat(found).hasSize(1);
    assertThat(found.get(0).count()).isEqualTo(1);
    assertThat(found.get(0).limit()).isBetween(880e6, 900e6);
  }

  @Test
  void executionsOfDeadJvmsAreAbandoned() throws Exception {
    error(1, "router", "ExecutionAbandoned", "a", 3, 3, "5 minutes");
    error(1, "router", "ExecutionAbandoned", "a", 2, 0, "6 minutes"); // Real ends came.
    error(1, "router", "ExecutionAbandoned", "a", 9, 9, "2 hours");
    error(1, "quick", "ExecutionAbandoned", "a", 1, 1, "5 minutes");

    List<Finding> found = find(List.of("*"), new Condition.Abandoned(HOUR, 2));

    assertThat(found).hasSize(1);
    assertThat(found.get(0).summary())
        .isEqualTo(
            "router: 3 executions were in the last 1h ended by another JVM, because theirs was gone");
    assertThat(found.get(0).examples()).hasSize(1);
  }

  @Test
  void eventsAreLostOnceTheCountsRise() throws Exception {
    Condition dropped = new Condition.Dropped(Duration.ofMinutes(5));
    report(
        "alive",
        "{\"dropped\": {\"journal_full\": 5, \"after_end\": 7}, \"sinks\": [{\"name\": \"kafka\", \"parked\": 2}]}");
    assertThat(find(List.of("*"), dropped)).isEmpty();
    report(
        "alive",
        "{\"dropped\": {\"journal_full\": 5, \"after_end\": 9}, \"sinks\": [{\"name\": \"kafka\", \"parked\": 2}]}");
    assertThat(find(List.of("*"), dropped)).isEmpty();

    report(
        "alive",
        "{\"dropped\": {\"journal_full\": 8}, \"sinks\": [{\"name\": \"kafka\", \"parked\": 3, \"undecodable\": 1}]}");
    List<Finding> found = find(List.of("*"), dropped);

    assertThat(found).hasSize(1);
    assertThat(found.get(0).labels()).containsEntry("service", "shop").containsKey("instance");
    assertThat(found.get(0).summary())
        .matches(
            "shop: its JVM lost 5 events since \\d+ s ago: 3 not recorded, 1 refused and parked, 1 unreadable");
    assertThat(find(List.of("*"), dropped)).isEmpty();
  }

  @Test
  void lossesAreToldOnceByWhicheverProgramLooksNext() throws Exception {
    Condition dropped = new Condition.Dropped(Duration.ofMinutes(5));
    RowFindings first = findings;
    report("alive", "{\"dropped\": {\"journal_full\": 5}}");
    assertThat(find(List.of("*"), dropped)).isEmpty();
    report("alive", "{\"dropped\": {\"journal_full\": 8}}"); // While no program runs.
    database.execute(
        "UPDATE agent_insight_state SET cursor = now() - interval '1 hour';"
            + " UPDATE agent_instances SET lease_until = now() - interval '30 minutes'");
    findings = new RowFindings(reader);
    List<Finding> found = find(List.of("*"), dropped);
    assertThat(found).hasSize(1);
    assertThat(found.get(0).summary()).contains("lost 3 events since 1 h");

    findings = first;
    assertThat(find(List.of("*"), dropped)).isEmpty();
  }

  @Test
  void firstReportOfAJvmThatHasBegunSinceCounts() throws Exception {
    Condition dropped = new Condition.Dropped(Duration.ofMinutes(5));
    assertThat(find(List.of("*"), dropped)).isEmpty();

    report("late", "{\"dropped\": {\"disk_full\": 1}}");

    assertThat(find(List.of("*"), dropped)).hasSize(1);
  }

  @Test
  void manyJvmsThatWriteToKafkaAloneHideNoReport() throws Exception {
    Condition dropped = new Condition.Dropped(Duration.ofMinutes(5));
    database.execute(
        "INSERT INTO agent_instances (instance_id, service, renewed_at, lease_until) SELECT gen_random_uuid(), 'fleet', now() + interval '1 minute', 'infinity' FROM generate_series(0, %s)"
            .formatted(LostEvents.INSTANCES_MAX));
    assertThat(find(List.of("*"), dropped)).isEmpty();

    report("late", "{\"dropped\": {\"disk_full\": 1}}");

    assertThat(find(List.of("*"), dropped)).hasSize(1);
  }

  @Test
  void sinkIsDownForTheTimeThatItsOldestEventWaits() throws Exception {
    Condition dropped = new Condition.Dropped(Duration.ofMinutes(5));
    report(
        "alive",
        "{\"sinks\": [{\"name\": \"kafka\", \"state\": \"down\", \"lag_ms\": 200000, \"pending\": 9}]}");
    assertThat(find(List.of("*"), dropped)).isEmpty();

    report(
        "alive",
        "{\"sinks\": [{\"name\": \"kafka\", \"state\": \"down\", \"lag_ms\": 400000, \"pending\": 9}]}");
    List<Finding> found = find(List.of("*"), dropped);

    assertThat(found).hasSize(1);
    assertThat(found.get(0).labels()).containsEntry("sink", "kafka");
    assertThat(found.get(0).summary())
        .isEqualTo("shop: its sink kafka has been down for 6 min 40 s; 9 events wait");
  }

  @Test
  void executionLoopsWhileItRunsAndAfterItsEnd() throws Exception {
    loop("router", "in_progress", "NULL", 10, "''");
    loop("router", "success", "now() - interval '10 minutes'", 12, "''");
    loop("router", "success", "now() - interval '2 hours'", 30, "''");
    loop("router", "success", "now() - interval '10 minutes'", 9, "''");
    // Both rows of a stage, of its begin and of its end, are one.
    loop(
        "both",
        "success",
        "now() - interval '10 minutes'",
        18,
        "CASE WHEN n % 2 = 0 THEN 'end' END");
    Condition loop = new Condition.StageLoop(HOUR, 10);

    List<Finding> found = find(List.of("*"), loop);

    assertThat(found).hasSize(1);
    assertThat(found.get(0).labels()).isEqualTo(Map.of("agent", "router", "stage", "score"));
    assertThat(found.get(0).summary())
        .isEqualTo(
            "router: 2 executions have passed stage score up to 12 times in the last 1h (limit 9)");
    assertThat(found.get(0).examples()).hasSize(2);
    database.execute("UPDATE agent_execution_logs SET completed_at = now() - interval '2 hours'");
    assertThat(find(List.of("*"), loop)).as("what was found stays for the window").hasSize(1);
  }

  @Test
  void errorIsNewIfItWasNotSeenForLong() throws Exception {
    Condition condition = new Condition.NewError(HOUR, Duration.ofDays(30), 3);
    error(1, "router", "Timeout", "t", 4, 0, "5 minutes");
    error(1, "router", "Known", "k", 9, 0, "5 minutes");
    error(2, "router", "Known", "k", 1, 0, "20 days");
    error(1, "router", "Back", "b", 2, 0, "5 minutes");
    error(1, "router", "Back", "c", 3, 0, "5 minutes");
    error(2, "router", "Back", "c", 1, 0, "40 days");
    error(1, "router", "JvmShutdown", "s", 9, 0, "5 minutes");
    assertThat(find(List.of("*"), condition)).as("no history, nothing new").isEmpty();
    rollup("'day'", 3, "router", 1, "'{}'", "'{}'");
    database.execute("UPDATE agent_insight_rollup SET bucket = bucket - interval '10 days'");

    List<Finding> found = find(List.of("*"), condition);

    assertThat(found)
        .extracting(Finding::summary)
        .containsExactly(
            "router: 3 Back in the last 1h; not seen for 30d before",
            "router: 4 Timeout in the last 1h; not seen for 30d before");
    database.execute(
        "INSERT INTO agent_insight_dirty VALUES ('rollup', now() - interval '9 days', now() - interval '8 days')");
    assertThat(find(List.of("*"), condition)).as("the history is not complete").isEmpty();
  }

  private static Condition stuck() {
    return new Condition.Stuck(Duration.ofMinutes(10));
  }

  private List<Finding> find(List<String> agents, Condition condition) throws Exception {
    List<Finding> found =
        findings.find(
            new AlertRule(
                "rule", agents, condition, 0.01, List.of(), HOUR, HOUR, HOUR, Map.of(), "hash"));
    try (TableTransactions transactions = new TableTransactions(config, "test");
        Transaction tx = transactions.begin(Duration.ofSeconds(20))) {
      findings.remember(tx, Instant.now());
      tx.commit();
    }
    return found;
  }

  private static void running(String agent, String instance, String age) {
    database.execute(
        """
        INSERT INTO agent_execution_logs (execution_id, agent_name, status, started_at, instance_id, metadata)
        VALUES (gen_random_uuid(), '%s', 'in_progress', now() - interval '%s', uuid(md5('%s')), '{"progress": {"stage": "score"}}')"""
            .formatted(agent, age, instance));
  }

  private static void report(String instance, String report) {
    database.execute(
        "UPDATE agent_instances SET report = '%s' WHERE instance_id = uuid(md5('%s'))"
            .formatted(report, instance));
  }

  private static void loop(String agent, String status, String completed, int stages, String end) {
    database.execute(
        """
        WITH e AS (INSERT INTO agent_execution_logs (execution_id, agent_name, status, started_at, completed_at, progress_seq)
                   VALUES (gen_random_uuid(), '%1$s', '%2$s', now() - interval '3 hours', %3$s, %4$s) RETURNING execution_id)
        INSERT INTO agent_execution_progress (execution_id, seq, stage, occurred_at, metadata)
        SELECT execution_id, n, 'score', coalesce(%3$s, now()) - interval '1 second',
               CASE WHEN nullif(%5$s, '') IS NOT NULL THEN '{"stage_duration_ms": 3}'::jsonb END
        FROM e, generate_series(1, %4$s) AS n"""
            .formatted(agent, status, completed, Integer.toString(stages), end));
  }

  private static void error(
      int level, String agent, String type, String print, int n, int provisional, String age) {
    database.execute(
        """
        INSERT INTO agent_insight_errors SELECT %s, date_trunc(%s, now() - interval '%s'), '%s', '', '%s', '%s', %s, %s,
          now() - interval '%3$s', now() - interval '%3$s', gen_random_uuid()"""
            .formatted(
                level, level == 1 ? "'minute'" : "'hour'", age, agent, type, print, n, provisional)
            .replace("%3$s", age));
  }

  private static void rollup(
      String unit, int level, String agent, int ended, String bins, String counts) {
    database.execute(
        """
        INSERT INTO agent_insight_rollup VALUES (%s, date_trunc(%s, now()), '%s', '', %s, %4$s, 0, 0, 0, 0, 0, 0, %s, %s, 0, 0, '{}', '{}', now())"""
            .formatted(level, unit, agent, ended, bins, counts)
            .replace("%4$s", Integer.toString(ended)));
  }
}
