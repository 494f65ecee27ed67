package io.agentlog.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** The compared set-ups: the same calls with different agents, or none. */
enum Variant {
  NONE("no agent"),
  RAW("raw limit"),
  AGENTLOG("agentlog"),
  AGENTLOG_DOWN("agentlog, both backends down"),
  AGENTLOG_FLEET("agentlog, Kafka alone"),
  OTEL("OpenTelemetry, exporting"),
  OTEL_NO_EXPORT("OpenTelemetry, no exporter");

  /** Asks a measured JVM for {@link RawExecution}. */
  static final String RAW_PROPERTY = "agentlog.benchmark.raw";

  private static final String NOT_ALONE = "OpenTelemetry's agent is there as well";

  final String label;

  Variant(String label) {
    this.label = label;
  }

  /** Whether our agent is attached. A flaw in its figures voids the whole run. */
  boolean isAgentlog() {
    return this == AGENTLOG || this == AGENTLOG_DOWN || this == AGENTLOG_FLEET;
  }

  /** The variants that need nothing but jars, and those whose backend is named. */
  static Variant[] available() {
    return Arrays.stream(values())
        .filter(variant -> variant != AGENTLOG_FLEET || ShippedAgent.hasBroker())
        .toArray(Variant[]::new);
  }

  /** Throws if the jar of this variant is missing. */
  void requireJar() {
    if (isAgentlog()) {
      ShippedAgent.jar();
    } else if (this == OTEL || this == OTEL_NO_EXPORT) {
      OpenTelemetryAgent.jar();
    }
  }

  /**
   * Prepares this variant for one JVM.
   *
   * @param folder for the files of this JVM alone
   * @param queueSpans see {@link OpenTelemetryAgent}
   */
  Attachment attach(Path folder, int queueSpans) throws IOException {
    return switch (this) {
      case NONE -> nothing(List.of());
      case RAW -> nothing(List.of("-D" + RAW_PROPERTY + "=true"));
      case AGENTLOG -> ShippedAgent.withFiles(folder);
      case AGENTLOG_DOWN -> ShippedAgent.withBackendsDown(folder);
      case AGENTLOG_FLEET -> ShippedAgent.withKafka(folder);
      case OTEL -> OpenTelemetryAgent.exporting(folder, queueSpans);
      case OTEL_NO_EXPORT -> OpenTelemetryAgent.withoutExporter();
    };
  }

  private static Attachment nothing(List<String> jvmOptions) {
    return new Attachment() {
      @Override
      public List<String> jvmOptions() {
        return jvmOptions;
      }

      @Override
      public Delivery check(String stderr, Calls calls) {
        return Delivery.none(calls.traced() ? NOT_ALONE : null);
      }

      @Override
      public void close() {
        // Nothing was started.
      }
    };
  }
}
