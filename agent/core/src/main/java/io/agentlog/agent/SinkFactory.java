package io.agentlog.agent;

import io.agentlog.agent.sink.file.FileSink;
import io.agentlog.agent.sink.kafka.KafkaSink;
import io.agentlog.agent.sink.kafka.KafkaTarget;
import io.agentlog.config.Config;
import io.agentlog.config.SinkChoice;
import io.agentlog.log.AgentLog;
import io.agentlog.postgres.PostgresSink;
import io.agentlog.postgres.PostgresTarget;
import io.agentlog.sink.Sink;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;

/** Makes the sinks that the configuration asks for. Making one connects to nothing. */
public final class SinkFactory {
  private SinkFactory() {}

  /**
   * Sinks for the journal of this JVM.
   *
   * @param folder of this service under the base directory
   * @param service name of this service
   */
  static List<Sink> create(
      Config config, SinkChoice choice, Path folder, UUID instanceId, String service) {
    return create(
        config,
        choice,
        folder,
        instanceId,
        "agentlog-" + instanceId,
        () -> new PostgresSink(config, instanceId, service));
  }

  /**
   * A further set of sinks, which may be at work beside the first, for journals that dead JVMs have
   * left: with a connection and a producer of their own, so that the backlog of the dead delays
   * nothing, and without a lease, since the dead don't live.
   *
   * @param folder of the service whose journals they are
   * @param instanceId of this JVM
   */
  public static List<Sink> createForDeadJournals(
      Config config, SinkChoice choice, Path folder, UUID instanceId) {
    return create(
        config,
        choice,
        folder,
        instanceId,
        "agentlog-" + instanceId + "-dead",
        () -> new PostgresSink(config));
  }

  private static List<Sink> create(
      Config config,
      SinkChoice choice,
      Path folder,
      UUID instanceId,
      String kafkaClientId,
      Supplier<Sink> postgres) {
    List<Sink> sinks = new ArrayList<>();
    if (choice.has(SinkChoice.POSTGRES)) {
      sinks.add(
          usable(SinkChoice.POSTGRES, () -> PostgresTarget.of(config).fingerprint(), postgres));
    }
    if (choice.has(SinkChoice.KAFKA)) {
      sinks.add(
          usable(
              SinkChoice.KAFKA,
              () -> KafkaTarget.of(config).fingerprint(),
              () -> new KafkaSink(config, kafkaClientId)));
    }
    if (choice.has(SinkChoice.FILE)) {
      sinks.add(new FileSink(config, folder, instanceId));
    }
    return sinks;
  }

  /** Modules of the JDK that these sinks need, beyond those that each JVM has. */
  static List<String> modules(SinkChoice choice) {
    List<String> modules = new ArrayList<>();
    if (choice.has(SinkChoice.POSTGRES)) {
      modules.add("java.sql");
    }
    if (choice.has(SinkChoice.POSTGRES) || choice.has(SinkChoice.KAFKA)) {
      // DataSources and brokers by name, beans that the libraries link to, log-in by Kerberos.
      modules.addAll(List.of("java.naming", "java.management", "java.security.jgss"));
    }
    return modules;
  }

  /**
   * A module that the image lacks shows when the sink's class is linked. What waits for the sink is
   * delivered by a later JVM that has the module, so the place is named all the same.
   */
  private static Sink usable(String name, Supplier<String> fingerprint, Supplier<Sink> sink) {
    try {
      return sink.get();
    } catch (LinkageError e) {
      return new UnusableSink(name, fingerprint.get(), lacking(e));
    }
  }

  /** Says that the image has not all modules that a sink needs, and what to do. */
  public static String lacking(LinkageError e) {
    return "this Java image lacks what the sink needs ("
        + AgentLog.describe(e)
        + "): add the module java.sql, java.naming or java.management to the image";
  }
}
