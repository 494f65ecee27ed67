package io.agentlog.insight.live;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.backends.Backends;
import io.agentlog.backends.Postgres;
import io.agentlog.insight.Dashboards;
import io.agentlog.json.BrokenLineException;
import io.agentlog.json.JsonReader;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Goal: who looks sees what runs. Method: a real database, and streams over HTTP. */
@Timeout(120)
class LiveStreamIT {
  private Postgres database;
  private Dashboards dashboard;

  @BeforeEach
  void start() throws Exception {
    database = Backends.postgres().newDatabase();
    Dashboards.makeTables(database);
    dashboard = Dashboards.start(database);
  }

  @AfterEach
  void stop() {
    dashboard.close();
    database.close();
  }

  private UUID begin(String agent) {
    UUID id = UUID.randomUUID();
    database.execute(
        "INSERT INTO agent_execution_logs (execution_id, agent_name, status, started_at, metadata)"
            + " VALUES ('%s', '%s', 'in_progress', now() - interval '3 s', '{\"progress\": {\"stage\": \"load\", \"percent\": 40}}')"
                .formatted(id, agent));
    return id;
  }

  private void end(UUID id, String status) {
    database.execute(
        "UPDATE agent_execution_logs SET status = '%s', completed_at = now(), duration_us = 1500000 WHERE execution_id = '%s'"
            .formatted(status, id));
  }

  @Test
  void executionIsSeenRunningAndThenEnded() throws Exception {
    try (Stream stream = open("/live/stream")) {
      stream.awaitPart("running", "Nothing runs at this moment.");
      UUID id = begin("router");

      assertThat(stream.awaitPart("running", "router")).contains("load", "40 %", id.toString());
      end(id, "failed");

      assertThat(stream.awaitPart("ended", "router")).contains("failed", "1.50 s");
      assertThat(stream.awaitPart("running", "Nothing runs")).doesNotContain("router");
    }
  }

  @Test
  void viewerThatComesBackGetsWhatIsTrueNow() throws Exception {
    UUID id = begin("router");
    try (Stream stream = open("/live/stream")) {
      stream.awaitPart("running", "router");
    }
    end(id, "success");

    try (Stream again = open("/live/stream")) {
      assertThat(again.awaitPart("ended", "router")).contains("success");
    }
  }

  @Test
  void filterShowsOneAgent() throws Exception {
    begin("other");
    begin("router & co");
    try (Stream stream = open("/live/stream?agent=router+%26+co")) {
      assertThat(stream.awaitPart("running", "router &amp; co")).doesNotContain("other");
    }
    assertThat(dashboard.get("/?agent=router+%26+co").body())
        .contains("router &amp; co")
        .doesNotContain(">other<");
  }

  @Test
  void databaseIsReadOnceForAllViewers() throws Exception {
    begin("router");
    List<Stream> streams = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      streams.add(open("/live/stream"));
    }
    for (Stream stream : streams) {
      stream.awaitPart("running", "router");
    }
    long before = metric("agentlog_insight_live_reads_total");
    for (int i = 0; i < 4; i++) {
      streams.get(0).next(); // Ages change with each read, so there is always a next one.
    }
    long reads = metric("agentlog_insight_live_reads_total") - before;
    for (Stream stream : streams) {
      stream.close();
    }

    assertThat(reads).isBetween(3L, 7L); // Not four for each of the twenty.
  }

  @Test
  void nothingIsReadWhenNobodyLooks() throws Exception {
    try (Stream stream = open("/live/stream")) {
      stream.awaitPart("running", "Nothing");
    }
    assertThat(isReading()).isTrue();

    while (isReading()) { // Within the time of the test.
      LockSupport.parkNanos(20_000_000);
    }
    assertThat(metric("agentlog_insight_streams")).isZero();
  }

  private static boolean isReading() {
    return Thread.getAllStackTraces().keySet().stream()
        .anyMatch(thread -> thread.getName().equals(LiveHub.THREAD));
  }

  @Test
  void databaseThatIsDownIsSaidWithTheTimeOfTheDataAndThePageGoesOn() throws Exception {
    try (Postgres own = Postgres.startOwn()) {
      Dashboards.makeTables(own);
      try (Dashboards looking = Dashboards.start(own);
          Stream stream = open(looking, "/live/stream")) {
        stream.awaitPart("running", "Nothing runs");
        own.stop();

        assertThat(stream.awaitPart("stale", "What you see is from "))
            .contains("Trying again.")
            .containsAnyOf("nothing takes connections", "is shutting down"); // While it stops.
        assertThat(looking.get("/").statusCode()).isEqualTo(503);
        assertThat(looking.get("/").body()).contains("can't be read").doesNotContain("Exception");
        assertThat(looking.get("/health").statusCode()).isEqualTo(503);
        own.start();

        own.execute(
            "INSERT INTO agent_execution_logs (execution_id, agent_name, status, started_at)"
                + " VALUES (gen_random_uuid(), 'router', 'in_progress', now())");
        stream.awaitPart("running", "router");
        while (!"".equals(stream.shown.get("stale"))) {
          stream.shown.putAll(stream.texts());
        }
      }
    }
  }

  private long metric(String name) throws IOException, InterruptedException {
    return dashboard
        .get("/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith(name + " "))
        .mapToLong(line -> (long) Double.parseDouble(line.substring(name.length() + 1)))
        .findFirst()
        .orElseThrow();
  }

  private Stream open(String path) throws IOException, InterruptedException {
    return open(dashboard, path);
  }

  private static Stream open(Dashboards dashboard, String path)
      throws IOException, InterruptedException {
    HttpResponse<InputStream> answer =
        dashboard
            .client()
            .send(dashboard.request(path).build(), HttpResponse.BodyHandlers.ofInputStream());
    assertThat(answer.headers().firstValue("Content-Type"))
        .contains("text/event-stream; charset=utf-8");
    return new Stream(answer.body());
  }

  private static final class Stream implements AutoCloseable {
    private final BufferedReader lines;
    private final Map<String, String> shown = new HashMap<>();

    Stream(InputStream in) {
      this.lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
    }

    /** Returns the next parts. */
    Map<String, @Nullable Object> next() throws IOException, BrokenLineException {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.equals("event: stale")) {
          return Map.of("stale", lines.readLine().substring("data: ".length()));
        }
        if (line.startsWith("data: {")) {
          return JsonReader.parse(
              line.substring("data: ".length()).getBytes(StandardCharsets.UTF_8));
        }
      }
      throw new IOException("the stream has ended");
    }

    Map<String, String> texts() throws IOException, BrokenLineException {
      Map<String, String> texts = new HashMap<>();
      next().forEach((part, html) -> texts.put(part, String.valueOf(html)));
      return texts;
    }

    /** Returns the part once it contains the text. */
    String awaitPart(String name, String text) throws IOException, BrokenLineException {
      while (!shown.getOrDefault(name, "").contains(text)) {
        shown.putAll(texts());
      }
      return shown.getOrDefault(name, "");
    }

    @Override
    public void close() throws IOException {
      lines.close();
    }
  }
}
