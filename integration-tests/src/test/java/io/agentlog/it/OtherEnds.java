package io.agentlog.it;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Changes some executions into those that only a JVM's death at the right moment gives: without
 * their start, without their end, and with several ends that contradict each other.
 */
final class OtherEnds {
  private static final JsonMapper JSON = new JsonMapper();
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

  /** One execution in so many is changed in each way. */
  private static final int WAYS = 20;

  private OtherEnds() {}

  static List<ConsumerRecord<String, String>> of(List<ConsumerRecord<String, String>> records)
      throws JsonProcessingException {
    List<ConsumerRecord<String, String>> all = new ArrayList<>();
    for (ConsumerRecord<String, String> each : records) {
      ObjectNode event = (ObjectNode) JSON.readTree(each.value());
      String type = event.get("event_type").asText();
      int way = Math.floorMod(event.get("execution_id").asText().hashCode(), WAYS);
      if (type.equals("completed") && !event.has("provisional")) {
        all.addAll(ends(way, each, event));
      } else if (!(way == 0 && type.equals("started"))) {
        all.add(each);
      }
    }
    return all;
  }

  private static List<ConsumerRecord<String, String>> ends(
      int way, ConsumerRecord<String, String> real, ObjectNode event) {
    return switch (way) {
      case 1 ->
          List.of(real, cutOff(real, event, "JvmShutdown", -1)); // The real one wins, though later.
      case 2 -> // The shutdown wins, though later.
          List.of(
              cutOff(real, event, "ExecutionAbandoned", 0), cutOff(real, event, "JvmShutdown", 1));
      case 3 -> // The earlier of two of a kind wins.
          List.of(
              cutOff(real, event, "ExecutionAbandoned", 1),
              cutOff(real, event, "ExecutionAbandoned", 0));
      case 4 -> List.of();
      case 5 -> List.of(real, cutOff(real, event, "ExecutionAbandoned", 1));
      default -> List.of(real);
    };
  }

  /** A provisional end some seconds after the real one, as the agent writes it. */
  private static ConsumerRecord<String, String> cutOff(
      ConsumerRecord<String, String> real, ObjectNode event, String errorType, int laterSeconds) {
    boolean isShutdown = errorType.equals("JvmShutdown");
    ObjectNode end = event.deepCopy();
    end.remove(List.of("totals", "quality_score"));
    long micros = Math.max(0, end.get("duration_us").asLong() + laterSeconds * 1_000_000L);
    String time =
        TIME.format(Instant.parse(end.get("started_at").asText()).plus(micros, ChronoUnit.MICROS));
    end.put("timestamp", time)
        .put("completed_at", time)
        .put("seq", end.get("seq").asInt() + 1 + laterSeconds + (isShutdown ? 10 : 20))
        .put("status", isShutdown ? "cancelled" : "failed")
        .put("duration_us", micros)
        .put("duration_ms", micros / 1_000)
        .put("error_type", errorType)
        .put(
            "error_message",
            "the JVM " + (isShutdown ? "shut down" : "died") + " before the execution ended")
        .put("provisional", true);
    end.putObject("metadata");
    return new ConsumerRecord<>(
        real.topic(), real.partition(), real.offset(), real.key(), end.toString());
  }
}
