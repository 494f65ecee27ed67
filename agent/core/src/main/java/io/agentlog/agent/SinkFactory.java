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
import org.jspecify.annotations.Nullable;

/** Makes the sinks that the configuration names. Making a sink opens no connection. */
public final class SinkFactory {
  private SinkFactory() {}

  /**
   * Sinks for the journal of this JVM.
   *
   * @param folder of this service under the base directory
   * @param service name of this service
   * @param report returns what the agent says of itself, or null; must not wait
   */
  static List<Sink> create(
      Config config,
      SinkChoice choice,
      Path folder,
      UUID instanceId,
      String service,
      Supplier<@Nullable String> report) {
    return make(
        config,
        choice,
        folder,
        instanceId,
        () -> new PostgresSink(config, instanceId, service, report),
        () -> new KafkaSink(config, "agentlog-" + instanceId, instanceId, service));
  }

  /**
   * A second set of sinks, for the journals of dead JVMs. It may run beside the first: it has its
   * own connection and producer, so that the backlog of dead JVMs delays nothing, and neither lease
   * nor heartbeat, because these show that a JVM is alive.
   *
   * @param folder of the service that the journals belong to
   * @param instanceId of this JVM
   */
  public static List<Sink> createForDeadJournals(
      Config config, SinkChoice choice, Path folder, UUID instanceId) {
    return make(
        config,
        choice,
        folder,
        instanceId,
        () -> new PostgresSink(config),
        () -> new KafkaSink(config, "agentlog-" + instanceId + "-dead"));
  }

  private static List<Sink> make(
      Config config,
      SinkChoice choice,
      Path folder,
      UUID instanceId,
      Supplier<Sink> postgres,
      Supplier<Sink> kafka) {
    List<Sink> sinks = new ArrayList<>();
    if (choice.has(SinkChoice.POSTGRES)) {
      sinks.add(
          usable(SinkChoice.POSTGRES, () -> PostgresTarget.of(config).fingerprint(), postgres));
    }
    if (choice.has(SinkChoice.KAFKA)) {
      sinks.add(usable(SinkChoice.KAFKA, () -> KafkaTarget.of(config).fingerprint(), kafka));
    }
    if (choice.has(SinkChoice.FILE)) {
      sinks.add(new FileSink(config, folder, instanceId));
    }
    return sinks;
  }

  /** JDK modules that these sinks need, beyond the modules that every JVM loads. */
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
   * Makes the sink. If the image misses a module, linking the sink's class fails: an unusable sink
   * then stands for it, so that a later JVM with the module delivers the pending events.
   */
  private static Sink usable(String name, Supplier<String> fingerprint, Supplier<Sink> sink) {
    try {
      return sink.get();
    } catch (LinkageError e) {
      return new UnusableSink(name, fingerprint.get(), lacking(e));
    }
  }

  /** The message for a sink whose classes need a module that the Java image does not have. */
  public static String lacking(LinkageError e) {
    return "this Java image misses a module that the sink needs ("
        + AgentLog.describe(e)
        + "): add java.sql, java.naming or java.management to the image";
  }
}
