package io.agentlog.connect;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.backends.ConnectVersion;
import io.agentlog.backends.ConnectWorker;
import io.agentlog.backends.KafkaCluster;
import io.agentlog.backends.Postgres;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: nothing that reached Kafka is lost, twice or otherwise in the tables, whichever part of the
 * fleet dies. Method: three JVMs with the shipped agent under load, three brokers, two workers of
 * Kafka Connect with the unzipped plugin, a real PostgreSQL, and SIGKILL; then what the
 * applications wrote down is compared with the rows.
 */
class FleetIT {
  private static final Duration DEADLINE = Duration.ofSeconds(90);

  /** Executions a second of each JVM while others are killed: what two busy cores bear. */
  private static final int RATE_OF_A_JVM = Integer.getInteger("agentlog.fleet.rate", 60);

  private static final int LOW_RATE = 40;
  private static final int PARTITIONS = 6;
  private static final int TASKS = 4;
  private static final int EVENTS_OF_AN_EXECUTION = 5;

  @TempDir private static Path plugins;
  private static KafkaCluster cluster;
  private static Postgres postgres;
  private static final List<ConnectWorker> workers = new ArrayList<>();

  @TempDir private Path directory;

  @BeforeAll
  static void start() {
    cluster = KafkaCluster.startNew();
    postgres = Postgres.startOwn();
    Artifacts.unzipPlugin(plugins);
    for (int i = 0; i < 2; i++) {
      workers.add(
          ConnectWorker.startNew(
              ConnectVersion.NEWEST, cluster.kafka(), "fleet", plugins, Map.of()));
    }
  }

  @AfterAll
  static void close() {
    workers.forEach(ConnectWorker::close);
    postgres.close();
    cluster.close();
  }

  @Test
  void killedBrokerWorkerAndJvmAndAddedPartitionsLoseNothingThatReachedKafka() throws Exception {
    EventTopics topics = EventTopics.create(cluster.kafka(), PARTITIONS);
    try (Postgres database = postgres.newDatabase()) {
      Loader loader = Loader.start(workers.get(0).rest(), topics, database, TASKS);
      List<FleetJvm> jvms = startJvms(topics, RATE_OF_A_JVM);
      FleetJvm lost = jvms.get(2);
      awaitMore(topics, 300);

      int broker = cluster.leader(topics.events(), 0);
      cluster.kill(broker);
      awaitMore(topics, 600); // The other two brokers lead all partitions now.

      workers.get(1).kill();
      awaitMore(topics, 200);

      lost.kill();
      removeDisk(directory.resolve("jvm-2"));
      Truth truthOfLost = lost.truth();
      awaitTasksOn(workers.get(0), loader); // Also those of the killed worker.
      awaitMoreRows(database, 300);

      CompletableFuture<Void> brokerStarts =
          CompletableFuture.runAsync(() -> cluster.start(broker));
      workers.get(1).start();
      brokerStarts.join();
      awaitMore(topics, 300);

      cluster.addPartitions(topics.events(), 2 * PARTITIONS);
      awaitRecordInEachPartition(topics);

      List<FleetJvm> survivors = jvms.subList(0, 2);
      survivors.forEach(FleetJvm::stopLoad);
      Truth truth = Truth.ofAll(survivors);
      awaitEnded(database, truth.acknowledged());
      loader.awaitLoaded();
      survivors.forEach(FleetJvm::end);
      loader.awaitLoaded();

      Set<UUID> onKafka = correlationIds(topics);
      assertThat(without(truth.acknowledged(), onKafka)).as("lost on the way to Kafka").isEmpty();
      Set<UUID> intended = new HashSet<>(truth.intended());
      intended.addAll(truthOfLost.intended());
      Map<UUID, Row> rows = rows(database);
      assertThat(without(onKafka, rows.keySet())).as("lost on the way from Kafka").isEmpty();
      assertThat(without(rows.keySet(), intended)).as("never intended").isEmpty();
      assertThat(rows.size()).isGreaterThan(1_000);
      for (UUID id : truth.acknowledged()) {
        assertThat(rows.get(id)).as("%s", id).isEqualTo(Row.of(id));
      }
      assertThat(rows.values()).allMatch(Row::promptIsWhole);
      assertThat(workers.get(0).rest().states(loader.name())).containsOnly("RUNNING");
      assertSameAsImported(topics, database);
      workers.get(0).rest().delete(loader.name());
    }
  }

