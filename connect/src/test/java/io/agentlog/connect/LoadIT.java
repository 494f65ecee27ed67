package io.agentlog.connect;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.backends.Backends;
import io.agentlog.backends.ConnectVersion;
import io.agentlog.backends.ConnectWorker;
import io.agentlog.backends.Kafka;
import io.agentlog.backends.Postgres;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: rows that came over Kafka are those of the direct path, however often and by how many ways
 * an event comes. Method: the shipped agent in an application's JVM, a real broker, the unzipped
 * plugin in a real worker, and sums over all columns of the tables.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class LoadIT {
  private static final Duration DEADLINE = Duration.ofSeconds(60);
  private static final String OTHER_SESSIONS_END =
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
  private static final String ENDED_EXECUTIONS =
      "SELECT count(*) FROM agent_execution_logs WHERE status <> 'in_progress'";
  private static final int EXECUTIONS = 300;
  private static final int PARTITIONS = 3;

  @TempDir private static Path plugins;
  private static Kafka kafka;
  private static ConnectWorker worker;
  private static Postgres agedExecutions;

  @TempDir private Path directory;

  @BeforeAll
  static void start() throws Exception {
    kafka = Kafka.startProcess();
    Artifacts.unzipPlugin(plugins);
    worker = ConnectWorker.startNew(ConnectVersion.NEWEST, kafka, "load", plugins, Map.of());
    agedExecutions = startQuietly();
  }

  @AfterAll
  static void close() {
    worker.close();
    if (agedExecutions != null) {
      agedExecutions.close();
    }
    kafka.close();
  }

  @Test
  void rowsAreThoseOfTheDirectPathAndOfAnImport() throws Exception {
    EventTopics topics = EventTopics.create(kafka, PARTITIONS);
    try (Postgres direct = Backends.postgres().newDatabase();
        Postgres loaded = Backends.postgres().newDatabase();
        Postgres imported = Backends.postgres().newDatabase()) {
      Loader loader = Loader.start(worker.rest(), topics, loaded, 2);
      try (FleetJvm jvm = FleetJvm.startWithBoth(directory.resolve("jvm"), topics, direct)) {
        jvm.obey("hang", "hanging");
        jvm.obey("run " + EXECUTIONS, "ran " + EXECUTIONS);
        jvm.obey("refused", "refused");
        jvm.end();
      }
      loader.awaitLoaded();
      assertThat(ended(direct)).isEqualTo(EXECUTIONS + 3);
      TableContents.assertSame(loaded, direct);

      TopicRecords.send(kafka, topics.events(), DocumentedEvents.ofExecutions());
      TopicRecords.send(kafka, topics.details(), DocumentedEvents.ofDetails());
      loader.awaitLoaded();
      Loader.importInto(imported, topics, directory.resolve("import"));
      TableContents.assertSame(loaded, imported);
      assertThat(TableContents.count(loaded, "SELECT count(*) FROM agent_model_calls")).isOne();
      assertThat(kafka.recordCount(topics.deadLetters())).isZero();
    }
  }

  @Test
  void replayFromTheBeginningChangesNoRow() throws Exception {
    EventTopics topics = EventTopics.create(kafka, PARTITIONS);
    try (Postgres loaded = Backends.postgres().newDatabase()) {
      Loader loader = Loader.start(worker.rest(), topics, loaded, 2);
      try (FleetJvm jvm = FleetJvm.start(directory.resolve("jvm"), topics)) {
        jvm.obey("run " + EXECUTIONS, "ran " + EXECUTIONS);
        jvm.end();
      }
      loader.awaitLoaded();
      assertThat(ended(loaded)).isEqualTo(EXECUTIONS + 1);
      List<String> versions = TableContents.versions(loaded);

      worker.rest().stop(loader.name());
      worker.rest().deleteOffsets(loader.name());
      assertThat(worker.rest().offsets(loader.name())).contains("\"offsets\":[]");
      worker.rest().resume(loader.name());
      loader.awaitLoaded();
      assertThat(TableContents.versions(loaded)).isEqualTo(versions);

      worker.rest().stop(loader.name());
      for (int i = 0; i < PARTITIONS; i++) {
        worker.rest().moveTo(loader.name(), topics.events(), i, 1);
      }
      worker.rest().resume(loader.name());
      loader.awaitLoaded();
      assertThat(TableContents.versions(loaded)).isEqualTo(versions);
    }
  }

  @Test
  void bothPathsMayWriteTheSameExecutionsAtOnce() throws Exception {
    EventTopics topics = EventTopics.create(kafka, PARTITIONS);
    try (Postgres both = Backends.postgres().newDatabase();
        Postgres loaded = Backends.postgres().newDatabase()) {
      Loader intoBoth = Loader.start(worker.rest(), topics, both, 2);
      try (FleetJvm jvm = FleetJvm.startWithBoth(directory.resolve("jvm"), topics, both)) {
        jvm.obey("hang", "hanging");
        jvm.obey("run " + EXECUTIONS, "ran " + EXECUTIONS);
        jvm.end();
      }
      Loader alone = Loader.start(worker.rest(), topics, loaded, 1);
      intoBoth.awaitLoaded();
      alone.awaitLoaded();
      assertThat(ended(both)).isEqualTo(EXECUTIONS + 2);
      TableContents.assertSame(both, loaded);
    }
  }

  @Test
  void refusedRecordsAloneGoToTheDeadLetterTopicAsTheyWere() throws Exception {
    EventTopics topics = EventTopics.create(kafka, PARTITIONS);
    try (Postgres loaded = Backends.postgres().newDatabase()) {
      loaded.execute(
          "CREATE TABLE agent_execution_logs (execution_id uuid PRIMARY KEY, agent_name text"
              + " CHECK (agent_name <> '"
              + FleetApp.REFUSED_AGENT
              + "'))");
      Loader loader = Loader.start(worker.rest(), topics, loaded, 2);
      byte[] broken =
          ("{\"event_type\":\"started\",\"user_prompt\":\"" + FleetApp.SECRET).getBytes(UTF_8);
      byte[] noText = {(byte) 0xff, (byte) 0xfe, 0, '{', '}'};
      byte[] newer =
          new String(DocumentedEvents.ofExecutions().get(0), UTF_8)
              .replace("\"schema_version\": 1", "\"schema_version\": 2")
              .replaceFirst(
                  "\"user_prompt\": \"[^\"]*\"", "\"user_prompt\": \"" + FleetApp.SECRET + "\"")
              .getBytes(UTF_8);
      byte[] unknown = "{\"event_type\":\"from-the-future\",\"schema_version\":1}".getBytes(UTF_8);
      try (FleetJvm jvm = FleetJvm.start(directory.resolve("jvm"), topics)) {
        jvm.obey("run 50", "ran 50");
        jvm.obey("refused", "refused");
        TopicRecords.send(kafka, topics.events(), List.of(broken, noText, newer, unknown));
        jvm.obey("run 60", "ran 60");
        jvm.end();
      }
      loader.awaitLoaded();

      List<ConsumerRecord<byte[], byte[]>> expected = new ArrayList<>();
      for (ConsumerRecord<byte[], byte[]> record : TopicRecords.read(kafka, topics.events())) {
        String text = new String(record.value(), StandardCharsets.ISO_8859_1);
        if (record.key() == null
            || text.contains("\"agent_name\":\"" + FleetApp.REFUSED_AGENT + "\"")) {
          expected.add(record);
        }
      }
      // The refused agent's start, stage and end; any of them twice, if the JVM sent it again.
      assertThat(expected.stream().map(LoadIT::text).distinct()).hasSize(4 + 3);
      // All offsets are committed, so all are in the queue; one may be there twice, since a report
      // that is answered at once is made again.
      List<ConsumerRecord<byte[], byte[]>> dead = TopicRecords.read(kafka, topics.deadLetters());
      assertThat(dead)
          .extracting(LoadIT::text)
          .hasSameElementsAs(expected.stream().map(LoadIT::text).toList())
          .hasSizeLessThanOrEqualTo(2 * expected.size());
      assertThat(dead)
          .allSatisfy(
              record -> {
                List<String> names = new ArrayList<>();
                for (Header header : record.headers()) {
                  names.add(header.key());
                  assertThat(new String(header.value(), UTF_8))
                      .as(header.key())
                      .doesNotContain(FleetApp.SECRET);
                }
                assertThat(names)
                    .contains(
                        "__connect.errors.topic",
                        "__connect.errors.partition",
                        "__connect.errors.offset",
                        "__connect.errors.exception.message");
                if (record.key() != null) {
                  assertThat(names).contains("event_id", "event_type", "correlation_id");
                }
              });
      assertThat(worker.log()).doesNotContain(FleetApp.SECRET);
      assertThat(ended(loaded)).isEqualTo(111);
      assertThat(worker.rest().states(loader.name())).containsOnly("RUNNING");
    }
  }

  /** Who skipped the event that a line blames would lose it. */
  @Test
  void readOnlyDatabaseIsNoFaultOfAnEvent() throws Exception {
    EventTopics topics = EventTopics.create(kafka, 1);
    try (Postgres loaded = Backends.postgres().newDatabase()) {
      Loader loader = Loader.start(worker.rest(), topics, loaded, 1);
      TopicRecords.send(kafka, topics.events(), DocumentedEvents.ofExecutions());
      loader.awaitLoaded();
      int before = worker.log().length();
      loaded.execute(
          "ALTER DATABASE %1$s SET default_transaction_read_only = on; %2$s"
              .formatted(loaded.database(), OTHER_SESSIONS_END));
      TopicRecords.send(kafka, topics.events(), DocumentedEvents.ofExecutions());
      Until.holds(
          "the outage is told",
          DEADLINE,
          () -> worker.log().substring(before).contains("is read-only"),
          worker::log);
      assertThat(worker.log().substring(before).lines())
          .filteredOn(line -> line.contains("is read-only"))
          .noneMatch(line -> line.contains("can't be written"));

      loaded.execute(
          "BEGIN READ WRITE; ALTER DATABASE %1$s RESET default_transaction_read_only; COMMIT; %2$s"
              .formatted(loaded.database(), OTHER_SESSIONS_END));
      loader.awaitLoaded();
      assertThat(worker.rest().states(loader.name())).containsOnly("RUNNING");
      worker.rest().delete(loader.name());
    }
  }

  /**
   * As after a restart in a quiet night: what is too old goes, although no event comes. The last
   * test, because the first removal is due up to 75 s after the start of the connector.
   */
  @Test
  @Order(Integer.MAX_VALUE)
  void whatIsTooOldIsRemovedAlsoWhileNoEventComes() {
    Until.holds(
        "removal",
        Duration.ofMinutes(3),
        () -> TableContents.count(agedExecutions, ENDED_EXECUTIONS) == 0,
        worker::log);
  }

  /** Makes executions that are too old, and then a connector to which no event comes. */
  private static Postgres startQuietly() throws Exception {
    EventTopics topics = EventTopics.create(kafka, 1);
    Postgres database = Backends.postgres().newDatabase();
    Loader loader = Loader.start(worker.rest(), topics, database, 1);
    TopicRecords.send(kafka, topics.events(), DocumentedEvents.ofExecutions());
    loader.awaitLoaded();
    worker.rest().delete(loader.name());
    assertThat(ended(database)).isPositive();
    database.execute(
        "UPDATE agent_execution_logs SET started_at = started_at - interval '9 years',"
            + " completed_at = completed_at - interval '9 years', created_at = created_at - interval '9 years'");

    Map<String, String> config = Loader.config(topics, database, 1);
    config.remove("instances.topic"); // Nor does a heartbeat come.
    config.put("topics", kafka.newTopic(1));
    config.put("retention", "1d");
    worker.rest().put("quiet", config);
    return database;
  }

  private static long ended(Postgres database) {
    return TableContents.count(database, ENDED_EXECUTIONS);
  }

  /** Key and value, to the byte. */
  private static String text(ConsumerRecord<byte[], byte[]> record) {
    HexFormat hex = HexFormat.of();
    return (record.key() == null ? "" : hex.formatHex(record.key()))
        + " "
        + hex.formatHex(record.value());
  }
}
