package io.agentlog.benchmarks;

import io.agentlog.config.ConfigLoader;
import io.agentlog.config.LoadedConfig;
import io.agentlog.event.Event;
import io.agentlog.postgres.Partitioning;
import io.agentlog.postgres.PostgresSink;
import io.agentlog.postgres.TableSetup;
import io.agentlog.sink.EventRefusedException;
import io.agentlog.sink.SinkUnavailableException;
import java.sql.SQLException;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * How long writers wait while the tables are partitioned by day, while days are made beside a large
 * partition of all other keys, and while old days are dropped, beside the same writers alone.
 *
 * <pre>
 *  PartitionWaits [rows=3000000] [writers=4] [days=30]
 * </pre>
 *
 * <p>Needs {@code POSTGRES_HOST} and its kin, as a superuser.
 */
public final class PartitionWaits {
  private static final int BATCH_EXECUTIONS = 100;
  private static final long ALONE_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final long STEP_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
  private static final String INSTANCE = "019a0000-0000-7000-8000-0000000000b0";

  /** Keys of a day, or such as no day has, with a first part of a key. */
  private static final String FILL =
      """
      INSERT INTO %s (execution_id, agent_name, status, started_at, completed_at, created_at)
      SELECT (%s)::uuid, 'agent', 'success', at, at, at
      FROM generate_series(1, %s) AS n, (SELECT timestamptz '%s 12:00:00Z') AS m(at)\
      """;

  private final LoadDatabase database;
  private final LoadedConfig config;
  private final int rows;
  private final int writers;
  private final int days;

  private PartitionWaits(LoadDatabase database, int rows, int writers, int days) {
    this.database = database;
    this.rows = rows;
    this.writers = writers;
    this.days = days;
    this.config = config(Map.of());
  }

  /** Runs the phases and prints a line for each. */
  public static void main(String[] args) throws Exception {
    Map<String, String> given = new TreeMap<>();
    for (String arg : args) {
      given.put(arg.replaceFirst("=.*", ""), arg.replaceFirst("^[^=]*=", ""));
    }
    try (LoadDatabase database = new LoadDatabase(System.getenv())) {
      new PartitionWaits(
              database,
              Integer.parseInt(given.getOrDefault("rows", "3000000")),
              Integer.parseInt(given.getOrDefault("writers", "4")),
              Integer.parseInt(given.getOrDefault("days", "30")))
          .run();
    }
  }

  private void run() throws Exception {
    new TableSetup(config).run(false);
    LocalDate today = LocalDate.now(ZoneOffset.UTC);
    String old = "'01900000-0000-7000-8000-' || lpad(to_hex(n), 12, '0')";
    database.execute(FILL.formatted("agent_execution_logs", old, rows, today.minusDays(1)));
    measure("writers alone", () -> LockSupport.parkNanos(ALONE_NANOS));
    measure(
        "the tables are partitioned, of %s executions".formatted(rows),
        () -> new Partitioning(config, line -> {}).run(today.plusDays(2)));

    String others = "'f' || substr(md5(n::text), 2)";
    database.execute(FILL.formatted("agent_execution_logs_default", others, rows, today));
    LoadedConfig further = config(Map.of("postgres.partitions-ahead", "9d"));
    measure(
        "seven days are made beside %s executions of no day".formatted(rows),
        () -> new TableSetup(further).run(false));

    makeOldDays(today);
    LoadedConfig pruned = config(Map.of("retention", "5d"));
    try (PostgresSink sink =
        new PostgresSink(pruned, UUID.fromString(INSTANCE), "waits", () -> null)) {
      sink.write(List.of());
      String count =
          "SELECT count(*) FROM pg_inherits WHERE inhparent = 'agent_execution_logs'::regclass";
      long left = database.number(count) - days + 5;
      measure(
          "%s days of executions are dropped".formatted(days - 5),
          () -> {
            while (database.number(count) > left) {
              sink.maintain();
              LockSupport.parkNanos(STEP_NANOS);
            }
          });
    }
  }

