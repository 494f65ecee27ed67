package io.agentlog.insight.handler;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.backends.Backends;
import io.agentlog.backends.Postgres;
import io.agentlog.insight.Dashboards;
import io.agentlog.json.JsonReader;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Goal: the page tells what each agent says of itself, and what is not known as unknown. */
@Timeout(60)
class InstancesPageIT {
  private static final String ALIVE =
      "now() - interval '1 hour', now() - interval '4 s', now() + interval '1 hour'";
  private static final String LATE =
      "now() - interval '1 hour', now() - interval '50 s', now() - interval '20 s'";
  private static final String LOST =
      "now() - interval '3 hours', now() - interval '2 hours', now() - interval '119 minutes'";
  private static final String ENDED =
      "now() - interval '3 hours', now() - interval '2 hours', now() - interval '2 hours'";

  private static final String REPORT =
      """
      {"version": "0.1.0", "host": "pod-1", "pid": 7, "reported_at": "2026-11-29T22:30:00+00:00",
       "journal": {"bytes": 402653184, "max_bytes": 536870912}, "counters": {"executions_started": 40, "events_recorded": 123456, "suppressed": 0},
       "dropped": {"journal_full": 1234, "disk_full": 0, "after_end": 17},
       "sinks": [
         {"name": "postgres", "target": "db:5432/agents", "state": "up", "delivered": 100, "pending": 5, "lag_ms": 0,
          "parked": 6, "undecodable": 0, "failures_in_a_row": 0, "last_error": null},
         {"name": "kafka", "target": "broker:9092/events", "state": "down", "delivered": 50, "pending": 2000,
          "lag_ms": 5400000, "parked": 0, "undecodable": 3, "failures_in_a_row": 77, "last_error": "%s"}]}""";

  private final Postgres database = Backends.postgres().newDatabase();

  @AfterEach
  void close() {
    database.close();
  }

  @Test
  void countersAndSinksAreShownAndThoseOfAnOlderAgentAreUnknown() throws Exception {
    Dashboards.makeTables(database);
    add(1, "router", ALIVE, REPORT.formatted("no broker answers"));
    add(2, "router", ALIVE, null);
    add(3, "router", LATE, "{\"dropped\": {}}");
    add(4, "billing", LOST, "{\"dropped\": {\"disk_full\": 9}}");
    add(5, "billing", ENDED, null);
    run(1, 3);
    run(4, 2);
    try (Dashboards dashboard = Dashboards.start(database)) {
      String html = text(dashboard.get("/instances"));

      assertThat(html)
          .contains("pod-1 · pid 7 · agentlog 0.1.0", "journal_full 1 234", "after_end 17")
          .contains("broker:9092/events", "no broker answers", "failed 77 times in a row")
          .contains("1 h 30 min", "3 not readable, lost", "journal 75.0 % full")
          .contains("unknown: this JVM's agent reports nothing. An older agentlog has no reports")
          .doesNotContain("disk_full 0");
      Map<String, ?> page = json(dashboard.get("/instances.json"));
      assertThat(figures(page))
          .isEqualTo(
              Map.of(
                  "JVMs that live", "3 (1 not heard of in time)",
                  "Running executions", "3 (2 more of JVMs that are gone)",
                  "Sinks down", "1 (unknown of 1 JVM)",
                  "Events that wait", "2 005 (unknown of 1 JVM)",
                  "Dropped", "1 251 (unknown of 1 JVM)",
                  "Parked", "6 (unknown of 1 JVM)"));
      List<?> living = instances(page);
      assertThat(each(living, "state")).hasToString("[ALIVE, ALIVE, LATE]");
      assertThat(each(living, "running")).hasToString("[3, 0, 0]");
      assertThat(each(living, "report").get(1)).isNull();
      assertThat(each((List<?>) page.get("gone"), "state")).asString().contains("LOST", "ENDED");
    }
  }

  @Test
  void whatNoAgentSaysIsNeverZero() throws Exception {
    Dashboards.makeTables(database);
    add(1, "router", ALIVE, null);
    add(2, "router", ALIVE, "[1]");
    add(
        3,
        "router",
        ALIVE,
        "{\"counters\": 7, \"dropped\": \"none\", \"sinks\": [null, {\"name\": 1}], \"reported_at\": \"x\"}");
    try (Dashboards dashboard = Dashboards.start(database)) {
      Map<String, ?> page = json(dashboard.get("/instances.json"));

      assertThat(figures(page))
          .containsEntry("Dropped", "unknown (unknown of 3 JVMs)")
          .containsEntry("Parked", "unknown (unknown of 3 JVMs)");
      assertThat(text(dashboard.get("/instances"))).contains("? unknown");
    }
  }

  @Test
  void errorThatMayQuoteAnEventIsShownOnlyWithTexts() throws Exception {
    Dashboards.makeTables(database);
    String secret = "unexpected IllegalStateException: my prompt";
    add(1, "router", ALIVE, REPORT.formatted(secret));
    try (Dashboards dashboard = Dashboards.start(database);
        Dashboards withTexts = Dashboards.start(Dashboards.config(database), true)) {
      for (String path : List.of("/instances", "/instances.json")) {
        assertThat(text(dashboard.get(path))).doesNotContain("my prompt");
        assertThat(text(withTexts.get(path))).contains(secret);
      }
      assertThat(text(dashboard.get("/instances"))).contains("its text is shown with --texts");
    }
  }

