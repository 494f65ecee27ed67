package io.agentlog.benchmarks;

import io.agentlog.config.ConfigLoader;
import io.agentlog.postgres.TableSetup;
import io.agentlog.sink.SinkUnavailableException;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The dashboard beside a load: its indexes and tables, its process, which keeps the trends, and one
 * viewer of the live page.
 */
final class RunningDashboard implements AutoCloseable {
  private static final long READY_SECONDS_MAX = 60;

  /** A dashboard has been there for long when a load comes; its own start is not measured. */
  private static final long SETTLE_MILLIS = 15_000;

  /** Names its sessions for {@code pg_stat_activity}. */
  private static final String SESSIONS = "insight";

  private final Process process;
  private final Thread viewer;
  private final AtomicLong bytesSeen = new AtomicLong();
  private volatile boolean closing;

  private RunningDashboard(Process process, String url, String token) {
    this.process = process;
    viewer = new Thread(() -> view(url, token), "viewer");
    viewer.setDaemon(true);
    viewer.start();
  }

  /** Makes the agent's tables and the dashboard's in an empty database, and starts a dashboard. */
  static RunningDashboard start(Path jar, LoadDatabase database, Path folder)
      throws IOException, InterruptedException, SinkUnavailableException {
    new TableSetup(
            ConfigLoader.load(
                "postgres.schema=migrate," + database.agentArguments(),
                System.getProperties(),
                Map.of()))
        .run(false);
    String token = UUID.randomUUID().toString();
    Path tokenFile = Files.writeString(folder.resolve("token"), token);
    Path log = folder.resolve("dashboard");
    Process migrate = start(jar, database, log, "migrate");
    if (migrate.waitFor() != 0) {
      throw new IllegalStateException(Files.readString(log));
    }
    int port = freePort();
    Process process =
        start(
            jar,
            database,
            log,
            "dashboard",
            "--port",
            String.valueOf(port),
            "--token-file",
            tokenFile.toString());
    String url = "http://127.0.0.1:" + port;
    awaitReady(process, url, log);
    RunningDashboard running = new RunningDashboard(process, url, token);
    Thread.sleep(SETTLE_MILLIS);
    return running;
  }

  /** Seconds of CPU time of the process and of its sessions at a server of this machine. */
  double cpuSeconds(LoadDatabase database) throws SQLException {
    double seconds = cpuSeconds(process.toHandle());
    for (long pid :
        database.numbers(
            "SELECT pid FROM pg_stat_activity WHERE application_name LIKE '%" + SESSIONS + "'")) {
      seconds += ProcessHandle.of(pid).map(RunningDashboard::cpuSeconds).orElse(0.0);
    }
    return seconds;
  }

  private static double cpuSeconds(ProcessHandle process) {
    return process.info().totalCpuDuration().orElse(Duration.ZERO).toMillis() / 1e3;
  }

  /** What the viewer has read so far; nothing means that the run had no viewer. */
  long bytesSeen() {
    return bytesSeen.get();
  }

  @Override
  public void close() {
    closing = true;
    process.destroy();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  private static Process start(Path jar, LoadDatabase database, Path log, String... arguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx128m", "-jar", jar.toString()));
    command.addAll(List.of(arguments));
    for (String option : database.options(SESSIONS)) {
      command.addAll(List.of("-o", option));
    }
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(log.toFile())
        .start();
  }

  private static void awaitReady(Process process, String url, Path log)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(READY_SECONDS_MAX);
    while (process.isAlive() && System.nanoTime() < deadline) {
      try {
        HttpURLConnection health = open(url + "/health", "");
        if (health.getResponseCode() > 0) {
          return;
        }
      } catch (IOException e) {
        Thread.sleep(100); // Not listening yet.
      }
    }
    throw new IllegalStateException("the dashboard is not ready: " + Files.readString(log));
  }

  private void view(String url, String token) {
    byte[] buffer = new byte[65_536];
    while (!closing) {
      try (var stream = open(url + "/live/stream", token).getInputStream()) {
        for (int n = stream.read(buffer); n >= 0; n = stream.read(buffer)) {
          bytesSeen.addAndGet(n);
        }
      } catch (IOException e) {
        if (!closing) {
          System.out.println("the viewer lost its stream: " + e);
        }
        return;
      }
    }
  }

  private static HttpURLConnection open(String url, String token) throws IOException {
    HttpURLConnection connection = (HttpURLConnection) URI.create(url).toURL().openConnection();
    connection.setRequestProperty("Authorization", "Bearer " + token);
    return connection;
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
