package io.agentlog.demo;

import io.agentlog.backends.Kafka;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** The queries that users of the Python logger ran on these tables, and their results. */
final class Report {
  private Report() {}

  static void ofDatabase(Screen screen, Connection connection) throws SQLException {
    screen.heading("Executions by status");
    screen.query(
        connection,
        "SELECT status, count(*) FROM agent_execution_logs GROUP BY status ORDER BY status");
    screen.heading("The ten latest executions");
    screen.query(
        connection,
        "SELECT to_char(started_at, 'HH24:MI:SS.MS') AS started_at, agent_name, status, quality_score, duration_ms, duration_us, error_type, user_prompt FROM agent_execution_logs ORDER BY started_at DESC, execution_id DESC LIMIT 10");
    screen.heading("Executions and their routing decisions, by correlation ID");
    screen.query(
        connection,
        "SELECT e.correlation_id, e.agent_name, e.status, r.selected_agent, r.confidence_score, r.routing_strategy, r.trigger_confidence AS trigger, r.context_confidence AS context FROM agent_execution_logs e JOIN agent_routing_decisions r ON e.correlation_id = r.correlation_id ORDER BY e.started_at DESC, e.execution_id DESC LIMIT 6");
    String execution = oneExecution(connection);
    screen.heading("The stages of one execution");
    screen.query(
        connection,
        "SELECT metadata->'progress'->>'stage' AS latest_stage, metadata->'progress'->>'percent' AS percent, status FROM agent_execution_logs WHERE execution_id = '"
            + execution
            + "'");
    screen.query(
        connection,
        "SELECT seq, stage, percent, to_char(occurred_at, 'HH24:MI:SS.US') AS occurred_at, metadata FROM agent_execution_progress WHERE execution_id = '"
            + execution
            + "' ORDER BY seq");
    screen.heading("Average quality");
    screen.query(connection, "SELECT ROUND(AVG(quality_score), 2) FROM agent_execution_logs");
  }

  /** The first event of each of three kinds. */
  static void ofEvents(Screen screen, List<ConsumerRecord<String, String>> records, String topic) {
    screen.heading("Three of " + records.size() + " events on Kafka topic " + topic);
    Map<String, ConsumerRecord<String, String>> byType = new LinkedHashMap<>();
    for (ConsumerRecord<String, String> record : records) {
      byType.putIfAbsent(String.valueOf(Kafka.header(record, "event_type")), record);
    }
    byType.values().stream()
        .limit(3)
        .forEach(
            record -> {
              screen.line(
                  "  key " + record.key() + ", event_id " + Kafka.header(record, "event_id"));
              screen.line("    " + record.value().replaceAll("\\p{Cntrl}+", " "));
            });
  }

  /** The ID of the latest of the executions with the most stages. */
  private static String oneExecution(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet result =
            statement.executeQuery(
                "SELECT e.execution_id FROM agent_execution_logs e JOIN agent_execution_progress p USING (execution_id)"
                    + " GROUP BY e.execution_id ORDER BY count(*) DESC, e.started_at DESC LIMIT 1")) {
      Counts.require(result.next(), "no execution has a stage");
      return result.getString(1);
    }
  }
}