  @Test
  void namesAreTextAndAServiceCanBeChosen() throws Exception {
    Dashboards.makeTables(database);
    String hostile = "a&b=<script>alert(1)</script>";
    add(1, hostile, ALIVE, "{\"host\": \"<img src=x>\"}");
    add(2, "other", ALIVE, null);
    try (Dashboards dashboard = Dashboards.start(database)) {
      String html = text(dashboard.get("/instances"));
      assertThat(html)
          .doesNotContain("<script>alert", "<img")
          .contains("&lt;img src=x&gt;", "other");
      int link = html.indexOf("/instances?service=");
      String path = html.substring(link, html.indexOf('"', link));
      assertThat(path).contains("script");

      assertThat(each(instances(json(dashboard.get(path.replace("?", ".json?")))), "service"))
          .isEqualTo(List.of(hostile));
    }
  }

  @Test
  void tablesThatAreMissingOrOfAnOlderVersionAreNamedWithWhatToRun() throws Exception {
    try (Dashboards dashboard = Dashboards.start(database)) {
      HttpResponse<String> none = dashboard.get("/instances");
      assertThat(none.statusCode()).isEqualTo(200);
      assertThat(none.body()).contains("The tables are not there yet", "agentlog.jar migrate");

      Dashboards.makeTables(database);
      assertThat(text(dashboard.get("/instances")))
          .contains("No JVM records at this moment")
          .doesNotContain("note-box");

      database.execute("ALTER TABLE agent_instances DROP COLUMN report");
      database.execute(
          "INSERT INTO agent_instances VALUES (gen_random_uuid(), 'router', " + ALIVE + ")");
      assertThat(text(dashboard.get("/instances")))
          .contains("has no column for what agents say of themselves", "agentlog.jar migrate");
      assertThat(figures(json(dashboard.get("/instances.json"))))
          .containsEntry("Dropped", "unknown (unknown of 1 JVM)");
    }
  }

  @Test
  void jvmThatWritesToKafkaAloneLivesThoughItsLeaseHasNoEnd() throws Exception {
    Dashboards.makeTables(database);
    add(1, "router", "now() - interval '1 hour', now() - interval '4 s', 'infinity'", null);
    run(1, 3);
    try (Dashboards dashboard = Dashboards.start(database)) {
      assertThat(text(dashboard.get("/instances")))
          .contains("nor has a JVM that writes to Kafka alone");
      assertThat(figures(json(dashboard.get("/instances.json"))))
          .containsEntry("JVMs that live", "1 (all were heard of in time)")
          .containsEntry("Running executions", "3 ()");
    }
  }

  /** Its connector may have been away for days, and nobody has ended its lease. */
  @Test
  void jvmThatWritesToKafkaAloneAndWasNotHeardOfIsNotShownAsAlive() throws Exception {
    Dashboards.makeTables(database);
    add(1, "router", "now() - interval '3 days', now() - interval '2 days', 'infinity'", null);
    add(2, "router", "now() - interval '3 days', now() - interval '2 minutes', 'infinity'", null);
    run(1, 3);
    try (Dashboards dashboard = Dashboards.start(database)) {
      assertThat(text(dashboard.get("/instances")))
          .contains("not heard of", "for 2 d", "look whether its connector runs");
      Map<String, ?> page = json(dashboard.get("/instances.json"));
      assertThat(each(instances(page), "state")).asString().contains("SILENT", "ALIVE");
      assertThat(figures(page))
          .containsEntry("JVMs that live", "2 (1 not heard of in time)")
          .containsEntry("Running executions", "3 ()");
    }
  }

  private void add(int n, String service, String times, String report) {
    database.execute(
        "INSERT INTO agent_instances (instance_id, service, since, renewed_at, lease_until, report) VALUES ('%s', '%s', %s, %s)"
            .formatted(id(n), service, times, report == null ? "NULL" : "'" + report + "'"));
  }

  private void run(int n, int count) {
    database.execute(
        "INSERT INTO agent_execution_logs (execution_id, instance_id, status, started_at) SELECT gen_random_uuid(), '%s', 'in_progress', now() FROM generate_series(1, %s)"
            .formatted(id(n), count));
  }

  private static String id(int n) {
    return "019a0000-0000-7000-8000-00000000000" + n;
  }

  private static String text(HttpResponse<String> response) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return response.body();
  }

  private static Map<String, ?> json(HttpResponse<String> response) throws Exception {
    return JsonReader.parse(text(response).getBytes(StandardCharsets.UTF_8));
  }

  private static Map<String, String> figures(Map<String, ?> page) {
    Map<String, String> figures = new HashMap<>();
    for (Object each : (List<?>) page.get("figures")) {
      Map<?, ?> figure = (Map<?, ?>) each;
      figures.put(
          (String) figure.get("name"), figure.get("value") + " (" + figure.get("note") + ")");
    }
    return figures;
  }

  private static List<?> instances(Map<String, ?> page) {
    List<Object> instances = new ArrayList<>();
    each((List<?>) page.get("services"), "instances")
        .forEach(list -> instances.addAll((List<?>) list));
    return instances;
  }

  private static List<Object> each(List<?> maps, String name) {
    List<Object> values = new ArrayList<>();
    maps.forEach(map -> values.add(((Map<?, ?>) map).get(name)));
    return values;
  }
}
