package io.agentlog.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.agentlog.backends.Backends;
import io.agentlog.backends.ChildJvm;
import io.agentlog.backends.Postgres;
import io.agentlog.it.support.AgentCommand;
import io.agentlog.it.support.Rows;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: the recipe for ClickHouse gives the rows that PostgreSQL has, column by column, before and
 * after its parts are merged. Method: an embedded ClickHouse runs docs/fleet/clickhouse.sql and
 * reads 10,000 executions by its Kafka engine, in an order by chance and four in ten events twice;
 * {@code import} brings the same events into PostgreSQL. Needs node, and {@code -Pclickhouse},
 * which fetches ClickHouse.
 */
@Timeout(600)
class ClickHouseIT {
  private static final Path RECIPE = Path.of("../docs/fleet/clickhouse.sql");
  private static final Duration DEADLINE = Duration.ofMinutes(3);
  private static final int EXECUTIONS = 10_000;
  private static final long SEED = 4_711;

  private static final String HEARTBEAT =
      """
      {"event_type":"instance","schema_version":1,"instance_id":"%s","service":"fleet",\
      "timestamp":"2026-01-02T03:04:05.123456Z","state":"alive"}\
      """;

  private static final JsonMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS).build();

  /** Each table with its key, and the columns that its view has not. */
  private static final List<Table> TABLES =
      List.of(
          new Table(
              "agent_execution_logs", Set.of("execution_id"), Set.of("created_at", "updated_at")),
          new Table("agent_execution_progress", Set.of("execution_id", "seq"), Set.of()),
          new Table("agent_routing_decisions", Set.of("id"), Set.of()),
          new Table("agent_model_calls", Set.of("execution_id", "seq"), Set.of("operation")));

  private record Table(String name, Set<String> key, Set<String> absent) {}

  @TempDir Path directory;

  @Test
  void viewsHaveTheRowsOfPostgres() throws Exception {
    String modules = System.getProperty("agentlog.it.clickhouse", "");
    assumeTrue(!modules.isEmpty(), "-Pclickhouse is not on");
    try (FleetEvents events = FleetEvents.make(directory, EXECUTIONS);
        Postgres database = Backends.postgres().newDatabase()) {
      String topic = events.kafka().newTopic(4);
      String detailTopic = events.kafka().newTopic(2);
      List<ConsumerRecord<String, String>> records = events.records();
      List<ProducerRecord<String, String>> sent =
          new ArrayList<>(FleetEvents.shuffled(OtherEnds.of(records), topic, SEED));
      sent.addAll(FleetEvents.shuffled(events.detailRecords(), detailTopic, SEED));
      importAll(sent, database);
      long executions = Rows.executions(database).count();
      assertThat(executions).isGreaterThan(EXECUTIONS);
      sent.addAll(broken(topic, records.get(0).value()));
      events.send(sent);
      String instances = events.kafka().newTopic(1);
      List<UUID> living = instancesInProgress(database);
      UUID silent = living.get(0);
      List<ProducerRecord<String, String>> heartbeats = heartbeats(instances, living, silent);
      events.send(heartbeats);

      run(
          "node",
          "src/test/resources/fleet/clickhouse.cjs",
          modules,
          RECIPE.toString(),
          directory.toString(),
          events.kafka().bootstrapServers(),
          topic + "," + detailTopic,
          instances,
          String.valueOf(sent.size() + heartbeats.size()),
          String.valueOf(executions));

      for (Table table : TABLES) {
        List<JsonNode> rows = rows(database, table);
        assertThat(rows).as(table.name).isNotEmpty();
        Set<String> columns = columns(rows.get(0), table.absent);
        for (String state : List.of("as-inserted", "merged")) {
          String what = table.name + "-" + state;
          assertSame(what, byKey(rows, table, columns), byKey(read(what), table, columns));
        }
      }
      assertThat(read("agent_events_refused-merged"))
          .extracting(
              row -> row.get("reason").asText().replaceAll("(?s)^Cannot parse.*", "no JSON"))
          .containsExactlyInAnyOrder(
              "no JSON", "schema_version 2", "unknown event_type later", "no execution_id");
      assertThat(read("agent_executions_lost-merged"))
          .extracting(row -> row.get("execution_id").asText())
          .containsExactlyInAnyOrderElementsOf(inProgress(database, silent));
    }
  }

  /** The first of them has most executions in progress. */
  private static List<UUID> instancesInProgress(Postgres database) {
    List<UUID> instances =
        Rows.of(
                database,
                "SELECT instance_id FROM agent_execution_logs WHERE status = 'in_progress'"
                    + " GROUP BY 1 ORDER BY count(*) DESC")
            .stream()
            .map(row -> (UUID) row.get("instance_id"))
            .toList();
    assertThat(instances).hasSizeGreaterThan(1);
    return instances;
  }

  private static List<String> inProgress(Postgres database, UUID instance) {
    return Rows.of(
            database,
            "SELECT execution_id::text AS id FROM agent_execution_logs"
                + " WHERE status = 'in_progress' AND instance_id = ?",
            instance)
        .stream()
        .map(row -> String.valueOf(row.get("id")))
        .toList();
  }

  /** All JVMs are heard for a while, and then all but one. */
  private List<ProducerRecord<String, String>> heartbeats(
      String topic, List<UUID> instances, UUID silent) {
    long now = System.currentTimeMillis();
    List<ProducerRecord<String, String>> all = new ArrayList<>();
    for (int secondsAgo = 300; secondsAgo >= 0; secondsAgo -= 10) {
      for (UUID instance : instances) {
        if (secondsAgo >= 100 || !instance.equals(silent)) {
          all.add(
              new ProducerRecord<>(
                  topic,
                  null,
                  now - secondsAgo * 1_000L,
                  instance.toString(),
                  HEARTBEAT.formatted(instance)));
        }
      }
    }
    return all;
  }

  /** Brings the same events into PostgreSQL by the agent's own command. */
  private void importAll(List<ProducerRecord<String, String>> sent, Postgres database)
      throws IOException {
    Path lines = Files.createDirectory(directory.resolve("lines"));
    Files.write(
        lines.resolve("events.jsonl"), sent.stream().map(ProducerRecord::value).toList(), UTF_8);
    try (ChildJvm command =
        AgentCommand.of("import", lines.toString()).postgres(database).start()) {
      assertThat(command.awaitExit(DEADLINE)).as("%s", command.stderr()).isZero();
      assertThat(command.stdout()).singleElement().asString().contains("skipped: 0 lines");
    }
  }

  /** No JSON, a newer version, an unknown type, an event of nothing. */
  private static List<ProducerRecord<String, String>> broken(String topic, String event) {
    return Stream.of(
            event.substring(0, event.length() / 2),
            event.replace("\"schema_version\":1", "\"schema_version\":2"),
            event.replaceFirst("\"event_type\":\"[a-z_]+\"", "\"event_type\":\"later\""),
            event.replaceFirst("\"execution_id\":\"[0-9a-f-]+\",", ""))
        .map(value -> new ProducerRecord<>(topic, "broken", value))
        .toList();
  }

  /** Names the first differences; all rows at once would be no message. */
  private static void assertSame(
      String what,
      Map<String, Map<String, Object>> expected,
      Map<String, Map<String, Object>> seen) {
    List<String> differences = new ArrayList<>();
    TreeSet<String> keys = new TreeSet<>(expected.keySet());
    keys.addAll(seen.keySet());
    for (String key : keys) {
      Map<String, Object> theirs = seen.getOrDefault(key, Map.of());
      Map<String, Object> ours = expected.getOrDefault(key, Map.of());
      if (!ours.equals(theirs)) {
        Map<String, String> columns = new TreeMap<>();
        TreeSet<String> names = new TreeSet<>(ours.keySet());
        names.addAll(theirs.keySet());
        for (String name : names) {
          String both = ours.get(name) + " is " + theirs.get(name);
          if (!String.valueOf(ours.get(name)).equals(String.valueOf(theirs.get(name)))) {
            columns.put(name, both);
          }
        }
        differences.add(key + ": " + columns);
      }
    }
    assertThat(differences.stream().limit(10).toList())
        .as("%s: %s of %s rows differ", what, differences.size(), keys.size())
        .isEmpty();
    System.out.printf("%s: %s rows are the same%n", what, seen.size());
  }

  private static List<JsonNode> rows(Postgres database, Table table) throws IOException {
    List<JsonNode> rows = new ArrayList<>();
    for (Map<String, @Nullable Object> row :
        Rows.of(database, "SELECT to_jsonb(t) AS row FROM " + table.name + " t")) {
      rows.add(JSON.readTree(String.valueOf(row.get("row"))));
    }
    return rows;
  }

  private List<JsonNode> read(String file) throws IOException {
    List<JsonNode> rows = new ArrayList<>();
    for (String line : Files.readAllLines(directory.resolve(file + ".jsonl"))) {
      rows.add(JSON.readTree(line));
    }
    return rows;
  }

  private static Set<String> columns(JsonNode row, Set<String> without) {
    Set<String> names = new TreeSet<>();
    row.fieldNames().forEachRemaining(names::add);
    names.removeAll(without);
    return names;
  }

  private static Map<String, Map<String, Object>> byKey(
      List<JsonNode> rows, Table table, Set<String> columns) throws IOException {
    Map<String, Map<String, Object>> all = new HashMap<>();
    for (JsonNode row : rows) {
      Map<String, Object> values = new TreeMap<>();
      for (String column : columns) {
        values.put(column, value(column, row.path(column)));
      }
      String key =
          String.join(" ", table.key.stream().sorted().map(k -> row.get(k).asText()).toList());
      assertThat(all.put(key, values)).as("another row of %s %s", table.name, key).isNull();
    }
    return all;
  }

  /** The same for both: PostgreSQL has JSON where ClickHouse has its text, and other zones. */
  private static Object value(String column, JsonNode node) throws IOException {
    if (node.isTextual()) {
      if (column.endsWith("_at")) {
        return OffsetDateTime.parse(node.asText()).toInstant();
      }
      if (column.equals("metadata") || column.equals("alternatives")) {
        return json(JSON.readTree(node.asText()));
      }
    }
    return json(node);
  }

  /** Numbers by their value, so that 1 and 1.0 are equal; objects without their order. */
  private static Object json(JsonNode node) {
    if (node.isNumber()) {
      return node.decimalValue().stripTrailingZeros();
    }
    if (node.isObject()) {
      return node.properties().stream()
          .collect(toMap(Map.Entry::getKey, entry -> json(entry.getValue())));
    }
    if (node.isArray()) {
      List<Object> all = new ArrayList<>();
      node.forEach(each -> all.add(json(each)));
      return all;
    }
    return node.isTextual() ? node.asText() : String.valueOf(node);
  }

  private static void run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
    assertThat(process.exitValue()).as(output).isZero();
    System.out.print(output);
  }
}
