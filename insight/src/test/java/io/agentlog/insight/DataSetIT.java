package io.agentlog.insight;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.backends.Postgres;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Goal: the made executions are such as an agent writes them, and show what pages look for. */
class DataSetIT {
  private static final int EXECUTIONS = 4_000;

  private static Postgres database;
  private static Connection connection;

  @BeforeAll
  static void fill() throws Exception {
    database = MadeTables.busy(EXECUTIONS);
    connection = database.connect();
  }

  @AfterAll
  static void close() throws SQLException {
    connection.close();
    database.close();
  }

  @Test
  void hasTwoStagesAndHalfADecisionAnExecution() throws SQLException {
    assertThat(number("count(*) FROM agent_execution_logs")).isBetween(3_950L, 4_000L);
    assertThat(number("count(*) FROM agent_execution_progress")).isBetween(7_800L, 8_000L);
    assertThat(number("count(*) FROM agent_routing_decisions")).isBetween(1_950L, 2_000L);
    assertThat(number("count(DISTINCT agent_name) FROM agent_execution_logs")).isEqualTo(20);
    assertThat(number("avg(octet_length(user_prompt)) FROM agent_execution_logs"))
        .isBetween(170L, 230L);
  }

  @Test
  void idsHaveTheTimeOfTheStart() throws SQLException {
    assertThat(
            number(
                "count(*) FROM agent_execution_logs WHERE substr(execution_id::text, 15, 1) <> '7' OR"
                    + " replace(left(execution_id::text, 13), '-', '') <>"
                    + " lpad(to_hex((floor(extract(epoch FROM started_at) * 1000))::bigint), 12, '0')"))
        .isZero();
  }

  @Test
  void partsLieWithinTheirRequest() throws SQLException {
    assertThat(
            number(
                "count(*) FROM agent_execution_logs e JOIN agent_execution_logs p ON p.execution_id = e.parent_execution_id"
                    + " WHERE e.correlation_id = p.correlation_id AND e.started_at >= p.started_at"
                    + " AND (p.completed_at IS NULL OR e.completed_at <= p.completed_at)"))
        .isEqualTo(
            number("count(*) FROM agent_execution_logs WHERE parent_execution_id IS NOT NULL"))
        .isGreaterThan(EXECUTIONS / 2);
  }

  @Test
  void decisionsBelongToAnExecution() throws SQLException {
    assertThat(
            number(
                "count(*) FROM agent_routing_decisions d JOIN agent_execution_logs e ON e.routing_decision_id = d.id"
                    + " WHERE e.correlation_id = d.correlation_id AND d.created_at >= e.started_at"))
        .isEqualTo(number("count(*) FROM agent_routing_decisions"));
  }

  @Test
  void showsEveryEnd() throws SQLException {
    assertThat(number("count(*) FROM agent_execution_logs WHERE status = 'in_progress'"))
        .isBetween(24L, 120L);
    assertThat(number("count(*) FROM agent_execution_logs WHERE status = 'failed'"))
        .isBetween(60L, 400L);
    assertThat(number("count(*) FROM agent_execution_logs WHERE status = 'cancelled'"))
        .isBetween(10L, 100L);
    assertThat(number("count(*) FROM agent_execution_logs WHERE seen & 56 <> 0"))
        .isBetween(1L, 40L);
    assertThat(
            number(
                "count(*) FROM agent_execution_logs e JOIN agent_instances i USING (instance_id)"
                    + " WHERE status = 'in_progress' AND lease_until < now()"))
        .isPositive();
    assertThat(number("count(*) FROM agent_execution_logs WHERE completed_at > now()")).isZero();
  }

  @Test
  void promptsRepeat() throws SQLException {
    assertThat(
            number(
                "count(*) FROM (SELECT FROM agent_execution_logs GROUP BY user_prompt_sha256 HAVING count(*) > 4) often"))
        .isGreaterThan(10);
  }

  private static long number(String select) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT " + select)) {
      row.next();
      return row.getLong(1);
    }
  }
}
