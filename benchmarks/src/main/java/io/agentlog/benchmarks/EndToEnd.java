package io.agentlog.benchmarks;

import io.agentlog.sink.SinkUnavailableException;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Question: how many executions a second arrive in PostgreSQL, how soon after their end, and how
 * far is that from the database's own limit?
 *
 * <p>Method: an application with the shipped agent makes executions of two stages at a fixed rate,
 * and the rows are counted while it runs. The figure is the number of rows divided by the time from
 * the first call to the last row. The limit is a bare {@code COPY} of the same finished rows into
 * empty tables with the same indexes, repeated for as long as the load was, in the same run.
 * Everything, the server too, shares the machine. At low rates a reader looks at the latest rows
 * each millisecond. This gives the time from an execution's end to its visible row, including the
 * reader's own wait.
 *
 * <p>A run counts only if there is one row for each call, each ended, with the prompt as it was
 * given and both stages, and the agent dropped nothing.
 */
public final class EndToEnd {
  private static final List<String> KEYS =
      List.of("rate", "seconds", "threads", "prompt", "hold-ms", "heap", "copy", "dashboard");

  /** Highest rate at which latency is read; at higher rates the reader itself is a load. */
  private static final int LATENCY_RATE_MAX = 1_000;

  private static final long DRAIN_SECONDS_MAX = 300;
  private static final String LOGS = "agent_execution_logs";
  private static final String PROGRESS = "agent_execution_progress";

  private final int rate;
  private final int seconds;
  private final int promptBytes;
  private final long holdMillis;
  private final boolean copies;
  private final String dashboard;
  private final List<String> jvmOptions;
  private final List<String> appArguments = new ArrayList<>();

  private EndToEnd(Map<String, String> settings) {
    rate = Integer.parseInt(settings.getOrDefault("rate", "10000"));
    seconds = Integer.parseInt(settings.getOrDefault("seconds", "60"));
    promptBytes = Integer.parseInt(settings.getOrDefault("prompt", "1024"));
    holdMillis = Long.parseLong(settings.getOrDefault("hold-ms", "0"));
    copies = Boolean.parseBoolean(settings.getOrDefault("copy", "true"));
    dashboard = settings.getOrDefault("dashboard", "");
    jvmOptions = List.of("-Xmx" + settings.getOrDefault("heap", "512m"));
    appArguments.add(String.valueOf(rate));
    appArguments.add(String.valueOf(seconds));
    appArguments.add(settings.getOrDefault("threads", "2"));
    appArguments.add(String.valueOf(promptBytes));
    if (holdMillis > 0) {
      appArguments.add(String.valueOf(holdMillis));
    }
  }

  /**
   * Takes {@code KEY=value} for each of the keys above; the defaults take some four minutes. {@code
   * dashboard=} names the dashboard's jar, which then works on the same tables with its indexes.
   */
  public static void main(String[] arguments) throws Exception {
    EndToEnd run = new EndToEnd(Names.settings(arguments, KEYS));
    Path folder = MeasuredProcess.newFolder();
    try (LoadDatabase database = new LoadDatabase(System.getenv())) {
      if (!run.measureBesideDashboard(database, folder)) {
        System.exit(1);
      }
    } finally {
      MeasuredProcess.remove(folder);
    }
  }

  private boolean measureBesideDashboard(LoadDatabase database, Path folder)
      throws IOException, SQLException, InterruptedException, SinkUnavailableException {
    if (dashboard.isEmpty()) {
      return measure(database, folder);
    }
    Path own = MeasuredProcess.newFolder();
    try (RunningDashboard running = RunningDashboard.start(Path.of(dashboard), database, own)) {
      double before = running.cpuSeconds(database);
      boolean complete = measure(database, folder);
      print(
          "the dashboard and its sessions took %.1f s of CPU time since the load began",
          running.cpuSeconds(database) - before);
      print("a viewer of the live page read %,d B", running.bytesSeen());
      print(
          "%,d ends are in the rollup's minutes",
          database.number("SELECT sum(ended) FROM agent_insight_rollup WHERE level = 1"));
      return complete;
    } finally {
      MeasuredProcess.remove(own);
    }
  }

