package io.agentlog.insight;

import io.agentlog.backends.Postgres;
import io.agentlog.config.ConfigLoader;
import io.agentlog.config.LoadedConfig;
import io.agentlog.postgres.TableSetup;
import io.agentlog.sink.SinkUnavailableException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Map;
import java.util.Properties;
import java.util.Set;

/** A dashboard within this JVM, and a client that is logged in. */
public final class Dashboards implements AutoCloseable {
  private static final String TOKEN = "a token of some length";

  private final HttpClient client = HttpClient.newHttpClient();
  private final Dashboard dashboard;

  private Dashboards(Dashboard dashboard) {
    this.dashboard = dashboard;
  }

  /** Returns settings that name a database. */
  public static LoadedConfig config(Postgres database) {
    return config(database, database.user(), database.password());
  }

  /** Returns settings that name a database and a user of it. */
  public static LoadedConfig config(Postgres database, String user, String password) {
    return ConfigLoader.loadForCommand(
        Map.of(
            "postgres.host", database.host(),
            "postgres.port", Integer.toString(database.port()),
            "postgres.database", database.database(),
            "postgres.user", user,
            "postgres.password", password),
        new Properties(),
        Map.of());
  }

  /** Makes the agent's tables. */
  public static void makeTables(Postgres database) throws SinkUnavailableException {
    new TableSetup(config(database)).run(false);
  }

  /** Starts a dashboard that shows no texts. */
  public static Dashboards start(Postgres database) {
    return start(config(database), false);
  }

  /** Starts a dashboard. */
  public static Dashboards start(LoadedConfig config, boolean texts) {
    DashboardSettings settings =
        new DashboardSettings(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            "",
            TOKEN,
            Set.of(),
            null,
            false,
            texts,
            false,
            null,
            null,
            link -> {});
    try {
      return new Dashboards(new Dashboard(config, settings));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns the address of a path. */
  public URI uri(String path) {
    return URI.create("http://127.0.0.1:" + dashboard.address().getPort() + path);
  }

  /** Returns a request that has the right of access. */
  public HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(uri(path)).header("Authorization", "Bearer " + TOKEN);
  }

  /** Asks for a page. */
  public HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return client.send(request(path).build(), HttpResponse.BodyHandlers.ofString());
  }

  public HttpClient client() {
    return client;
  }

  @Override
  public void close() {
    dashboard.close();
  }
}
