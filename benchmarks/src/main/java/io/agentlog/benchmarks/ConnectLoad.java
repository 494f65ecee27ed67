package io.agentlog.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.agentlog.config.ConfigLoader;
import io.agentlog.event.Event;
import io.agentlog.json.BrokenLineException;
import io.agentlog.json.EventJsonReader;
import io.agentlog.json.EventJsonWriter;
import io.agentlog.postgres.PostgresSink;
import io.agentlog.sink.EventRefusedException;
import io.agentlog.sink.SinkUnavailableException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * How many executions a second a connector loads, with one task and with two, beside what its parts
 * take by themselves in the same run: reading the JSON on one thread, and writing the same events
 * over one connection without Kafka.
 *
 * <pre>
 *  ConnectLoad [executions=100000] [rounds=3]
 * </pre>
 *
 * <p>Needs {@code KAFKA_BOOTSTRAP_SERVERS}, {@code POSTGRES_HOST} and its kin, and {@code
 * CONNECT_URL}, the REST interface of a worker that has the plugin and allows overrides of its
 * consumers' settings. {@code WORKER_PID}, {@code BROKER_PID} and {@code POSTGRES_PID}, the
 * server's first process, add the processor time of each that runs on this machine.
 */
public final class ConnectLoad {
  private static final int BATCH_EVENTS = 2_000;

  /** Executions that are sent one by one, until each partition surely has its leader. */
  private static final int LED_AFTER = 100;

  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
  private static final String WAL_BYTES =
      "SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint";
  private static final String TABLE_BYTES =
      "SELECT sum(pg_total_relation_size(oid))::bigint FROM pg_class WHERE relkind = 'r' AND relname LIKE 'agent\\_%'";
  private static final String TOPIC = "agentlog-connect-load-" + ProcessHandle.current().pid();

  private final Map<String, String> environment;
  private final int executions;
  private final HttpClient http = HttpClient.newHttpClient();

  private ConnectLoad(Map<String, String> environment, int executions) {
    this.environment = environment;
    this.executions = executions;
  }

  /** Runs the rounds and prints a line for each figure. */
  public static void main(String[] args) throws Exception {
    Map<String, String> given = new TreeMap<>();
    for (String arg : args) {
      given.put(arg.replaceFirst("=.*", ""), arg.replaceFirst("^[^=]*=", ""));
    }
    int executions = Integer.parseInt(given.getOrDefault("executions", "100000"));
    int rounds = Integer.parseInt(given.getOrDefault("rounds", "3"));
    ConnectLoad load = new ConnectLoad(System.getenv(), executions);
    for (int round = 1; round <= rounds; round++) {
      load.run(round);
    }
  }

  private void run(int round)
      throws SQLException,
          IOException,
          InterruptedException,
          ExecutionException,
          BrokenLineException,
          SinkUnavailableException,
          EventRefusedException {
    print(round, "reading JSON, microseconds of processor time an event", decodeMicros());
    print(round, "one connection without Kafka, executions/s", directRate());
    for (int tasks = 1; tasks <= 2; tasks++) {
      loadByConnector(round, tasks);
    }
  }

  private static void print(int round, String what, double value) {
    System.out.printf(Locale.ROOT, "round %s: %s: %.1f%n", round, what, value);
  }

  /** The processor time of one thread, once the code is compiled. */
  private static double decodeMicros() throws BrokenLineException {
    List<byte[]> lines = new ArrayList<>();
    for (int i = 0; i < 5_000; i++) {
      LoadedEvents.of(i).forEach(event -> lines.add(EventJsonWriter.write(event)));
    }
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    double last = 0;
    for (int i = 0; i < 10; i++) {
      long begin = threads.getCurrentThreadCpuTime();
      for (byte[] line : lines) {
        EventJsonReader.read(line);
      }
      last = (threads.getCurrentThreadCpuTime() - begin) / 1e3 / lines.size();
    }
    return last;
  }

  private double directRate() throws SQLException, SinkUnavailableException, EventRefusedException {
    try (LoadDatabase database = new LoadDatabase(environment)) {
      Map<String, String> options =
          database.options("direct").stream()
              .collect(
                  Collectors.toMap(
                      o -> o.substring(0, o.indexOf('=')), o -> o.substring(o.indexOf('=') + 1)));
      PostgresSink sink =
          new PostgresSink(ConfigLoader.loadForCommand(options, new Properties(), Map.of()));
      sink.useOneConnection();
      sink.connect();
      long begin = 0;
      int counted = 0;
      List<Event> batch = new ArrayList<>();
      for (int i = 0; i < executions; i++) {
        batch.addAll(LoadedEvents.of(i));
        if (batch.size() >= BATCH_EVENTS) {
          sink.write(batch);
          batch.clear();
          if (begin == 0 && i > executions / 4) {
            begin = System.nanoTime();
            counted = i;
          }
        }
      }
      double rate = (executions - counted) / ((System.nanoTime() - begin) / 1e9);
      sink.close();
      return rate;
    }
  }

