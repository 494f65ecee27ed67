package io.agentlog.insight;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.agentlog.backends.Backends;
import io.agentlog.backends.Postgres;
import io.agentlog.config.ConfigLoader;
import io.agentlog.config.LoadedConfig;
import io.agentlog.json.JsonReader;
import io.agentlog.postgres.TableSetup;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Tables of a test in a real PostgreSQL, and a dashboard over them that is asked by HTTP. */
abstract class RowPages {
  static final String TOKEN = "a token of a test, long enough";
  static final String REQUEST = "46298508-dc0d-500c-9be0-fc9a22cf8319"; // Of order-4711.

  final Postgres database = Backends.postgres().newDatabase();
  private final List<Dashboard> dashboards = new ArrayList<>();
  private final HttpClient client = HttpClient.newHttpClient();

  Dashboard dashboard;

  @BeforeEach
  void open() throws Exception {
    new TableSetup(config(database.user(), database.password())).run(false);
    dashboard = start(false);
  }

  @AfterEach
  void close() {
    dashboards.forEach(Dashboard::close);
    database.close();
  }

  /** Starts a dashboard, which ends with the test. */
  Dashboard start(boolean texts) throws Exception {
    return start(texts, config(database.user(), database.password()));
  }

  Dashboard start(boolean texts, LoadedConfig config) throws Exception {
    Dashboard started =
        new Dashboard(
            config,
            new DashboardSettings(
                new InetSocketAddress("127.0.0.1", 0),
                "",
                TOKEN,
                Set.of(),
                null,
                false,
                texts,
                link -> {}));
    dashboards.add(started);
    return started;
  }

  LoadedConfig config(String user, String password) {
    return ConfigLoader.loadForCommand(
        Map.of(
            "postgres.url", database.jdbcUrl(),
            "postgres.user", user,
            "postgres.password", password),
        new Properties(),
        Map.of());
  }

  HttpResponse<String> get(Dashboard of, String path) throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + of.address().getPort() + path);
    HttpRequest request =
        HttpRequest.newBuilder(uri).header("Authorization", "Bearer " + TOKEN).build();
    return client.send(request, BodyHandlers.ofString());
  }

  /** Returns a page that must be there. */
  String page(String path) throws Exception {
    HttpResponse<String> answer = get(dashboard, path);
    if (answer.statusCode() != 200) {
      throw new AssertionError(path + ": " + answer.statusCode() + " " + answer.body());
    }
    return answer.body();
  }

  Map<String, Object> json(String path) throws Exception {
    return JsonReader.parse(page(path).getBytes(UTF_8));
  }

  @SuppressWarnings("unchecked")
  static List<Map<String, Object>> list(Object json, String key) {
    return (List<Map<String, Object>>) ((Map<String, Object>) json).get(key);
  }

  /** Adds an execution by columns and their values in SQL; returns its ID. */
  String execution(int n, String columns, String values) {
    UUID id = new UUID(0x019a_0000_0000_7000L, Long.MIN_VALUE | n);
    database.execute(
        "INSERT INTO agent_execution_logs (execution_id, %s) VALUES ('%s', %s)"
            .formatted(columns, id, values));
    return id.toString();
  }
}
