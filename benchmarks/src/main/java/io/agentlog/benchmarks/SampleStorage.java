package io.agentlog.benchmarks;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Question: how many bytes does an execution of the sample router take in PostgreSQL, and an event
 * on the Kafka topic?
 *
 * <p>Method: the router with the shipped agent answers its request file repeatedly. Then the sizes
 * of the relations and of the topic's log are divided by their rows and events. {@code POSTGRES_*}
 * and {@code KAFKA_BOOTSTRAP_SERVERS} name the backends. A run counts only if everything is
 * delivered.
 */
public final class SampleStorage {
  private static final Path ROUTER = Path.of("sample-app/target/agentlog-sample-app.jar");
  private static final Path REQUESTS = Path.of("sample-app/requests/requests.jsonl");
  private static final List<String> TABLES =
      List.of("agent_execution_logs", "agent_execution_progress", "agent_routing_decisions");

  private static final Duration READ_MAX = Duration.ofMinutes(2);

  private SampleStorage() {}

  /**
   * Takes {@code repeat=N}, how often the file is answered (default 100), and {@code
   * compression=CODEC} of the Kafka client.
   */
  public static void main(String[] arguments) throws Exception {
    Map<String, String> settings = Names.settings(arguments, List.of("repeat", "compression"));
    int repeat = Integer.parseInt(settings.getOrDefault("repeat", "100"));
    Path folder = MeasuredProcess.newFolder();
    try (LoadDatabase database = new LoadDatabase(System.getenv());
        LoadTopic topic = new LoadTopic(System.getenv())) {
      String said =
          run(
              folder,
              repeat,
              "service=router,shutdown.wait=60s,dir='%s',%s,%s,kafka.client.compression.type=%s"
                  .formatted(
                      folder,
                      database.agentArguments(),
                      topic.agentArguments(),
                      settings.getOrDefault("compression", "none")),
              topic);
      long executions = database.number("SELECT count(*) FROM agent_execution_logs");
      for (String table : TABLES) {
        print(
            "%s: %,d rows, %,.0f B a row with its indexes, %,.0f B without",
            table,
            database.number("SELECT count(*) FROM " + table),
            perRow(database, "pg_total_relation_size", table),
            perRow(database, "pg_table_size", table));
      }
      long bytes =
          database.number(
              "SELECT sum(pg_total_relation_size(to_regclass(name))) FROM unnest(ARRAY['%s']) AS name"
                  .formatted(String.join("','", TABLES)));
      print("all three: %,.0f B an execution", (double) bytes / executions);
      print(
          "topic: %,d events, %,.0f B an event, keys and headers included",
          topic.recordCount(), (double) topic.logBytes() / topic.recordCount());
      if (!said.contains("dropped 0") || said.split("pending 0, parked 0", -1).length != 3) {
        print("VOID: %s", said);
        System.exit(1);
      }
    } finally {
      MeasuredProcess.remove(folder);
    }
  }

  private static double perRow(LoadDatabase database, String size, String table) throws Exception {
    return (double) database.number("SELECT %s('%s')".formatted(size, table))
        / Math.max(1, database.number("SELECT count(*) FROM " + table));
  }

  private static String run(Path folder, int repeat, String agentArguments, LoadTopic topic)
      throws IOException, InterruptedException {
    Path stderr = folder.resolve("stderr");
    Process router =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-javaagent:" + ShippedAgent.jar() + "=" + agentArguments,
                "-jar",
                ROUTER.toString())
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(stderr.toFile())
            .start();
    List<String> requests = Files.readAllLines(REQUESTS);
    try (BufferedWriter in = router.outputWriter()) {
      for (int i = 0; i < repeat; i++) {
        for (String request : requests) {
          in.write(request);
          in.newLine();
        }
      }
    }
    router.waitFor();
    topic.read(router, topic.recordCount(), READ_MAX);
    return Files.readString(stderr);
  }

  private static void print(String format, Object... values) {
    System.out.println(String.format(Locale.ROOT, format, values));
  }
}
