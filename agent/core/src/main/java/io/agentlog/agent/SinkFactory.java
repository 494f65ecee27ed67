package io.agentlog.agent;

import io.agentlog.agent.config.Config;
import io.agentlog.agent.config.SinkChoice;
import io.agentlog.agent.sink.BatchLimits;
import io.agentlog.agent.sink.Sink;
import io.agentlog.agent.sink.file.FileSink;
import io.agentlog.agent.sink.kafka.KafkaSink;
import io.agentlog.agent.sink.postgres.PostgresSink;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** Makes the sinks that the configuration asks for. Making one connects to nothing. */
final class SinkFactory {
  private SinkFactory() {}

  /**
   * @param folder of this service under the base directory
   */
  static List<Sink> create(Config config, SinkChoice choice, Path folder, UUID instanceId) {
    List<Sink> sinks = new ArrayList<>();
    if (choice.has(SinkChoice.POSTGRES)) {
      sinks.add(new PostgresSink(config));
    }
    if (choice.has(SinkChoice.KAFKA)) {
      sinks.add(new KafkaSink(config, instanceId));
    }
    if (choice.has(SinkChoice.FILE)) {
      sinks.add(new FileSink(config, folder, instanceId));
    }
    return sinks;
  }

  /**
   * The database makes one write of an execution's events if it gets them together; the others gain
   * nothing.
   */
  static BatchLimits limits(Sink sink) {
    return sink.name().equals(SinkChoice.POSTGRES) ? BatchLimits.COALESCING : BatchLimits.PROMPT;
  }
}