  @Test
  void tasksRunOnWhilePostgresIsAwayAndLoadAllAfterwards() throws Exception {
    EventTopics topics = EventTopics.create(cluster.kafka(), PARTITIONS);
    try (Postgres database = postgres.newDatabase()) {
      Loader loader = Loader.start(workers.get(0).rest(), topics, database, TASKS);
      List<FleetJvm> jvms = startJvms(topics, LOW_RATE);
      awaitMoreRows(database, 100);
      List<Integer> logs = workers.stream().map(worker -> worker.log().length()).toList();

      postgres.stop();
      Until.over(
          Duration.ofSeconds(Integer.getInteger("agentlog.fleet.outage", 20)),
          () ->
              assertThat(workers.get(0).rest().states(loader.name()))
                  .hasSize(1 + TASKS)
                  .containsOnly("RUNNING"));
      postgres.start();

      Truth truth = endLoad(jvms, database, loader);
      for (int i = 0; i < workers.size(); i++) {
        String log = workers.get(i).log();
        assertThat(rebalances(log.substring(0, logs.get(i)))).isNotEmpty();
        assertThat(rebalances(log.substring(logs.get(i)))).isEmpty();
      }
      assertLoadedOnce(truth, topics, database);
      workers.get(0).rest().delete(loader.name());
    }
  }

  /** Lines of the workers' group and of the group of the tasks' consumers. */
  private static List<String> rebalances(String log) {
    return log.lines()
        .filter(
            line ->
                line.contains("Rebalance started")
                    || line.contains("(Re-)joining group")
                    || line.contains("Revoke previously assigned"))
        .toList();
  }

  /**
   * What is to be in the tables of one execution.
   *
   * @param promptIsWhole byte by byte
   */
  private record Row(String status, boolean promptIsWhole, int stages, int decisions) {
    static Row of(UUID id) {
      if (FleetApp.fails(id)) {
        return new Row("failed", true, 1, 0);
      }
      if (FleetApp.isCancelled(id)) {
        return new Row("cancelled", true, 1, 0);
      }
      return new Row("success", true, FleetApp.STAGES, 1);
    }
  }

