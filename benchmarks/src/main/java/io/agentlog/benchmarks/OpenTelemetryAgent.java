package io.agentlog.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The OpenTelemetry Java agent, as the build takes it from Maven Central. Traces alone; metrics and
 * logs have no exporter.
 *
 * <p>Its queue holds 2,048 spans by default and drops the rest. Three spans for each call of a
 * burst would not fit, and dropping is cheaper than recording. So a benchmark in bursts sets a
 * queue that holds a burst; a benchmark at a steady rate keeps the default.
 */
final class OpenTelemetryAgent implements Attachment {
  /** Names the jar if it is not where the build puts it. */
  static final String JAR_PROPERTY = "opentelemetry.jar";

  /** Keeps the default length of the queue. */
  static final int QUEUE_DEFAULT = 0;

  private static final String JAR_DEFAULT = "benchmarks/target/opentelemetry-javaagent.jar";

  private static final Pattern DROPPED = Pattern.compile("BatchSpanProcessor dropped (\\d+) span");

  private final @Nullable SpanSinkProcess sink;
  private final List<String> jvmOptions = new ArrayList<>();

  private OpenTelemetryAgent(@Nullable SpanSinkProcess sink, List<String> exporterOptions) {
    this.sink = sink;
    jvmOptions.add("-javaagent:" + jar());
    jvmOptions.add("-Dotel.service.name=benchmark");
    jvmOptions.add("-Dotel.metrics.exporter=none");
    jvmOptions.add("-Dotel.logs.exporter=none");
    jvmOptions.addAll(exporterOptions);
  }

  /** The absolute path of the jar. */
  static Path jar() {
    return jar(JAR_PROPERTY, JAR_DEFAULT);
  }

  /** The absolute path of the jar that a system property names, else of the build's jar. */
  static Path jar(String property, String byDefault) {
    Path jar = Path.of(System.getProperty(property, byDefault)).toAbsolutePath();
    if (!Files.isRegularFile(jar)) {
      throw new IllegalStateException(
          jar + " is missing; run mvn package, or name the jar with -D" + property);
    }
    return jar;
  }

  /**
   * Sends spans to a sink in a process of its own, which accepts them all.
   *
   * @param folder for the sink's file, which grows as spans arrive
   * @param queueSpans length of the exporter's queue; {@link #QUEUE_DEFAULT} for its default
   */
  static OpenTelemetryAgent exporting(Path folder, int queueSpans) throws IOException {
    SpanSinkProcess sink = SpanSinkProcess.start(folder);
    List<String> options = new ArrayList<>();
    options.add("-Dotel.traces.exporter=otlp");
    options.add("-Dotel.exporter.otlp.protocol=http/protobuf");
    options.add("-Dotel.exporter.otlp.endpoint=http://127.0.0.1:" + sink.port());
    if (queueSpans != QUEUE_DEFAULT) {
      options.add("-Dotel.bsp.max.queue.size=" + queueSpans);
    }
    return new OpenTelemetryAgent(sink, options);
  }

  /** Makes spans and sends them nowhere. */
  static OpenTelemetryAgent withoutExporter() {
    return new OpenTelemetryAgent(null, List.of("-Dotel.traces.exporter=none"));
  }

  @Override
  public List<String> jvmOptions() {
    return List.copyOf(jvmOptions);
  }

  /** Missing spans are no flaw: the number that arrived is shown beside the figure. */
  @Override
  public Delivery check(String stderr, Calls calls) throws IOException {
    long made = calls.count() * AnnotatedExecution.SPANS + calls.probes();
    String flaw = calls.traced() ? null : "OpenTelemetry's agent did not weave the calls";
    long delivered = sink == null ? Delivery.UNKNOWN : sink.spans();
    long recorded = sink == null ? Delivery.UNKNOWN : made - dropped(stderr);
    return new Delivery("spans", made, recorded, delivered, 0, flaw);
  }

  /** Spans that the agent reports as dropped; the next export reports them. */
  private static long dropped(String stderr) {
    return DROPPED.matcher(stderr).results().mapToLong(said -> Long.parseLong(said.group(1))).sum();
  }

  @Override
  public void close() {
    if (sink != null) {
      sink.close();
    }
  }
}
