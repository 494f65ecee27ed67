package io.agentlog.benchmarks;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Our shipped jar. The agent's stop line decides whether a figure counts: everything recorded and
 * nothing dropped. With files as the sink, every event must also be in the files with its prompt;
 * with Kafka, the broker must have every event; with both backends down, every event must be kept
 * for both.
 */
final class ShippedAgent implements Attachment {
  /** Names the jar if it is not where the build puts it. */
  static final String JAR_PROPERTY = "agentlog.jar";

  private static final String JAR_DEFAULT = "agent/dist/target/agentlog.jar";
  private static final String SERVICE = "benchmark";
  private static final String TOPIC = "agentlog-benchmark";
  private static final String FILE = "file";
  private static final String KAFKA = "kafka";

  /** Names a broker, for the agent as a fleet has it. */
  private static final String BROKER_VARIABLE = "KAFKA_BOOTSTRAP_SERVERS";

  /** Size of a journal that keeps every event of a run, because its backend is down or slower. */
  private static final String JOURNAL_OF_A_RUN = "1g";

  private static final Pattern STOPPED =
      Pattern.compile(
          "\\[agentlog] stopped: (\\d+) executions, (\\d+) events recorded, dropped (\\d+)([^\\n]*)");
  private static final Pattern SINK =
      Pattern.compile("; (\\w+) delivered (\\d+), pending (\\d+), parked (\\d+)");

  private final Path folder;
  private final String sink;
  private final String arguments;
  private final List<Socket> heldPorts;

  private ShippedAgent(Path folder, String sink, String arguments, List<Socket> heldPorts) {
    this.folder = folder;
    this.sink = sink;
    this.arguments = arguments;
    this.heldPorts = heldPorts;
  }

  /** The absolute path of the jar. */
  static Path jar() {
    return OpenTelemetryAgent.jar(JAR_PROPERTY, JAR_DEFAULT);
  }

  /** The agent with files in the folder as its sink. */
  static ShippedAgent withFiles(Path folder) {
    return new ShippedAgent(folder, FILE, "file.enabled=true,shutdown.wait=20s", List.of());
  }

  /** Whether a broker is named. */
  static boolean hasBroker() {
    return System.getenv(BROKER_VARIABLE) != null;
  }

  /** The agent as a fleet has it: Kafka alone, with heartbeats, and batches of a second. */
  static ShippedAgent withKafka(Path folder) {
    String broker = System.getenv(BROKER_VARIABLE);
    if (broker == null) {
      throw new IllegalArgumentException("no broker is named; set " + BROKER_VARIABLE);
    }
    return new ShippedAgent(
        folder,
        KAFKA,
        "kafka.bootstrap-servers='%s',kafka.topic=%2$s,kafka.instances-topic=%2$s-instances,kafka.create-topic=true,kafka.linger=1s,journal.max-size=%3$s,shutdown.wait=120s"
            .formatted(broker, TOPIC, JOURNAL_OF_A_RUN),
        List.of());
  }

  /** The agent with PostgreSQL and Kafka configured, both of which refuse connections. */
  static ShippedAgent withBackendsDown(Path folder) throws IOException {
    List<Socket> held = new ArrayList<>();
    int postgres = refusingPort(held);
    int kafka = refusingPort(held);
    return new ShippedAgent(
        folder,
        "",
        String.format(
            Locale.ROOT,
            "postgres.host=127.0.0.1,postgres.port=%d,kafka.bootstrap-servers=127.0.0.1:%d,journal.max-size=%s,shutdown.wait=1s",
            postgres,
            kafka,
            JOURNAL_OF_A_RUN),
        held);
  }

  @Override
  public List<String> jvmOptions() {
    return List.of(
        "-javaagent:%s=service=%s,%s,dir='%s'".formatted(jar(), SERVICE, arguments, folder));
  }

  @Override
  public Delivery check(String stderr, Calls calls) throws IOException {
    boolean down = !heldPorts.isEmpty();
    long made = calls.count() * AnnotatedExecution.EVENTS;
    Matcher stopped = STOPPED.matcher(stderr);
    if (!stopped.find()) {
      return new Delivery("events", made, 0, 0, 0, "the agent did not say that it stopped");
    }
    long recorded = Long.parseLong(stopped.group(2));
    String rest = stopped.group(4);
    long delivered = down ? 0 : deliveredTo(sink, rest);
    long kept = down && isKeptForBoth(rest, made) ? made : 0;
    boolean complete =
        made > 0
            && Long.parseLong(stopped.group(1)) == calls.count()
            && recorded == made
            && stopped.group(3).equals("0")
            && rest.startsWith("; ") // Nothing was cut, suppressed, deferred, ...
            && delivered + kept == made;
    String flaw = null;
    if (!complete) {
      flaw = stopped.group() + " (calls made: " + calls.count() + ")";
    } else if (sink.equals(FILE)) {
      flaw = RecordedFiles.flaw(folder.resolve(SERVICE).resolve("events"), calls.byPromptBytes());
    }
    return new Delivery("events", made, recorded, delivered, kept, flaw);
  }

  private static long deliveredTo(String name, String sinks) {
    Matcher sink = SINK.matcher(sinks);
    boolean alone = sink.lookingAt() && sink.end() == sinks.length();
    boolean complete = alone && sink.group(3).equals("0") && sink.group(4).equals("0");
    return complete && sink.group(1).equals(name) ? Long.parseLong(sink.group(2)) : 0;
  }

  private static boolean isKeptForBoth(String sinks, long events) {
    int backends = 0;
    int end = 0;
    Matcher sink = SINK.matcher(sinks);
    while (sink.find()) {
      boolean keptAll = sink.group(2).equals("0") && Long.parseLong(sink.group(3)) == events;
      backends += keptAll && sink.group(4).equals("0") && sink.start() == end ? 1 : 0;
      end = sink.end();
    }
    return backends == 2 && end == sinks.length();
  }

  /** A port that is bound, so that no other process gets it, but on which no one listens. */
  private static int refusingPort(List<Socket> held) throws IOException {
    Socket socket = new Socket();
    held.add(socket);
    socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    return socket.getLocalPort();
  }

  @Override
  public void close() {
    for (Socket socket : heldPorts) {
      try {
        socket.close();
      } catch (IOException e) {
        // The socket was never connected, so nothing is lost.
      }
    }
  }
}