  private List<FleetJvm> startJvms(EventTopics topics, int rate) {
    List<FleetJvm> jvms = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      jvms.add(FleetJvm.begin(directory.resolve("jvm-" + i), topics));
    }
    jvms.forEach(FleetJvm::awaitReady);
    jvms.forEach(jvm -> jvm.startLoad(rate));
    return jvms;
  }

  /** Ends the load, waits until all of it is in the tables, and ends the JVMs. */
  private static Truth endLoad(List<FleetJvm> jvms, Postgres database, Loader loader) {
    jvms.forEach(FleetJvm::stopLoad);
    Truth truth = Truth.ofAll(jvms);
    awaitEnded(database, truth.acknowledged());
    jvms.forEach(FleetJvm::end);
    loader.awaitLoaded();
    return truth;
  }

  private void assertLoadedOnce(Truth truth, EventTopics topics, Postgres database)
      throws Exception {
    Set<UUID> found = rows(database).keySet();
    assertThat(without(truth.acknowledged(), found)).as("lost").isEmpty();
    assertThat(without(found, truth.intended())).as("never intended").isEmpty();
    assertSameAsImported(topics, database);
  }

  private void assertSameAsImported(EventTopics topics, Postgres database) throws Exception {
    assertThat(cluster.kafka().recordCount(topics.deadLetters())).isZero();
    try (Postgres imported = postgres.newDatabase()) {
      Loader.importInto(imported, topics, directory.resolve("import"));
      TableContents.assertSame(database, imported);
    }
  }

  /** Waits until Kafka has the events of so many more executions. */
  private static void awaitMore(EventTopics topics, int executions) {
    long count =
        cluster.kafka().recordCount(topics.events()) + (long) executions * EVENTS_OF_AN_EXECUTION;
    assertThat(cluster.kafka().awaitRecordCount(topics.events(), count, DEADLINE)).isTrue();
  }

  private static void awaitRecordInEachPartition(EventTopics topics) {
    Until.holds(
        "records in each partition",
        DEADLINE,
        () ->
            TopicRecords.read(cluster.kafka(), topics.events()).stream()
                    .map(record -> record.partition())
                    .distinct()
                    .count()
                == 2 * PARTITIONS,
        () -> "none");
  }

  private static void awaitTasksOn(ConnectWorker worker, Loader loader) {
    Until.holds(
        "tasks on one worker alone",
        DEADLINE,
        () -> {
          String status = worker.rest().status(loader.name());
          return worker
                  .rest()
                  .states(loader.name())
                  .equals(Collections.nCopies(1 + TASKS, "RUNNING"))
              && workers.stream().allMatch(each -> each == worker || !status.contains(each.id()));
        },
        () -> worker.rest().status(loader.name()));
  }

  private static void awaitMoreRows(Postgres database, int executions) {
    String query = "SELECT count(*) FROM agent_execution_logs";
    long count = TableContents.count(database, query) + executions;
    Until.holds(
        count + " rows",
        DEADLINE,
        () -> TableContents.count(database, query) >= count,
        () -> TableContents.count(database, query) + " rows");
  }

  private static void awaitEnded(Postgres database, Set<UUID> acknowledged) {
    String query = "SELECT correlation_id FROM agent_execution_logs WHERE status <> 'in_progress'";
    Until.holds(
        "end of what was acknowledged",
        DEADLINE,
        () -> ids(database, query).containsAll(acknowledged),
        () -> without(acknowledged, ids(database, query)).size() + " are missing");
  }

  /** AssertJ compares each with each, which takes a minute for some thousands. */
  private static Set<UUID> without(Set<UUID> ids, Set<UUID> others) {
    Set<UUID> left = new HashSet<>(ids);
    left.removeIf(others::contains);
    return left;
  }

  private static Set<UUID> ids(Postgres database, String query) {
    Set<UUID> ids = new HashSet<>();
    TableContents.texts(database, query).forEach(text -> ids.add(UUID.fromString(text)));
    return ids;
  }

  private static Set<UUID> correlationIds(EventTopics topics) {
    Set<UUID> ids = new HashSet<>();
    TopicRecords.forEach(
        topics.kafka(),
        record -> ids.add(UUID.fromString(new String(record.key(), StandardCharsets.US_ASCII))),
        topics.events());
    return ids;
  }

  private static Map<UUID, Row> rows(Postgres database) throws Exception {
    Map<UUID, Row> rows = new HashMap<>();
    try (var connection = database.connect();
        var statement = connection.createStatement();
        var result =
            statement.executeQuery(
                "SELECT e.correlation_id, e.status, e.user_prompt, coalesce(p.n, 0), coalesce(d.n,"
                    + " 0) FROM agent_execution_logs e LEFT JOIN (SELECT execution_id, count(*) AS"
                    + " n FROM agent_execution_progress GROUP BY 1) p USING (execution_id) LEFT"
                    + " JOIN (SELECT correlation_id, count(*) AS n FROM agent_routing_decisions"
                    + " GROUP BY 1) d ON d.correlation_id = e.correlation_id")) {
      while (result.next()) {
        UUID id = result.getObject(1, UUID.class);
        Row row =
            new Row(
                result.getString(2),
                FleetApp.prompt(id).equals(result.getString(3)),
                result.getInt(4),
                result.getInt(5));
        assertThat(rows.put(id, row)).as("a second row of %s", id).isNull();
      }
    }
    return rows;
  }

  private static void removeDisk(Path disk) throws Exception {
    try (var paths = Files.walk(disk)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
