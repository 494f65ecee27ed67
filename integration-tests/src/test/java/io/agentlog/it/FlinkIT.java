package io.agentlog.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.agentlog.backends.BackendException;
import io.agentlog.backends.Backends;
import io.agentlog.backends.Kafka;
import io.agentlog.backends.Postgres;
import io.agentlog.it.support.AgentCommand;
import io.agentlog.it.support.AgentJvm;
import io.agentlog.it.support.AppSources;
import io.agentlog.it.support.Libraries;
import io.agentlog.it.support.Rows;
import java.math.RoundingMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: the recipe for Flink gives the sums that SQL gives over the rows of the same events.
 * Method: a Flink of its own runs docs/fleet/flink.sql over events in an order by chance, four in
 * ten twice, ends that replace others among them. Needs {@code -Pflink}, which fetches Flink.
 */
@Timeout(600)
class FlinkIT {
  private static final Duration DEADLINE = Duration.ofMinutes(3);
  private static final int EXECUTIONS = 3_000;
  private static final long SEED = 42;
  private static final Path RECIPE = Path.of("../docs/fleet/flink.sql");
  private static final int PARTITIONS = 4;
  private static final String MARKER = "flink-marker";
  private static final DateTimeFormatter JSON_TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

  private static final JsonMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS).build();

  @TempDir Path directory;

  @Test
  void minutesHaveTheSumsOfPostgres() throws Exception {
    assumeTrue(Boolean.getBoolean("agentlog.it.flink"), "-Pflink is not on");
    try (FleetEvents events = FleetEvents.make(directory, EXECUTIONS);
        Postgres database = Backends.postgres().newDatabase()) {
      String topic = events.kafka().newTopic(PARTITIONS);
      String stats = events.kafka().newTopic(2);
      List<ProducerRecord<String, String>> sent =
          FleetEvents.shuffled(OtherEnds.of(events.records()), topic, SEED);
      events.send(sent);
      events.send(List.of(new ProducerRecord<>(topic, "broken", "{\"event_type\":\"comp")));
      Path lines = Files.createDirectory(directory.resolve("lines"));
      Files.write(
          lines.resolve("events.jsonl"), sent.stream().map(ProducerRecord::value).toList(), UTF_8);
      try (var command = AgentCommand.of("import", lines.toString()).postgres(database).start()) {
        assertThat(command.awaitExit(DEADLINE)).as("%s", command.stderr()).isZero();
      }
      Map<String, String> expected = expected(database);
      assertThat(expected).hasSizeGreaterThan(2);

      try (AgentJvm flink = flink(events.kafka(), topic, stats)) {
        flink.awaitLine("running", DEADLINE);
        awaitSums(flink, expected, () -> seen(events.kafka(), stats));
        events.send(sent);
        events.send(markers(topic));
        flink.await(
            "what came after the repeated events",
            DEADLINE,
            () ->
                seen(events.kafka(), stats).entrySet().stream()
                    .anyMatch(
                        row ->
                            row.getKey().endsWith(" " + MARKER)
                                && row.getValue().startsWith(PARTITIONS + " ")));
        Map<String, String> after = seen(events.kafka(), stats);
        after.keySet().removeIf(key -> key.endsWith(" " + MARKER));
        assertThat(after).isEqualTo(expected);
      }
    }
  }

  /** Waits for exactly these sums; a failure shows the last ones. */
  private static void awaitSums(
      AgentJvm flink, Map<String, String> expected, Supplier<Map<String, String>> sums) {
    AtomicReference<Map<String, String>> last = new AtomicReference<>(Map.of());
    try {
      flink.await(
          "the sums of SQL",
          DEADLINE,
          () -> {
            last.set(sums.get());
            return last.get().equals(expected);
          });
    } catch (BackendException e) {
      assertThat(last.get()).as("%s", e.getMessage()).isEqualTo(expected);
      throw e;
    }
  }

  private AgentJvm flink(Kafka kafka, String topic, String stats) {
    String classPath =
        AppSources.compile(directory, Libraries.classPath("flink"), "/fleet", "FlinkApp.java");
    return AgentJvm.in(directory.resolve("flink"))
        .withoutAgent()
        .options("-Xmx768m", "--add-opens=java.base/java.util=ALL-UNNAMED")
        .start(
            classPath,
            "app.FlinkApp",
            RECIPE.toAbsolutePath().toString(),
            "kafka:9092",
            kafka.bootstrapServers(),
            "'agent-execution-logs'",
            "'" + topic + "'",
            "'agent-execution-stats'",
            "'" + stats + "'");
  }

  /** Another execution for each partition. */
  private static List<ProducerRecord<String, String>> markers(String topic) {
    String now = JSON_TIME.format(Instant.now());
    return IntStream.range(0, PARTITIONS)
        .mapToObj(
            partition ->
                new ProducerRecord<>(
                    topic,
                    partition,
                    MARKER,
                    """
                    {"event_type":"completed","schema_version":1,"execution_id":"%s","agent_name":"%s",\
                    "status":"success","completed_at":"%s","duration_us":1}\
                    """
                        .formatted(UUID.randomUUID(), MARKER, now)))
        .toList();
  }

  private static Map<String, String> expected(Postgres database) {
    Map<String, String> sums = new TreeMap<>();
    for (Map<String, @Nullable Object> row :
        Rows.of(
            database,
            """
            SELECT to_char(date_trunc('minute', completed_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI"Z"') AS minute,
              agent_name, concat_ws(' ', count(*), count(*) FILTER (WHERE status = 'success'),
                count(*) FILTER (WHERE status = 'failed'), count(*) FILTER (WHERE status = 'cancelled'),
                sum(duration_us), count(quality_score), COALESCE(sum(quality_score), 0)::numeric(38, 4)) AS sums
            FROM agent_execution_logs WHERE status <> 'in_progress' GROUP BY 1, 2\
            """)) {
      sums.put(row.get("minute") + " " + row.get("agent_name"), String.valueOf(row.get("sums")));
    }
    return sums;
  }

  /** The latest record of each key; one without a value takes it away. */
  private static Map<String, String> seen(Kafka kafka, String stats) {
    Map<String, String> sums = new TreeMap<>();
    for (ConsumerRecord<String, String> each : kafka.records(stats)) {
      try {
        JsonNode key = JSON.readTree(each.key());
        String name =
            OffsetDateTime.parse(key.get("minute").asText()).toInstant().toString().substring(0, 16)
                + "Z "
                + key.get("agent_name").asText();
        if (each.value() == null) {
          sums.remove(name);
        } else {
          sums.put(name, sums(JSON.readTree(each.value())));
        }
      } catch (JsonProcessingException e) {
        throw new AssertionError(each.toString(), e);
      }
    }
    return sums;
  }

  private static String sums(JsonNode row) {
    return Stream.of("executions", "succeeded", "failed", "cancelled", "duration_us", "scored")
            .map(name -> row.get(name).asText())
            .collect(Collectors.joining(" "))
        + " "
        + row.get("quality_sum").decimalValue().setScale(4, RoundingMode.UNNECESSARY);
  }
}
