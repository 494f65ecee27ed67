package io.agentlog.backends;

import java.nio.file.Path;
import java.time.Duration;

/**
 * The settings of a broker that is a controller too.
 *
 * @param nodeId of this broker, from 1
 * @param voters of the controllers' quorum, as {@code ID@HOST:PORT,...}
 * @param controllerPort of this node, as {@code voters} has it
 * @param port of the listener for clients
 * @param data the folder of its logs
 * @param replicas of each topic, the broker's own ones included
 * @param insyncReplicasMin that must have a record before it is acknowledged with {@code acks=all}
 * @param sessionTimeout after which the controllers give up a broker that says nothing
 */
record KafkaSettings(
    int nodeId,
    String voters,
    int controllerPort,
    int port,
    Path data,
    int replicas,
    int insyncReplicasMin,
    Duration sessionTimeout) {
  /** Name of the listener with encryption and log-in. */
  static final String SECURE = "SECURE";

  /** The settings of a broker alone, which is its own controller. */
  static KafkaSettings alone(Path data, int port) {
    int controllerPort = Ports.free();
    return new KafkaSettings(
        1, voter(1, controllerPort), controllerPort, port, data, 1, 1, Duration.ofSeconds(2));
  }

  /** One of {@code controller.quorum.voters}. */
  static String voter(int nodeId, int controllerPort) {
    return nodeId + "@127.0.0.1:" + controllerPort;
  }

  /**
   * The text of {@code server.properties}.
   *
   * @param otherListeners as {@code NAME://HOST:PORT}
   */
  String properties(String... otherListeners) {
    String others = otherListeners.length == 0 ? "" : "," + String.join(",", otherListeners);
    return String.join(
        "\n",
        "node.id=" + nodeId,
        "process.roles=broker,controller",
        "controller.listener.names=CONTROLLER",
        "controller.quorum.voters=" + voters,
        "listeners=PLAINTEXT://127.0.0.1:"
            + port
            + ",CONTROLLER://127.0.0.1:"
            + controllerPort
            + others,
        "advertised.listeners=PLAINTEXT://127.0.0.1:" + port + others,
        "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,"
            + SECURE
            + ":SASL_SSL",
        "log.dirs=" + data,
        "auto.create.topics.enable=false",
        "num.partitions=1",
        "default.replication.factor=" + replicas,
        "min.insync.replicas=" + insyncReplicasMin,
        "offsets.topic.replication.factor=" + replicas,
        "offsets.topic.num.partitions=1",
        "transaction.state.log.replication.factor=" + replicas,
        "transaction.state.log.min.isr=" + insyncReplicasMin,
        "transaction.state.log.num.partitions=1",
        "share.coordinator.state.topic.replication.factor=" + replicas,
        "share.coordinator.state.topic.min.isr=" + insyncReplicasMin,
        "share.coordinator.state.topic.num.partitions=1",
        "group.initial.rebalance.delay.ms=0",
        "log.retention.hours=24",
        // A broker that was killed registers again only once its old session has ended.
        "broker.session.timeout.ms=" + sessionTimeout.toMillis(),
        "broker.heartbeat.interval.ms=500",
        "log.segment.bytes=67108864",
        // The default buffer alone is a third of the heap given here.
        "log.cleaner.dedupe.buffer.size=4194304",
        "num.network.threads=2",
        "num.io.threads=2",
        "");
  }
}
