package io.agentlog.insight.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.backends.Postgres;
import io.agentlog.insight.MadeTables;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** A command waits for a machine that is busy longer than a page does. */
@Timeout(120)
class SlowDatabaseIT {
  private static final long LATER_MILLIS =
      3_500; // A page gives up after 3 s, the driver after 5 s.

  @TempDir private Path folder;

  @Test
  void eachCommandWaitsForItsFirstConnection() throws Exception {
    Path rules =
        Files.writeString(
            folder.resolve("rules.yaml"),
            "version: 1\nrules: [{name: a, kind: failure-rate, windows: [1h], max: 5%}]\n");
    try (Postgres database = MadeTables.empty();
        ServerSocket slow = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      Executor threads = Executors.newCachedThreadPool(SlowDatabaseIT::daemon);
      threads.execute(() -> accept(slow, database, threads));
      database.execute(
          "INSERT INTO agent_execution_logs (execution_id, agent_name, status, started_at, completed_at) VALUES (gen_random_uuid(), 'a', 'success', now(), now())");
      assertThat(run(slow, database, "check")).isZero();
      assertThat(run(slow, database, "patterns", "--agent", "a")).isZero();
      assertThat(run(slow, database, "rules", "check", rules.toString())).isZero();
      assertThat(run(slow, database, "backtest", rules.toString(), "--since", "1d")).isZero();
      assertThat(run(slow, database, "gate", "--agent", "*", "--since", "1h", "--max-p95", "1s"))
          .isEqualTo(3);
    }
  }

  private static Thread daemon(Runnable task) {
    Thread thread = new Thread(task, "slow-database");
    thread.setDaemon(true);
    return thread;
  }

  private static void accept(ServerSocket slow, Postgres database, Executor threads) {
    Executor later =
        CompletableFuture.delayedExecutor(LATER_MILLIS, TimeUnit.MILLISECONDS, threads);
    try {
      while (true) {
        Socket client = slow.accept();
        later.execute(() -> connect(client, database, threads));
      }
    } catch (IOException e) {
      // The test is over.
    }
  }

  private static void connect(Socket client, Postgres database, Executor threads) {
    try {
      Socket server = new Socket(database.host(), database.port());
      threads.execute(() -> copy(client, server));
      copy(server, client);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void copy(Socket from, Socket to) {
    try (from;
        to) {
      from.getInputStream().transferTo(to.getOutputStream());
    } catch (IOException e) {
      // The other direction has ended.
    }
  }

  private static int run(ServerSocket slow, Postgres database, String... words) {
    List<String> all = new ArrayList<>(List.of(words));
    for (String setting :
        List.of(
            "host=localhost",
            "port=" + slow.getLocalPort(),
            "database=" + database.database(),
            "user=" + database.user(),
            "password=" + database.password())) {
      all.addAll(List.of("-o", "postgres." + setting));
    }
    PrintStream out = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    System.setOut(new PrintStream(printed, true, UTF_8));
    try {
      return new CommandLine(new InsightCommandLine()).execute(all.toArray(new String[0]));
    } finally {
      System.setOut(out);
    }
  }
}
