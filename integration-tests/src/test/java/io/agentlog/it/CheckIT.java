package io.agentlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.backends.Backends;
import io.agentlog.backends.Certificate;
import io.agentlog.backends.ChildJvm;
import io.agentlog.backends.Kafka;
import io.agentlog.backends.Postgres;
import io.agentlog.backends.TcpForwarder;
import io.agentlog.it.support.AgentCommand;
import io.agentlog.it.support.Tmpfs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: whatever is wrong with a set-up, {@code check} names it and says what to do, and changes
 * nothing. Method: the shipped jar's command against real servers, each broken in one way.
 */
class CheckIT {
  private static final Duration DEADLINE = Duration.ofMinutes(2);
  private static final String SECRET = "s3cret-7f3a";

  private static Postgres database;

  @TempDir Path directory;

  @BeforeAll
  static void makeTables() {
    database = Backends.postgres().newDatabase();
    assertThat(migrate(database)).isZero();
  }

  @AfterAll
  static void dropDatabase() {
    database.close();
  }

  @AfterEach
  void nothingIsLeft() throws IOException {
    try (Stream<Path> left = Files.walk(directory)) {
      assertThat(left.filter(Files::isRegularFile)).isEmpty();
    }
  }

  @Test
  void allIsWell() {
    Kafka kafka = Backends.kafka();
    String topic = kafka.newTopic(3);
    ChildJvm check =
        check()
            .postgres(database)
            .kafka(kafka, topic)
            .with("-o", "kafka.detail-topic=" + kafka.newTopic(1))
            .start();
    assertThat(check.awaitExit(DEADLINE)).as("%s", check.stdout()).isZero();
    assertThat(check.stdout()).hasSizeGreaterThan(6).allMatch(line -> line.startsWith("ok "));
    assertThat(check.stderr()).isEmpty();
    assertThat(kafka.records(topic)).isEmpty();
  }

  @Test
  void missingTopicThatOnlyCallsOfModelsNeedIsAWarning() {
    Kafka kafka = Backends.kafka();
    String topic = "t-" + UUID.randomUUID();
    kafka.createTopic(topic, 1, Map.of("max.message.bytes", "2097152"));
    ChildJvm check = check().kafka(kafka, topic).with("-o", "kafka.detail-topic=not-there").start();
    assertThat(check.awaitExit(DEADLINE)).as("%s", check.stdout()).isZero();
    assertThat(check.stdout())
        .filteredOn(line -> !line.startsWith("ok "))
        .singleElement()
        .asString()
        .startsWith("warn ")
        .contains("topic not-there is missing: create it", "a framework of agents calls models");
    assertThat(kafka.topics()).doesNotContain("not-there");
  }

  @Test
  void wrongPassword() {
    assertWrong(
        check().postgres(database).setting("AGENTLOG_POSTGRES_PASSWORD", SECRET),
        "refuses the log-in of user " + database.user(),
        "check agentlog.postgres.user, agentlog.postgres.password");
  }

  @Test
  void unknownHost() {
    assertWrong(
        check().setting("AGENTLOG_POSTGRES_HOST", "no-such-host.invalid"),
        "the host of no-such-host.invalid:5432 is not known: check agentlog.postgres.host");
  }

  @Test
  void closedPort() {
    assertWrong(
        check().postgres(database).setting("AGENTLOG_POSTGRES_PORT", 1),
        "nothing takes connections at " + database.host() + ":1: start PostgreSQL there");
  }

  @Test
  void hostThatTakesConnectionsAndNeverAnswers() {
    try (TcpForwarder hole = new TcpForwarder(database.host(), database.port())) {
      hole.fallSilent();
      assertWrong(
          check()
              .postgres(database)
              .setting("AGENTLOG_POSTGRES_HOST", hole.host())
              .setting("AGENTLOG_POSTGRES_PORT", hole.port()),
          "does not answer in time: check the network, firewalls and agentlog.postgres.host");
    }
  }