  private boolean measure(LoadDatabase database, Path folder)
      throws IOException, SQLException, InterruptedException {
    database.execute("CHECKPOINT");
    File stdout = folder.resolve("stdout").toFile();
    File stderr = folder.resolve("stderr").toFile();
    List<String> options = new ArrayList<>(jvmOptions);
    options.add(
        "-javaagent:%s=service=load,shutdown.wait=%ds,journal.max-size=16g,dir='%s',%s"
            .formatted(ShippedAgent.jar(), DRAIN_SECONDS_MAX, folder, database.agentArguments()));
    long begin = System.nanoTime();
    Process process =
        new ProcessBuilder(
                MeasuredProcess.command(
                    options, PacedApp.class, appArguments.toArray(String[]::new)))
            .redirectOutput(stdout)
            .redirectError(stderr)
            .start();
    if (rate <= LATENCY_RATE_MAX && holdMillis == 0) {
      Percentiles micros = new Percentiles(database.watch(process));
      print(
          "end to visible row: p50 %.1f ms, p99 %.1f ms, greatest %.1f ms",
          micros.at(50) / 1e3, micros.at(99) / 1e3, micros.at(100) / 1e3);
    }
    process.waitFor(seconds - (System.nanoTime() - begin) / 1_000_000_000, TimeUnit.SECONDS);
    long visible = database.number("SELECT count(*) FROM " + LOGS);
    print("after %d s: %,d rows, %,d calls due", seconds, visible, (long) rate * seconds);
    if (!process.waitFor(seconds + DRAIN_SECONDS_MAX, TimeUnit.SECONDS)) {
      process.destroyForcibly();
    }
    String said = Files.readString(stderr.toPath());
    String made = Files.readString(stdout.toPath());
    double first =
        database.number("SELECT (extract(epoch FROM min(started_at)) * 1000)::bigint FROM " + LOGS);
    double last =
        database.number("SELECT (extract(epoch FROM max(updated_at)) * 1000)::bigint FROM " + LOGS);
    long rows = database.number("SELECT count(*) FROM " + LOGS);
    double rowsPerSecond = rows / (last - first) * 1e3;
    print(
        "%,d rows in %.1f s: %,.0f executions a second", rows, (last - first) / 1e3, rowsPerSecond);
    print(
        "%,d B an execution, progress and indexes included",
        database.number(
                "SELECT pg_total_relation_size('%s') + pg_total_relation_size('%s')"
                    .formatted(LOGS, PROGRESS))
            / Math.max(1, rows));
    boolean complete = isComplete(database, rows, made, said);
    for (String table : List.of(LOGS, PROGRESS)) {
      print("%s: %s", table, updates(database, table));
    }
    if (!copies) {
      return complete;
    }
    double copying =
        database.copy(List.of(LOGS, PROGRESS), folder, Math.round(last - first), seconds);
    print(
        "bare COPY of the same rows: %.1f s, %,.0f executions a second; ratio %.2f",
        copying, rows / copying, rowsPerSecond / (rows / copying));
    return complete;
  }

  private static String updates(LoadDatabase database, String table) throws SQLException {
    String counted = "SELECT %s FROM pg_stat_user_tables WHERE relname = '" + table + "'";
    long all = database.number(counted.formatted("n_tup_upd"));
    long hot = database.number(counted.formatted("n_tup_hot_upd"));
    return String.format(
        Locale.ROOT, "%,d updates, %.1f %% of them HOT", all, 100.0 * hot / Math.max(1, all));
  }

  private boolean isComplete(LoadDatabase database, long rows, String made, String said)
      throws SQLException {
    long calls =
        made.lines()
            .filter(line -> line.startsWith(PacedApp.RESULT))
            .mapToLong(line -> Long.parseLong(line.split(" ", -1)[1]))
            .sum();
    long right =
        database.number(
            "SELECT count(*) FROM %s WHERE status = 'success' AND user_prompt = '%s'"
                .formatted(LOGS, Prompts.of(promptBytes)));
    long stages = database.number("SELECT count(*) FROM " + PROGRESS);
    boolean complete =
        calls > 0
            && rows == calls
            && right == calls
            && stages == 2 * calls
            && said.contains("dropped 0")
            && said.contains("pending 0, parked 0");
    if (!complete) {
      print(
          "VOID: %,d calls, %,d rows, %,d of them ended with their prompt, %,d stages%n%s",
          calls, rows, right, stages, said);
    }
    return complete;
  }

  private static void print(String format, Object... values) {
    System.out.println(String.format(Locale.ROOT, format, values));
  }
}
