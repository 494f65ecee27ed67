package io.agentlog.insight.rollup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.agentlog.backends.Backends;
import io.agentlog.backends.PgBouncer;
import io.agentlog.backends.Postgres;
import io.agentlog.insight.Await;
import io.agentlog.insight.rules.Rules;
import io.agentlog.log.CapturedLog;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Goal: the tables are kept while the program runs, whatever happens to the database. */
@Timeout(180)
class RollupThreadIT {
  @Test
  void goesOnAfterAnOutageAndSaysMeanwhileWhatIsTheMatter() throws Exception {
    try (RollupFixture fixture = new RollupFixture(Postgres.startProcess());
        RollupThread thread = new RollupThread(fixture.config(), () -> Rules.NONE, false)) {
      assertThat(thread.age()).isNull();
      thread.start();
      Await.until(() -> thread.age() != null);
      assertThat(thread.problem()).isNull();

      fixture.database.stop();
      Await.until(() -> thread.problem() != null);
      assertThat(thread.problem()).contains("127.0.0.1");
      assertThat(thread.age()).isPositive();

      fixture.database.start();
      Await.until(() -> thread.problem() == null);
    }
  }

  @Test
  void logsEachCauseOfAFailure() throws Exception {
    try (CapturedLog log = new CapturedLog();
        RollupFixture fixture = new RollupFixture(Backends.postgres().newDatabase());
        RollupThread thread = new RollupThread(fixture.config(), () -> Rules.NONE, false)) {
      fixture.database.execute("ALTER TABLE agent_insight_errors RENAME TO aside");
      thread.start();
      Await.until(() -> String.valueOf(thread.problem()).contains("migrate"));
      fixture.database.execute(
          "ALTER TABLE aside RENAME TO agent_insight_errors; ALTER TABLE agent_insight_state ADD"
              + " CONSTRAINT nothing_more CHECK (key <> 'rollup') NOT VALID");
      Await.until(() -> String.valueOf(thread.problem()).contains("nothing_more"));
      Await.until(() -> String.join("\n", log.lines()).contains("nothing_more"));
      assertThat(String.join("\n", log.lines()))
          .containsOnlyOnce("run java -jar agentlog-insight.jar migrate");
    }
  }

  @Test
  void worksBehindAPoolerThatLendsASessionForATransaction() throws Exception {
    assumeTrue(PgBouncer.isInstalled(), "pgbouncer is not installed");
    try (RollupFixture fixture = new RollupFixture(Backends.postgres().newDatabase());
        PgBouncer pooler = PgBouncer.before(fixture.database, 1);
        Rollup one = pooled(fixture, pooler);
        Rollup two = pooled(fixture, pooler)) {
      fixture.write(new RandomEvents(3).of(300));
      for (int i = 0; i < 10; i++) {
        one.tick();
        fixture.passMinute();
        two.tick();
      }
      fixture.reconcile();
      assertThat(
              fixture.query(
                  "SELECT sum(ended + provisional) FROM agent_insight_rollup WHERE level = 3"))
          .isEqualTo(
              fixture.query(
                  "SELECT count(*) FROM agent_execution_logs WHERE completed_at IS NOT NULL"));
    }
  }

  private static Rollup pooled(RollupFixture fixture, PgBouncer pooler) {
    return new Rollup(
        RollupFixture.config(fixture.database, Map.of("postgres.url", pooler.jdbcUrl())));
  }
}
