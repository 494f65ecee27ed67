package io.agentlog.insight.alert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.agentlog.backends.ChildJvm;
import io.agentlog.backends.PgBouncer;
import io.agentlog.backends.Postgres;
import io.agentlog.insight.Await;
import io.agentlog.insight.Dashboards;
import io.agentlog.insight.rollup.Migrate;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: whatever ends a dashboard or its database, each incident is told once that it fires and
 * once that it is over. Method: real dashboards as processes over executions that hang, a real
 * server as their channel, and kill -9.
 */
@Timeout(900)
class KilledDashboardIT {
  private static final int AGENTS = 10;

  /** How often a dashboard is killed; {@code -Dagentlog.alert.kills=100} is the long run. */
  private static final int KILLS = Integer.getInteger("agentlog.alert.kills", 10);

  @TempDir private Path folder;
  private final Receiver receiver = new Receiver();
  private final List<ChildJvm> running = new ArrayList<>();
  private AlertFixture fixture;
  private Path rules;

  @BeforeEach
  void writeRules() throws Exception {
    fixture = new AlertFixture();
    rules = folder.resolve("rules.yaml");
    Files.writeString(
        rules,
        """
        version: 1
        channels:
          ops: {type: webhook, url: %s}
        rules:
          - {name: hung, kind: stuck, after: 10m, notify: [ops], keep-firing: 0s, cooldown: 0s}
        """
            .formatted(receiver.uri()));
  }

  @AfterEach
  void close() {
    running.forEach(ChildJvm::close);
    fixture.close();
    receiver.close();
  }

  private ChildJvm start(Postgres of, String url) {
    ChildJvm dashboard =
        ChildJvm.likeThis()
            .options("-Xmx96m")
            .mainClass(QuickDashboard.class, url, of.user(), of.password(), rules.toString())
            .start();
    running.add(dashboard);
    return dashboard;
  }

  private static void hang(Postgres in) {
    in.execute(
        "INSERT INTO agent_execution_logs (execution_id, agent_name, status, started_at) SELECT gen_random_uuid(), 'agent ' || n, 'in_progress', now() - interval '1 hour' FROM generate_series(1, %s) AS n"
            .formatted(Integer.toString(AGENTS)));
  }

  private static void end(Postgres in) {
    in.execute("DELETE FROM agent_execution_logs");
  }

  private void awaitEvents(String state, int count) throws InterruptedException {
    Await.until(
        () ->
            fixture
                .list(
                    "SELECT count(*) FROM agent_insight_alert_events WHERE rule = 'hung' AND state = '%s'"
                        .formatted(state))
                .equals(List.of(Integer.toString(count))));
  }

  private void awaitDelivered(AlertFixture of) throws InterruptedException {
    Await.until(
        () ->
            of.list("SELECT count(*) FROM agent_insight_outbox WHERE next_at IS NOT NULL")
                .equals(List.of("0")));
  }

  @Test
  void incidentsAreThoseOfADashboardThatNobodyKills() throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    int rounds = KILLS / 2;
    ChildJvm dashboard = start(fixture.database, fixture.database.jdbcUrl());
    for (int kill = 0; kill < 2 * rounds; kill++) {
      boolean hangs = kill % 2 == 0;
      if (hangs) {
        hang(fixture.database);
      } else {
        end(fixture.database);
      }
      Thread.sleep(random.nextInt(600)); // Any moment will do: before, in or after a tick.
      dashboard.kill();
      dashboard = start(fixture.database, fixture.database.jdbcUrl());
      awaitEvents(hangs ? "firing" : "resolved", (kill / 2 + 1) * AGENTS);
    }
    awaitDelivered(fixture);

    String as = "with seed " + seed;
    assertThat(
            fixture.list(
                "SELECT string_agg(state, ' ' ORDER BY id) FROM agent_insight_alert_events WHERE"
                    + " rule = 'hung' AND state IN ('firing', 'resolved') GROUP BY incident_id"))
        .as(as)
        .hasSize(rounds * AGENTS)
        .containsOnly("firing resolved");
    assertToldInOrder(as, rounds * AGENTS);
  }

  /** Returns what was told of executions; a slow machine may see nothing for some seconds. */
  private List<Receiver.Post> hung() {
    return receiver.posts().stream().filter(post -> post.text("rule").equals("hung")).toList();
  }

  /** Each incident fires, then is over; a repetition has the delivery ID of what it repeats. */
  private void assertToldInOrder(String as, int incidents) {
    Map<String, List<String>> first = new HashMap<>();
    Map<String, String> byDelivery = new HashMap<>();
    for (Receiver.Post post : hung()) {
      if (byDelivery.put(post.text("delivery_id"), post.body()) == null) {
        first
            .computeIfAbsent(post.text("incident_id"), id -> new ArrayList<>())
            .add(post.text("status"));
      }
    }
    assertThat(first).as(as).hasSize(incidents);
    assertThat(first.values()).as(as).containsOnly(List.of("firing", "resolved"));
  }

  @Test
  void twoDashboardsBehindAPoolerTellEachMessageOnce() throws Exception {
    assumeTrue(PgBouncer.isInstalled(), "pgbouncer is not installed");
    try (PgBouncer pooler = PgBouncer.before(fixture.database, 4)) {
      ChildJvm first = start(fixture.database, pooler.jdbcUrl());
      ChildJvm second = start(fixture.database, pooler.jdbcUrl());
      for (int round = 1; round <= 3; round++) {
        hang(fixture.database);
        awaitEvents("firing", round * AGENTS);
        end(fixture.database);
        awaitEvents("resolved", round * AGENTS);
      }
      awaitDelivered(fixture);

      assertToldInOrder("two dashboards", 3 * AGENTS);
      assertThat(hung()).as("none is told twice").hasSize(3 * AGENTS * 2);
      assertThat(first.isAlive() && second.isAlive()).isTrue();
    }
  }

  private long count(String told) {
    return receiver.told().stream().filter(told::equals).count();
  }

  @Test
  void databaseThatGoesAwayIsToldOnceAndNothingFalse() throws Exception {
    try (Postgres server = Postgres.startOwn()) {
      Dashboards.makeTables(server);
      new Migrate(Dashboards.config(server)).run(line -> {});
      hang(server);
      start(server, server.jdbcUrl());
      Await.until(() -> count("firing hung") == AGENTS);

      server.stop();
      Await.until(() -> receiver.told().contains("firing blind"));
      server.start();
      Await.until(() -> receiver.told().contains("resolved blind"));
      end(server);
      Await.until(() -> count("resolved hung") == AGENTS);
    }
    // What was sent when the database went away is sent again: it could not be marked.
    assertToldInOrder("with an outage", AGENTS);
  }
}
