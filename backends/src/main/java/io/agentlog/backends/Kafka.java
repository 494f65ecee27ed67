package io.agentlog.backends;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.jspecify.annotations.Nullable;

/**
 * A real Kafka broker, or a cluster of them.
 *
 * <p>{@link Backends#kafka()} is the shared broker of this JVM; {@link #startOwn()} is one that a
 * test may stop or kill. The broker makes no topics by itself, unless it is told to. Thread-safe.
 */
public final class Kafka implements AutoCloseable {
  private static final Duration DEADLINE = Duration.ofSeconds(60);
  static final String SCRAM = "SCRAM-SHA-512";

  private final KafkaServer server;

  Kafka(KafkaServer server) {
    this.server = server;
  }

  /** Starts a broker for the caller alone; {@link #close()} ends and removes it. */
  public static Kafka startOwn() {
    return new Kafka(Backends.newKafkaServer());
  }

  /** Starts a broker for the caller alone, always as a process. */
  public static Kafka startProcess() {
    return new Kafka(KafkaProcess.startNew());
  }

  /** Starts a process that creates each missing topic that a client asks for. */
  public static Kafka startCreatingTopics(int partitionCount) {
    return new Kafka(
        KafkaProcess.startNew(
            false,
            Map.of(
                "auto.create.topics.enable",
                "true",
                "num.partitions",
                String.valueOf(partitionCount))));
  }

  /**
   * Starts a process with a second listener, which takes log-ins by SCRAM-SHA-512 over TLS. Users
   * there may do only what {@link #allow} has allowed.
   *
   * @param keyStore the broker's, PKCS 12
   */
  public static Kafka startSecureProcess(Path keyStore, String password) {
    return new Kafka(
        KafkaProcess.startNew(
            true,
            Map.of(
                "ssl.keystore.location", keyStore.toString(),
                "ssl.keystore.password", password,
                "ssl.keystore.type", "PKCS12",
                "listener.name.secure.sasl.enabled.mechanisms", SCRAM,
                "listener.name.secure.scram-sha-512.sasl.jaas.config",
                    "org.apache.kafka.common.security.scram.ScramLoginModule required;",
                "authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
                "super.users", "User:ANONYMOUS")));
  }

  /** The address of the second listener of {@link #startSecureProcess}. */
  public String secureBootstrapServers() {
    if (server instanceof KafkaProcess process) {
      return process.secureBootstrapServers();
    }
    throw new UnsupportedOperationException("the broker was not started as a process here");
  }

