package io.agentlog.insight;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.agentlog.backends.Backends;
import io.agentlog.backends.Postgres;
import io.agentlog.json.JsonReader;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Tables of a test in a real PostgreSQL, and a dashboard over them that is asked by HTTP. */
abstract class RowPages {
  /** The correlation ID that {@code order-4711} becomes. */
  static final String REQUEST = "46298508-dc0d-500c-9be0-fc9a22cf8319";

  final Postgres database = Backends.postgres().newDatabase();
  private final List<Dashboards> started = new ArrayList<>();
  private Dashboards dashboard;

  @BeforeEach
  void open() throws Exception {
    Dashboards.makeTables(database);
    dashboard = add(Dashboards.start(database));
  }

  @AfterEach
  void close() {
    started.forEach(Dashboards::close);
    database.close();
  }

  private Dashboards add(Dashboards one) {
    started.add(one);
    return one;
  }

  /** Asks a dashboard that shows texts from now on. */
  void showTexts() {
    dashboard = add(Dashboards.start(Dashboards.config(database), true));
  }

  /** Asks a dashboard that reads as another user from now on. */
  void readAs(String user, String password) {
    dashboard = add(Dashboards.start(Dashboards.config(database, user, password), false));
  }

  HttpResponse<String> get(String path) throws Exception {
    return dashboard.get(path);
  }

  /** Returns a page that must be there. */
  String page(String path) throws Exception {
    HttpResponse<String> answer = get(path);
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

  /** Returns the ID of the n-th execution of a test. */
  static String id(int n) {
    return "019b7cde-0a63-7b41-9d52-%012d".formatted(n);
  }
}
