package io.agentlog.demo;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.agentlog.backends.Kafka;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Checks that every answered request has its executions and events. */
final class Counts {
  /** Executions that requests began; the others are parts of these, or the guide's. */
  private static final String OF_REQUESTS =
      " FROM agent_execution_logs WHERE parent_execution_id IS NULL AND agent_name ="
          + " 'agent-router'";

  /** Counts the executions that requests began. */
  static final String REQUESTS = "SELECT count(*)" + OF_REQUESTS;

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private Counts() {}

  /** The number that a query returns; 0 while its table does not exist. */
  static long of(Connection connection, String query) {
    try (Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(query)) {
      result.next();
      return result.getLong(1);
    } catch (SQLException e) {
      if ("42P01".equals(e.getSQLState())) {
        return 0;
      }
      throw new DemoException("PostgreSQL refused: " + query + ": " + e.getMessage(), e);
    }
  }

  /** Correlation IDs of malformed requests, which were refused before an execution began. */
  static Set<String> malformed(Kafka kafka) {
    Set<String> ids = new HashSet<>();
    for (ConsumerRecord<String, String> answer : kafka.records(Router.FAILED)) {
      JsonNode event = json(answer.value());
      if (event.path("error_code").asText().equals("MALFORMED_REQUEST")) {
        ids.add(event.path("correlation_id").asText());
      }
    }
    return ids;
  }

  /** Every request has its execution, by number and by correlation ID, and each has ended. */
  static void requireEveryRequest(
      Connection connection, List<Request> requests, Set<String> malformed) throws SQLException {
    long expected = (long) requests.size() - malformed.size();
    long executions = of(connection, REQUESTS + " AND status <> 'in_progress'");
    require(
        executions == expected,
        executions + " executions of requests in PostgreSQL instead of " + expected);
    Set<UUID> recorded = new HashSet<>();
    try (Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery("SELECT correlation_id" + OF_REQUESTS)) {
      while (result.next()) {
        recorded.add(result.getObject(1, UUID.class));
      }
    }
    for (Request request : requests) {
      String id = request.correlationId();
      if (id != null && !malformed.contains(id)) {
        require(recorded.contains(Request.stored(id)), "request " + id + " has no execution");
      }
    }
    long open =
        of(
            connection,
            "SELECT count(*) FROM agent_execution_logs WHERE status = 'in_progress'"
                + " OR completed_at IS NULL OR duration_us < 0");
    require(open == 0, open + " executions did not end, or ended before they started");
  }

  /** The number of events of each kind that the topic must have, calculated from the database. */
  static Map<String, Long> expectedEvents(Connection connection) {
    Map<String, Long> expected = new TreeMap<>();
    expected.put("started", of(connection, "SELECT count(*) FROM agent_execution_logs"));
    expected.put("progress", of(connection, "SELECT count(*) FROM agent_execution_progress"));
    expected.put(
        "completed",
        of(connection, "SELECT count(*) FROM agent_execution_logs WHERE status <> 'in_progress'"));
    expected.put(
        "routing_decision", of(connection, "SELECT count(*) FROM agent_routing_decisions"));
    return expected;
  }

  /** The number of distinct events of each kind. A resend after a restart carries the same ID. */
  static Map<String, Long> events(List<ConsumerRecord<String, String>> records, Set<UUID> ours) {
    Map<String, Long> counts = new TreeMap<>();
    Set<String> seen = new HashSet<>();
    for (ConsumerRecord<String, String> record : records) {
      JsonNode event = json(record.value());
      if (ours.contains(UUID.fromString(event.path("execution_id").asText()))
          && seen.add(String.valueOf(Kafka.header(record, "event_id")))) {
        counts.merge(event.path("event_type").asText(), 1L, Long::sum);
      }
    }
    return counts;
  }

  static Set<UUID> executionIds(Connection connection) throws SQLException {
    Set<UUID> ids = new HashSet<>();
    try (Statement statement = connection.createStatement();
        ResultSet result =
            statement.executeQuery("SELECT execution_id FROM agent_execution_logs")) {
      while (result.next()) {
        ids.add(result.getObject(1, UUID.class));
      }
    }
    return ids;
  }

  static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new DemoException(otherwise);
    }
  }

  private static JsonNode json(String text) {
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new DemoException("a record on Kafka is not JSON: " + e.getOriginalMessage(), e);
    }
  }
}