  /** Makes a user, or changes the password. */
  public void setPassword(String user, String password) {
    try (Admin admin = admin(bootstrapServers())) {
      var credential =
          new UserScramCredentialUpsertion(
              user, new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4_096), password);
      get("set a password", admin.alterUserScramCredentials(List.of(credential)).all());
    }
  }

  /** Lets a user write to a topic. */
  public void allow(String user, String topic) {
    try (Admin admin = admin(bootstrapServers())) {
      get("grant", admin.createAcls(List.of(write(user, topic))).all());
    }
  }

  /** Takes back what {@link #allow} has allowed. */
  public void forbid(String user, String topic) {
    try (Admin admin = admin(bootstrapServers())) {
      get("revoke", admin.deleteAcls(List.of(write(user, topic).toFilter())).all());
    }
  }

  private static AclBinding write(String user, String topic) {
    return new AclBinding(
        new ResourcePattern(ResourceType.TOPIC, topic, PatternType.LITERAL),
        new AccessControlEntry("User:" + user, "*", AclOperation.WRITE, AclPermissionType.ALLOW));
  }

  /**
   * The cluster that {@code KAFKA_BOOTSTRAP_SERVERS} names in the environment; empty without that
   * variable. Does not connect yet.
   */
  public static Optional<Kafka> named(Map<String, String> environment) {
    return ExternalKafka.from(environment).map(Kafka::new);
  }

  public String bootstrapServers() {
    return server.bootstrapServers();
  }

  /** Whether {@link #stop()}, {@link #start()} and {@link #kill()} are possible. */
  public boolean isOwned() {
    return server.isOwned();
  }

  /** Makes a topic with a unique name and returns the name. */
  public String newTopic(int partitionCount) {
    String name = "t-" + UUID.randomUUID();
    createTopic(name, partitionCount, Map.of());
    return name;
  }

  /** Makes a topic; returns when each of its partitions has a leader. */
  public void createTopic(String name, int partitionCount) {
    createTopic(name, partitionCount, Map.of());
  }

  /** Makes a topic with settings such as {@code max.message.bytes}. */
  public void createTopic(String name, int partitionCount, Map<String, String> settings) {
    try (Admin admin = admin(bootstrapServers())) {
      NewTopic topic = new NewTopic(name, Optional.of(partitionCount), Optional.empty());
      get("create topic " + name, admin.createTopics(Set.of(topic.configs(settings))).all());
      awaitLeaders(admin, name, partitionCount);
    }
    deleteAtExit(name);
  }

  /**
   * Deletes a topic when the JVM ends, on a cluster that goes on. Topics made here need no call.
   */
  public void deleteAtExit(String name) {
    if (!isOwned()) {
      OpenServers.add(() -> deleteTopic(name));
    }
  }

  /** Removes a topic; a missing topic is no error. */
  public void deleteTopic(String name) {
    try (Admin admin = admin(bootstrapServers())) {
      get("delete topic " + name, admin.deleteTopics(Set.of(name)).all());
      if (!Wait.until(DEADLINE, () -> leaderCount(admin, name) == 0)) {
        throw new BackendException("topic " + name + " is still there after " + DEADLINE);
      }
    } catch (BackendException e) {
      if (!(e.getCause() instanceof UnknownTopicOrPartitionException)) {
        throw e;
      }
    }
  }

  public Set<String> topics() {
    try (Admin admin = admin(bootstrapServers())) {
      return Set.copyOf(get("list topics", admin.listTopics().names()));
    }
  }

  /**
   * The number of records in all partitions of the topic now; 0 while it does not exist. Assumes
   * that no record has been pruned.
   */
  public long recordCount(String topic) {
    try (Admin admin = admin(bootstrapServers())) {
      return recordCount(admin, topic);
    }
  }

  /** Counts repeatedly with one client until the count is reached or the deadline passes. */
  public boolean awaitRecordCount(String topic, long count, Duration deadline) {
    try (Admin admin = admin(bootstrapServers())) {
      return Wait.until(deadline, () -> recordCount(admin, topic) >= count);
    }
  }

  /** All records of the topic now, partition by partition, in the order of each partition. */
  public List<ConsumerRecord<String, String>> records(String topic) {
    Map<String, Object> settings =
        Map.of("bootstrap.servers", bootstrapServers(), "enable.auto.commit", "false");
    try (KafkaConsumer<String, String> consumer =
        new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic, DEADLINE).stream()
              .map(info -> new TopicPartition(topic, info.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions, DEADLINE);
      List<ConsumerRecord<String, String>> records = new ArrayList<>();
      boolean complete =
          Wait.until(
              DEADLINE,
              () -> {
                consumer.poll(Duration.ofMillis(100)).forEach(records::add);
                return ends.entrySet().stream()
                    .allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
              });
      if (!complete) {
        throw new BackendException("reading topic " + topic + " took longer than " + DEADLINE);
      }
      return records;
    }
  }

  /** The last header of that name as text, or null. */
  public static @Nullable String header(ConsumerRecord<?, ?> record, String name) {
    var header = record.headers().lastHeader(name);
    return header == null ? null : new String(header.value(), StandardCharsets.UTF_8);
  }

  /**
   * Ends the broker in an orderly way.
   *
   * @throws UnsupportedOperationException if the broker is someone else's; see {@link #isOwned()}
   */
  public void stop() {
    server.stop();
  }

  /**
   * SIGKILL for the broker.
   *
   * @throws UnsupportedOperationException if the broker is someone else's
   */
  public void kill() {
    server.kill();
  }

  /**
   * Starts the broker again with its data, on the same port, and waits until it answers.
   *
   * @throws UnsupportedOperationException if the broker is someone else's
   */
  public void start() {
    server.start();
  }

  /** Ends a broker that was started for the caller and removes its data. */
  @Override
  public void close() {
    server.close();
  }

  @Override
  public String toString() {
    return bootstrapServers();
  }

  /** Whether a broker answers before the deadline and can serve. */
  static boolean answers(String bootstrapServers, Duration deadline) {
    try (Admin admin = admin(bootstrapServers)) {
      return Wait.until(
          deadline,
          () -> {
            try {
              return !admin.describeCluster().nodes().get(5, TimeUnit.SECONDS).isEmpty();
            } catch (ExecutionException | TimeoutException e) {
              return false;
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
              return false;
            }
          });
    }
  }

  static Admin admin(String bootstrapServers) {
    return Admin.create(
        Map.of(
            "bootstrap.servers",
            bootstrapServers,
            "request.timeout.ms",
            "10000",
            "default.api.timeout.ms",
            Long.toString(DEADLINE.toMillis())));
  }

  /** Waits until each partition has a leader. */
  static void awaitLeaders(Admin admin, String topic, int partitionCount) {
    if (!Wait.until(DEADLINE, () -> leaderCount(admin, topic) == partitionCount)) {
      throw new BackendException("topic " + topic + " has no leaders after " + DEADLINE);
    }
  }

  private static int leaderCount(Admin admin, String topic) {
    try {
      var description =
          admin.describeTopics(Set.of(topic)).allTopicNames().get(5, TimeUnit.SECONDS);
      return (int)
          description.values().stream()
              .flatMap(topicDescription -> topicDescription.partitions().stream())
              .filter(partition -> partition.leader() != null)
              .count();
    } catch (ExecutionException | TimeoutException e) {
      return 0;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 0;
    }
  }

  private static long recordCount(Admin admin, String topic) {
    try {
      Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
      get("describe topic " + topic, admin.describeTopics(Set.of(topic)).allTopicNames())
          .values()
          .forEach(
              description ->
                  description
                      .partitions()
                      .forEach(
                          partition ->
                              latest.put(
                                  new TopicPartition(topic, partition.partition()),
                                  OffsetSpec.latest())));
      return get("list offsets of " + topic, admin.listOffsets(latest).all()).values().stream()
          .mapToLong(info -> info.offset())
          .sum();
    } catch (BackendException e) {
      if (e.getCause() instanceof UnknownTopicOrPartitionException) {
        return 0;
      }
      throw e;
    }
  }

  static <T> T get(String what, KafkaFuture<T> future) {
    try {
      return future.get(DEADLINE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new BackendException("Kafka could not " + what + ": " + cause.getMessage(), cause);
    } catch (TimeoutException e) {
      throw new BackendException("Kafka did not " + what + " within " + DEADLINE, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BackendException("interrupted before Kafka could " + what, e);
    }
  }
}
