package io.agentlog.insight.rollup;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.backends.Backends;
import io.agentlog.postgres.TableTransactions;
import io.agentlog.postgres.TableTransactions.Transaction;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Goal: the trends of costs stay true. Method: rows made and changed by SQL in a real database. */
@Timeout(120)
class RollupCostsIT {
  private RollupFixture fixture;

  @BeforeEach
  void open() throws Exception {
    fixture = new RollupFixture(Backends.postgres().newDatabase());
  }

  @AfterEach
  void close() {
    fixture.close();
  }

  @Test
  void minuteWithCostsInSeveralCurrenciesIsNotComputedAgainForThem() throws Exception {
    insert(4, "date_trunc('minute', now()) - interval '2 minutes'");
    fixture.database.execute(
        "UPDATE agent_execution_logs SET agent_name = 'a', model_calls = 1, cost = 1.5,"
            + " cost_currency = CASE WHEN duration_us % 2 = 0 THEN 'USD' ELSE 'EUR' END");
    settleFirst();
    String several =
        "SELECT count(*) FROM agent_insight_rollup WHERE level = 1 AND cost_currency = 'several'";
    assertThat(fixture.query(several)).isEqualTo(1);

    assertThat(changedMinutes()).isEmpty();
  }

  @Test
  void costsOfSeveralCurrenciesThatAreOfOneNowAreComputedAgain() throws Exception {
    insert(4, "date_trunc('minute', now()) - interval '2 minutes'");
    fixture.database.execute(
        "UPDATE agent_execution_logs SET agent_name = 'a', model_calls = 1, cost = 1.5,"
            + " cost_currency = CASE WHEN duration_us % 2 = 0 THEN 'USD' ELSE 'EUR' END");
    settleFirst();
    fixture.database.execute("UPDATE agent_execution_logs SET cost_currency = 'EUR'");
    assertThat(changedMinutes()).hasSize(1);
  }

  /** As after a file of prices that named none. */
  @Test
  void sameCostsInAnotherCurrencyAreComputedAgain() throws Exception {
    insert(4, "date_trunc('minute', now()) - interval '2 minutes'");
    fixture.database.execute(
        "UPDATE agent_execution_logs SET model_calls = 1, cost = 1.5, cost_currency = 'USD'");
    settleFirst();
    assertThat(changedMinutes()).isEmpty();
    fixture.database.execute("UPDATE agent_execution_logs SET cost_currency = 'EUR'");
    assertThat(changedMinutes()).hasSize(1);
  }

  private List<Instant> changedMinutes() throws Exception {
    try (TableTransactions transactions = new TableTransactions(fixture.config(), "test");
        Transaction tx = transactions.begin(Duration.ofSeconds(10))) {
      List<Instant> minutes =
          Sql.list(
              tx,
              "SELECT DISTINCT bucket FROM agent_insight_rollup WHERE level = 1",
              row -> requireNonNull(Sql.time(row, 1)));
      return List.copyOf(ChangedBuckets.of(tx, Level.MINUTE, minutes));
    }
  }

  /** The statement is that of docs/operations.md, for servers without the index. */
  @Test
  void costsThatWereComputedAgainAreCountedOnRequest() throws Exception {
    fixture.database.execute("DROP INDEX IF EXISTS agent_execution_logs_updated");
    insert(10, "now() - interval '3 hours'");
    fixture.database.execute(
        "UPDATE agent_execution_logs SET model_calls = 1, cost = 1.5, cost_currency = 'USD'");
    settleFirst();
    fixture.database.execute("UPDATE agent_execution_logs SET cost = 3, updated_at = now()");

    fixture.database.execute(
        "INSERT INTO agent_insight_dirty (duty, begins, ends) VALUES ('rollup',"
            + " date_trunc('minute', now() - interval '1 day'), date_trunc('minute', now()))");
    fixture.settle();

    assertThat(fixture.query("SELECT sum(cost)::int FROM agent_insight_rollup WHERE level = 3"))
        .isEqualTo(30);
  }

  private void settleFirst() throws Exception {
    fixture.rollup.tick();
    fixture.settle();
  }

  private void insert(int count, String completedAt) {
    fixture.database.execute(
        """
        INSERT INTO agent_execution_logs (execution_id, correlation_id, agent_name, project_name, status, started_at, completed_at, duration_us,
          quality_score, seen)
        SELECT gen_random_uuid(), gen_random_uuid(), 'agent ' || mod(n, 3), 'project', 'success', now(), %2$s,
               (exp(3 + 12 * random()) * 4)::bigint * 4 + mod(n, 4), random(), 5
        FROM generate_series(1, %1$s) AS n\
        """
            .formatted(count, completedAt));
  }
}