  private void loadByConnector(int round, int tasks)
      throws SQLException, IOException, InterruptedException, ExecutionException {
    String topic = TOPIC + "-" + round + "-" + tasks;
    try (LoadDatabase database = new LoadDatabase(environment)) {
      produce(topic, tasks);
      put("connectors/" + topic + "/config", connector(topic, tasks, database));
      // The first quarter warms the worker up.
      long first = await(database, executions / 4L);
      long begin = System.nanoTime();
      Map<String, Long> cpu = cpuNanos();
      long wal = database.number(WAL_BYTES);
      long all = await(database, executions);
      double seconds = (System.nanoTime() - begin) / 1e9;
      double counted = all - first;
      print(round, tasks + " tasks, executions/s", counted / seconds);
      cpuNanos()
          .forEach(
              (process, nanos) ->
                  print(
                      round,
                      "%s tasks, processor time an execution of %s, microseconds"
                          .formatted(tasks, process),
                      (nanos - cpu.getOrDefault(process, 0L)) / 1e3 / counted));
      print(
          round,
          tasks + " tasks, bytes of WAL an execution",
          (database.number(WAL_BYTES) - wal) / counted);
      print(
          round,
          tasks + " tasks, bytes of the tables an execution",
          database.number(TABLE_BYTES) / (double) all);
      send(HttpRequest.newBuilder(uri("connectors/" + topic)).DELETE().build());
    }
  }

  /** Whole executions, in the order in which a busy JVM sends them. */
  private void produce(String topic, int partitions)
      throws InterruptedException, ExecutionException {
    Map<String, Object> settings =
        Map.of(
            "bootstrap.servers", environment.getOrDefault("KAFKA_BOOTSTRAP_SERVERS", ""),
            "linger.ms", "50",
            "batch.size", "131072");
    try (var admin = org.apache.kafka.clients.admin.Admin.create(settings);
        var producer =
            new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
      admin
          .createTopics(
              List.of(new org.apache.kafka.clients.admin.NewTopic(topic, partitions, (short) 1)))
          .all()
          .get();
      List<Future<RecordMetadata>> sent = new ArrayList<>();
      for (int i = 0; i < executions; i++) {
        byte[] key = ("correlation " + i).getBytes(UTF_8);
        for (Event event : LoadedEvents.of(i)) {
          sent.add(producer.send(new ProducerRecord<>(topic, key, EventJsonWriter.write(event))));
        }
        if (i < LED_AFTER) { // A new partition may refuse its first batch and take its second.
          sent.get(sent.size() - 1).get();
        }
      }
      for (Future<RecordMetadata> one : sent) {
        one.get();
      }
    }
  }

  private String connector(String topic, int tasks, LoadDatabase database) {
    Map<String, String> options =
        database.options(topic).stream()
            .collect(
                Collectors.toMap(
                    o -> o.substring(0, o.indexOf('=')), o -> o.substring(o.indexOf('=') + 1)));
    Map<String, String> config = new TreeMap<>();
    config.put("connector.class", "io.agentlog.connect.AgentlogSinkConnector");
    config.put("tasks.max", String.valueOf(tasks));
    config.put("topics", topic);
    config.put("key.converter", "org.apache.kafka.connect.storage.StringConverter");
    config.put("value.converter", "org.apache.kafka.connect.converters.ByteArrayConverter");
    config.put("connection.url", options.get("postgres.url"));
    config.put("connection.user", options.get("postgres.user"));
    config.put("connection.password", options.get("postgres.password"));
    config.put("consumer.override.max.poll.records", "4000");
    config.put("consumer.override.fetch.min.bytes", "262144");
    config.put("consumer.override.fetch.max.wait.ms", "200");
    return config.entrySet().stream()
        .map(e -> "\"%s\":\"%s\"".formatted(e.getKey(), e.getValue()))
        .collect(Collectors.joining(",", "{", "}"));
  }

  /** Waits until at least so many executions have ended in the table, and returns how many have. */
  private static long await(LoadDatabase database, long count) throws SQLException {
    while (true) {
      long ended =
          database.number("SELECT count(*) FROM agent_execution_logs WHERE status = 'success'");
      if (ended >= count) {
        return ended;
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  /** Processor time of the named processes, with their children, of those that are named. */
  private Map<String, Long> cpuNanos() {
    Map<String, Long> nanos = new TreeMap<>();
    for (String process : List.of("WORKER", "BROKER", "POSTGRES")) {
      String pid = environment.get(process + "_PID");
      if (pid != null) {
        ProcessHandle.of(Long.parseLong(pid))
            .ifPresent(
                first ->
                    nanos.put(
                        process.toLowerCase(Locale.ROOT),
                        Stream.concat(Stream.of(first), first.descendants())
                            .mapToLong(ConnectLoad::cpuNanos)
                            .sum()));
      }
    }
    return nanos;
  }

  private static long cpuNanos(ProcessHandle process) {
    return process.info().totalCpuDuration().map(Duration::toNanos).orElse(0L);
  }

  private void put(String path, String json) throws IOException, InterruptedException {
    send(
        HttpRequest.newBuilder(uri(path))
            .header("Content-Type", "application/json")
            .PUT(HttpRequest.BodyPublishers.ofString(json))
            .build());
  }

  private void send(HttpRequest request) throws IOException, InterruptedException {
    HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
    if (answer.statusCode() >= 300) {
      throw new IOException("the worker answers " + answer.statusCode() + ": " + answer.body());
    }
  }

  private URI uri(String path) {
    return URI.create(
        environment.getOrDefault("CONNECT_URL", "http://127.0.0.1:8083") + "/" + path);
  }
}
