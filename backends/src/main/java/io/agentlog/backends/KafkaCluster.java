package io.agentlog.backends;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitions;

/**
 * Three Kafka brokers that are the controllers too, as processes. Each topic has three replicas,
 * two of which must have a record before it is acknowledged with {@code acks=all}; so one node may
 * be away. Thread-safe.
 */
public final class KafkaCluster implements AutoCloseable {
  private static final int NODES = 3;

  private final List<KafkaNode> nodes;
  private final Kafka kafka;

  private KafkaCluster(List<KafkaNode> nodes) {
    this.nodes = nodes;
    this.kafka = new Kafka(new AllNodes());
  }

  /** Starts a cluster for the caller alone; {@link #close()} ends and removes it. */
  public static KafkaCluster startNew() {
    String classPath = Installation.kafkaClassPath();
    KafkaFormatted formatted = KafkaFormatted.of(classPath);
    String clusterId = KafkaFormatted.newId();
    int[] controllerPorts = IntStream.range(0, NODES).map(i -> Ports.free()).toArray();
    String voters =
        IntStream.range(0, NODES)
            .mapToObj(i -> KafkaSettings.voter(i + 1, controllerPorts[i]))
            .collect(Collectors.joining(","));
    List<KafkaNode> nodes = new ArrayList<>();
    for (int i = 0; i < NODES; i++) {
      nodes.add(new KafkaNode(i + 1, clusterId, voters, controllerPorts[i], classPath, formatted));
    }
    KafkaCluster cluster = new KafkaCluster(List.copyOf(nodes));
    try {
      cluster.eachAtOnce(KafkaNode::startFirst);
    } catch (RuntimeException | Error e) {
      cluster.close();
      throw e;
    }
    return cluster;
  }

  /** The topics and records of the cluster; its stop, start and kill are those of all nodes. */
  public Kafka kafka() {
    return kafka;
  }

  /**
   * Raises the number of a topic's partitions; returns when each of them has a leader.
   *
   * @param partitionCount of the topic, the old ones included
   */
  public void addPartitions(String topic, int partitionCount) {
    try (Admin admin = Kafka.admin(kafka.bootstrapServers())) {
      Map<String, NewPartitions> more = Map.of(topic, NewPartitions.increaseTo(partitionCount));
      Kafka.get("add partitions to " + topic, admin.createPartitions(more).all());
      Kafka.awaitLeaders(admin, topic, partitionCount);
    }
  }

  /** The ID of the broker that leads a partition now. */
  public int leader(String topic, int partition) {
    try (Admin admin = Kafka.admin(kafka.bootstrapServers())) {
      return Kafka.get(
              "describe topic " + topic, admin.describeTopics(Set.of(topic)).allTopicNames())
          .values()
          .iterator()
          .next()
          .partitions()
          .get(partition)
          .leader()
          .id();
    }
  }

  /**
   * SIGKILL for one node.
   *
   * @param id of the node, from 1, as {@link #leader} has it
   */
  public void kill(int id) {
    nodes.get(id - 1).kill();
  }

  /**
   * Starts one node again with its data, on the same port, and waits until it answers.
   *
   * @param id of the node, from 1
   */
  public void start(int id) {
    nodes.get(id - 1).start();
  }

  @Override
  public void close() {
    nodes.forEach(KafkaNode::close);
  }

  /** For starts too: a node comes up only with another one. */
  private void eachAtOnce(Consumer<KafkaNode> action) {
    CompletableFuture<?>[] all =
        nodes.stream()
            .map(node -> CompletableFuture.runAsync(() -> action.accept(node), this::newThread))
            .toArray(CompletableFuture<?>[]::new);
    try {
      CompletableFuture.allOf(all).join();
    } catch (CompletionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new BackendException("the Kafka cluster: " + cause.getMessage(), cause);
    }
  }

  /** Not the common pool: on two cores it has one thread, and three must wait for one another. */
  private void newThread(Runnable task) {
    Thread thread = new Thread(task, "kafka-cluster");
    thread.setDaemon(true);
    thread.start();
  }

  private final class AllNodes implements KafkaServer {
    @Override
    public String bootstrapServers() {
      return nodes.stream().map(KafkaNode::bootstrapServer).collect(Collectors.joining(","));
    }

    @Override
    public boolean isOwned() {
      return true;
    }

    @Override
    public void start() {
      eachAtOnce(KafkaNode::start);
    }

    @Override
    public void stop() {
      eachAtOnce(KafkaNode::stop);
    }

    @Override
    public void kill() {
      eachAtOnce(KafkaNode::kill);
    }

    @Override
    public void close() {
      KafkaCluster.this.close();
    }
  }
}