  @Test
  void missingDatabase() {
    assertWrong(
        check().postgres(database).setting("AGENTLOG_POSTGRES_DATABASE", "nowhere"),
        "database \"nowhere\" does not exist",
        "create it, or check agentlog.postgres.database");
  }

  @Test
  void missingTable() {
    try (Postgres empty = Backends.postgres().newDatabase()) {
      assertWrong(
          check().postgres(empty).setting("AGENTLOG_POSTGRES_SCHEMA", "validate"),
          "is missing table agent_execution_logs",
          "run java -jar agentlog.jar migrate");
      ChildJvm willMigrate = check().postgres(empty).start();
      assertThat(willMigrate.awaitExit(DEADLINE)).isZero();
      assertThat(willMigrate.stdout())
          .anyMatch(
              line ->
                  line.startsWith("warn ")
                      && line.contains("the agent adds it with its first event"));
    }
  }

  @Test
  void missingColumn() {
    try (Postgres lacking = migrated()) {
      lacking.execute("ALTER TABLE agent_execution_logs DROP COLUMN quality_score CASCADE");
      assertWrong(
          check().postgres(lacking).setting("AGENTLOG_POSTGRES_SCHEMA", "validate"),
          "is missing agent_execution_logs (quality_score)",
          "run java -jar agentlog.jar migrate");
    }
  }

  @Test
  void noRightToInsert() {
    String role = "reader_" + database.database();
    database.execute("CREATE ROLE %s LOGIN PASSWORD '%s'".formatted(role, SECRET));
    database.execute(
        "GRANT SELECT ON agent_execution_logs, agent_execution_progress, agent_routing_decisions,"
            + " agent_instances TO "
            + role);
    try {
      assertWrong(
          check()
              .postgres(database)
              .setting("AGENTLOG_POSTGRES_USER", role)
              .setting("AGENTLOG_POSTGRES_PASSWORD", SECRET),
          "may not INSERT, UPDATE on agent_execution_logs",
          "run GRANT INSERT, UPDATE ON agent_execution_logs TO \"%s\"".formatted(role));
    } finally {
      database.execute("DROP OWNED BY %1$s CASCADE; DROP ROLE %1$s".formatted(role));
    }
  }

  @Test
  void databaseThatIsReadOnly() {
    try (Postgres standby = migrated()) {
      standby.execute(
          "ALTER DATABASE %s SET default_transaction_read_only = on".formatted(standby.database()));
      assertWrong(
          check().postgres(standby),
          "is read-only, perhaps a standby: name the primary",
          "targetServerType=primary");
    }
  }

  @Test
  void leftoverForeignKey() {
    try (Postgres old = migrated()) {
      old.execute("CREATE TABLE sessions (id uuid PRIMARY KEY)");
      old.execute(
          "ALTER TABLE agent_execution_logs ADD CONSTRAINT of_session FOREIGN KEY (session_id)"
              + " REFERENCES sessions NOT VALID");
      assertWrong(
          check().postgres(old),
          "agent_execution_logs has of_session FOREIGN KEY (session_id)",
          "Run java -jar agentlog.jar migrate --relax",
          "ALTER TABLE agent_execution_logs DROP CONSTRAINT of_session");
    }
  }

  @Test
  void unknownKafkaHost() {
    assertWrong(
        check().setting("AGENTLOG_KAFKA_BOOTSTRAP_SERVERS", "no-such-host.invalid:9092"),
        "no host of agentlog.kafka.bootstrap-servers=no-such-host.invalid:9092 can be resolved",
        "correct the option or the name service");
  }

  @Test
  void missingTopic() {
    Kafka kafka = Backends.kafka();
    assertWrong(
        check().kafka(kafka, "not-there"),
        "topic not-there is missing: create it, or set agentlog.kafka.create-topic=true");
    assertThat(kafka.topics()).doesNotContain("not-there");
  }

