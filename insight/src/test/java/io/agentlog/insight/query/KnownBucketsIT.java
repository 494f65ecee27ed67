package io.agentlog.insight.query;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.backends.Backends;
import io.agentlog.backends.Postgres;
import io.agentlog.config.Config;
import io.agentlog.insight.Dashboard;
import io.agentlog.insight.Dashboards;
import io.agentlog.insight.page.PromptsPage;
import io.agentlog.insight.page.Window;
import io.agentlog.insight.rollup.Migrate;
import io.agentlog.insight.statistics.Bins;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Goal: what was read is not read again, and nothing that has changed is missed. Method: rows of
 * the dashboard's tables that are changed with and without the mark of a computation.
 */
@Timeout(120)
class KnownBucketsIT {
  private final Instant to = Instant.now().truncatedTo(ChronoUnit.HOURS);
  private final Window window = new Window(to.minus(Duration.ofHours(10)), to);

  private Postgres postgres;
  private Database database;

  @BeforeEach
  void fill() throws Exception {
    postgres = Backends.postgres().newDatabase();
    Dashboards.makeTables(postgres);
    Config config = Dashboards.config(postgres);
    new Migrate(config).run(line -> {});
    database = Dashboard.database(config);
    postgres.execute(
        """
        INSERT INTO agent_insight_rollup
        SELECT 2, '%s'::timestamptz + h * interval '1 hour', 'agent ' || a, '', 5, 4, 1, 0, 0, 5, 1, 700000, '{0,130,2183}', '{1,300,2000000000}',
          3, 1.5, '{0,199}', '{1,2}', now()
        FROM generate_series(0, 9) AS h, generate_series(1, 3) AS a"""
            .formatted(window.from()));
  }

  @AfterEach
  void drop() {
    database.close();
    postgres.close();
  }

  @Test
  void readsAgainOnlyWhatWasComputedAgain() throws Exception {
    TrendQuery trends = new TrendQuery(database);
    assertThat(all(trends).ended()).isEqualTo(150);
    postgres.execute("UPDATE agent_insight_rollup SET ended = 6"); // The rollup does not do this.
    assertThat(all(trends).ended()).isEqualTo(150);

    postgres.execute(
        "UPDATE agent_insight_rollup SET computed_at = clock_timestamp() WHERE agent_name = 'agent 2' AND bucket = '%s'"
            .formatted(window.from()));
    assertThat(all(trends).ended()).isEqualTo(153);

    postgres.execute(
        "DELETE FROM agent_insight_rollup WHERE bucket = '%s' AND agent_name = 'agent 1'"
            .formatted(window.from()));
    assertThat(all(trends).ended()).isEqualTo(147);
    assertThat(trends.one(window, window.from(), "agent 1", null).all().ended()).isEqualTo(54);
  }

  @Test
  void keepsEachBinAndItsCount() throws Exception {
    Totals all = all(new TrendQuery(database));

    Bins durations = all.durations();
    assertThat(List.of(durations.count(0), durations.count(130), durations.count(2183)))
        .containsExactly(30L, 9_000L, 60_000_000_000L);
    assertThat(List.of(all.qualities().count(0), all.qualities().count(199)))
        .containsExactly(30L, 60L);
    assertThat(all.summary().qualityMean()).isEqualTo(0.5);
  }

  @Test
  void forgetsWhatWasNotAskedForTheLongest() throws Exception {
    KnownBuckets buckets = new KnownBuckets(database, 2_000);
    TrendWindow hours = TrendWindow.of(window, TrendWindow.HOUR, 10);

    assertThat(buckets.read(hours, null, 1_000).rows()).hasSize(30);
    assertThat(buckets.size()).isBetween(1L, 2_000L);
    assertThat(buckets.read(hours, null, 1_000).rows()).hasSize(30);
    assertThat(buckets.read(hours, null, 29).rows()).hasSize(27);
    assertThat(buckets.read(hours, null, 29).cut()).isTrue();
  }

  @Test
  void answerIsReadAgainOnceItsTableWasComputed() throws Exception {
    postgres.execute(
        "INSERT INTO agent_insight_state (key, tick, cursor) VALUES ('prompts', 1, now())");
    PromptQuery prompts = new PromptQuery(database);
    assertThat(listed(prompts)).isEmpty();
    postgres.execute(
        """
        INSERT INTO agent_insight_prompts (bucket, prompt_sha256, agent_name, project_name, times, succeeded, failed, cancelled, first_seen, last_seen,
          quality_n, quality_sum, duration_n, duration_us, routes, examples, computed_at)
        VALUES ('%s', repeat('a', 64), 'agent', '', 2, 2, 0, 0, now(), now(), 0, 0, 0, 0, 0, ARRAY[gen_random_uuid()], now())"""
            .formatted(
                to.minusNanos(1).truncatedTo(ChronoUnit.DAYS))); // The end is not in the window.
    assertThat(listed(prompts)).isEmpty();

    postgres.execute("UPDATE agent_insight_state SET tick = 2 WHERE key = 'prompts'");

    assertThat(listed(prompts)).hasSize(1);
  }

  private List<PromptsPage.Row> listed(PromptQuery prompts) throws Exception {
    return prompts.list(TrendWindow.days(window), null, null);
  }

  private Totals all(TrendQuery trends) throws Exception {
    return trends.all(window, null).all();
  }
}