  /** In place of the first partition, whose keys are those of the days until tomorrow. */
  private void makeOldDays(LocalDate today) throws SQLException {
    for (String table :
        List.of("agent_execution_logs", "agent_execution_progress", "agent_routing_decisions")) {
      StringBuilder sql = new StringBuilder("DROP TABLE " + table + "_before;");
      for (int day = -days; day <= 1; day++) {
        sql.append(
            "CREATE TABLE %1$s_old%2$s PARTITION OF %1$s FOR VALUES FROM (agentlog_floor('%3$s 00:00Z')) TO (agentlog_floor('%4$s 00:00Z'));"
                .formatted(table, day + days, today.plusDays(day), today.plusDays(day + 1)));
      }
      database.execute(sql.toString());
    }
    for (int day = -days; day < -5; day++) {
      String key =
          "substr(agentlog_floor('%s 00:00Z')::text, 1, 14) || '7000-8000-' || lpad(to_hex(n), 12, '0')"
              .formatted(today.plusDays(day));
      database.execute(
          FILL.formatted(
              "agent_execution_logs", key, Math.max(1, rows / days / 4), today.plusDays(day)));
    }
  }

  /** Prints how long batches took in wall time, with their attempts, while a task ran. */
  private void measure(String what, Task task) throws Exception {
    AtomicBoolean ended = new AtomicBoolean();
    AtomicLong retries = new AtomicLong();
    List<List<Long>> taken = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < writers; i++) {
      List<Long> own = new ArrayList<>();
      taken.add(own);
      Thread thread = new Thread(() -> write(ended, own, retries), "writer-" + i);
      threads.add(thread);
      thread.start();
    }
    LockSupport.parkNanos(ALONE_NANOS / 5); // Until they are connected.
    long begin = System.nanoTime();
    task.run();
    double seconds = (System.nanoTime() - begin) / 1e9;
    LockSupport.parkNanos(ALONE_NANOS / 5);
    ended.set(true);
    for (Thread thread : threads) {
      thread.join();
    }
    Percentiles all =
        new Percentiles(taken.stream().flatMap(List::stream).mapToLong(nanos -> nanos).toArray());
    System.out.printf(
        Locale.ROOT,
        "%s, in %.1f s: batches %s, p50 %.0f ms, p99 %.0f ms, longest %.0f ms, written again %s%n",
        what,
        seconds,
        taken.stream().mapToInt(List::size).sum(),
        all.at(50) / 1e6,
        all.at(99) / 1e6,
        all.at(100) / 1e6,
        retries.get());
  }

  private void write(AtomicBoolean ended, List<Long> taken, AtomicLong retries) {
    try (PostgresSink sink = new PostgresSink(config)) {
      for (int n = 0; !ended.get(); n += BATCH_EXECUTIONS) {
        List<Event> batch = new ArrayList<>();
        for (int i = n; i < n + BATCH_EXECUTIONS; i++) {
          batch.addAll(LoadedEvents.of(i));
        }
        long begin = System.nanoTime();
        while (!isWritten(sink, batch)) {
          retries.incrementAndGet();
          LockSupport.parkNanos(RETRY_NANOS);
        }
        if (n > 0) { // The first one connects.
          taken.add(System.nanoTime() - begin);
        }
      }
    } catch (EventRefusedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static boolean isWritten(PostgresSink sink, List<Event> batch)
      throws EventRefusedException {
    try {
      sink.write(batch);
      return true;
    } catch (SinkUnavailableException e) {
      System.out.println("written again: " + e.getMessage());
      return false;
    }
  }

  private LoadedConfig config(Map<String, String> further) {
    Map<String, String> options = new TreeMap<>(Map.of("postgres.schema", "migrate"));
    for (String option : database.options("waits")) {
      options.put(option.replaceFirst("=.*", ""), option.replaceFirst("^[^=]*=", ""));
    }
    options.putAll(further);
    return ConfigLoader.loadForCommand(options, new Properties(), Map.of());
  }

  private interface Task {
    void run() throws Exception;
  }
}