  @Test
  void kafkaWithoutTheRightToWriteOrWithAWrongPassword() {
    Certificate certificate =
        Certificate.make(directory.resolveSibling("broker" + System.nanoTime()), "ip:127.0.0.1", 0);
    try (Kafka kafka = Kafka.startSecureProcess(certificate.keyStore(), Certificate.PASSWORD)) {
      String topic = kafka.newTopic(1);
      kafka.setPassword("router", SECRET);
      assertWrong(
          secure(kafka, topic, certificate, SECRET),
          "the right to write is missing",
          "grant WRITE and DESCRIBE on topic " + topic);
      assertWrong(
          secure(kafka, topic, certificate, SECRET + "x"),
          "refuses the log-in",
          "correct agentlog.kafka.client.sasl.*");
    }
  }

  @Test
  void directoryThatCanNotBeWritten() {
    assertWrong(
        check().in(Path.of("/proc/agentlog")),
        "dir=/proc/agentlog (environment AGENTLOG_DIR) can't hold the journal",
        "Name a folder that this process may write");
  }

  @Test
  void fullDisk() {
    try (Tmpfs disk = Tmpfs.mount(directory.resolve("disk"), 48)) {
      disk.fill();
      assertWrong(check().in(disk.path()), "events can't wait in", "Free disk space");
      disk.free();
    }
  }

  @Test
  void priceFileThatCanNotBeUsed() {
    assertWrong(
        check().postgres(database).with("-o", "prices=/no/such/prices.json"),
        "prices",
        "no call of a model gets a cost, because /no/such/prices.json can't be used");
  }

  @Test
  void nameThatIsNoFramework() {
    ChildJvm check = check().postgres(database).with("-o", "frameworks=langchain").start();
    assertThat(check.awaitExit(DEADLINE)).as("%s", check.stdout()).isZero();
    assertThat(check.stdout())
        .filteredOn(line -> !line.startsWith("ok "))
        .singleElement()
        .asString()
        .startsWith("warn ")
        .contains("frameworks: 'langchain' is no framework", "Recorded are none.");
  }

  @Test
  void jsonOptionPrintsEachFindingAsAnObject() {
    ChildJvm check =
        check().postgres(database).setting("AGENTLOG_POSTGRES_PORT", 1).with("--json").start();
    assertThat(check.awaitExit(DEADLINE)).isEqualTo(1);
    assertThat(check.stdout())
        .allMatch(line -> line.startsWith("{\"level\":\"") && line.endsWith("\"}"))
        .last()
        .asString()
        .startsWith("{\"level\":\"wrong\",\"area\":\"postgres\",\"text\":\"nothing takes");
  }

  private AgentCommand check() {
    return AgentCommand.of("check").in(directory.resolve("agentlog"));
  }

  private AgentCommand secure(Kafka kafka, String topic, Certificate certificate, String password) {
    AgentCommand check =
        check()
            .setting("AGENTLOG_KAFKA_BOOTSTRAP_SERVERS", kafka.secureBootstrapServers())
            .setting("AGENTLOG_KAFKA_TOPIC", topic);
    certificate
        .kafkaClient("router", password)
        .forEach((key, value) -> check.with("-o", "kafka.client." + key + "=" + value));
    return check;
  }

  /** One thing is wrong, it is said in these words, and no secret is. */
  private static void assertWrong(AgentCommand command, String... words) {
    ChildJvm check = command.start();
    assertThat(check.awaitExit(DEADLINE)).as("%s %s", check.stdout(), check.stderr()).isEqualTo(1);
    List<String> wrong = check.stdout().stream().filter(line -> line.startsWith("wrong ")).toList();
    assertThat(wrong).as("%s", check.stdout()).isNotEmpty();
    assertThat(wrong.get(0)).contains(words);
    assertThat(check.stdout()).noneMatch(line -> line.contains(SECRET));
    assertThat(check.stderr()).noneMatch(line -> line.contains(SECRET));
  }

  private static Postgres migrated() {
    Postgres made = Backends.postgres().newDatabase();
    assertThat(migrate(made)).isZero();
    return made;
  }

  private static int migrate(Postgres database) {
    return AgentCommand.of("migrate").postgres(database).start().awaitExit(DEADLINE);
  }
}
