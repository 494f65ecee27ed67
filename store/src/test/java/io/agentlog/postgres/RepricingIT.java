package io.agentlog.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentlog.event.SampleEvents;
import io.agentlog.postgres.Repricing.Counts;
import io.agentlog.postgres.Repricing.Priced;
import io.agentlog.sink.SinkUnavailableException;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Goal: costs follow the prices, and nothing else changes. Method: tables that the sink has made,
 * rows of known tokens, and prices that are a plain function of them.
 */
@Timeout(120)
class RepricingIT extends SinkFixture {
  private static final Instant SINCE = Instant.parse("2026-11-01T00:00:00Z");
  private static final Instant UNTIL = Instant.parse("2026-12-01T00:00:00Z");

  /** A token of m1 costs one whole; m2 has no price. */
  private static final Repricing.Prices PRICES =
      (provider, response, request, tokens) ->
          "m1".equals(response) && tokens.input() != null
              ? new Priced(tokens.input() * 1_000_000_000, "USD", "2")
              : null;

  private static final String ROWS =
      """
      INSERT INTO agent_execution_logs (execution_id, status, model_calls, cost, cost_currency, started_at, usage_seq)
      SELECT id(n), status, calls, cost, CASE WHEN cost IS NOT NULL THEN 'USD' END, '2026-11-05Z', 9
      FROM (VALUES (1, 'success', 2, 0.5), (2, 'in_progress', 1, 0.5), (3, 'failed', 3, 0.5), (4, 'success', 2, 7),
        (5, 'success', 1, NULL), (6, 'success', NULL, 3)) v (n, status, calls, cost);
      INSERT INTO agent_model_calls (execution_id, seq, response_model, started_at, input_tokens, cost, cost_currency,
        price_version, metadata)
      SELECT id(n), seq, model, at::timestamptz, input, cost, currency, CASE WHEN cost IS NOT NULL THEN '1' END, metadata::jsonb
      FROM (VALUES
        (1, 3, 'm1', '2026-11-05Z', 10, 0.25, 'USD', '{}'), (1, 7, 'm1', '2026-11-06Z', 5, 0.25, 'USD', '{}'),
        (1, 5, 'm1', '2026-11-05Z', NULL, NULL, NULL, '{"delegated": true}'),
        (2, 3, 'm1', '2026-11-05Z', 10, 0.5, 'USD', '{}'),
        (3, 3, 'm1', '2026-11-05Z', 10, 0.5, 'USD', '{}'),
        (4, 3, 'm2', '2026-11-05Z', 10, 4, 'EUR', '{}'), (4, 5, 'm1', '2026-11-05Z', 3, 3, 'USD', '{}'),
        (5, 3, 'm1', '2026-10-31T23:59:59Z', 10, NULL, NULL, '{}'),
        (6, 3, 'm1', '2026-11-30T23:59:59Z', 4, NULL, NULL, '{}'))
        v (n, seq, model, at, input, cost, currency, metadata)
      """;

  @Test
  void costsFollowThePricesAndASecondRunChangesNothing() throws Exception {
    fill(ROWS);
    Repricing repricing = new Repricing(config());
    Counts expected = new Counts(6, 5, 1, 3, 1, 1);
    assertThat(repricing.run(SINCE, UNTIL, true, PRICES).counts()).isEqualTo(expected);
    assertThat(query("SELECT string_agg(cost::text, ',' ORDER BY execution_id) FROM executions"))
        .isEqualTo("0.500000000,0.500000000,0.500000000,7.000000000,3.000000000");

    Repricing.Result result = repricing.run(SINCE, UNTIL, false, PRICES);
    assertThat(result.counts()).isEqualTo(expected);
    assertThat(result.before()).containsExactly(Map.entry("USD", new BigDecimal("4.000000000")));
    assertThat(result.after()).containsExactly(Map.entry("USD", new BigDecimal("32.000000000")));
    assertThat(
            query(
                "SELECT string_agg(n || ' ' || seq || ' ' || text, ', ' ORDER BY n, seq) FROM"
                    + " calls"))
        .isEqualTo(
            "1 3 10.000000000 USD 2, 1 5 -, 1 7 5.000000000 USD 2, 2 3 0.500000000 USD 1,"
                + " 3 3 10.000000000 USD 2, 4 3 4.000000000 EUR 1, 4 5 3.000000000 USD 2, 5 3 -,"
                + " 6 3 4.000000000 USD 2");
    // 3 keeps its sum, since two of its calls are not there; 4 sums up in its first call's
    // currency.
    assertThat(query("SELECT string_agg(n || ' ' || text, ', ' ORDER BY n) FROM executions"))
        .isEqualTo(
            "1 15.000000000 USD, 2 0.500000000 USD, 3 0.500000000 USD, 4 4.000000000 EUR, 5 -, 6"
                + " 4.000000000 USD");
    assertThat(query("SELECT string_agg(n::text, ',' ORDER BY n) FROM executions WHERE touched"))
        .isEqualTo("1,4,6");

    assertThat(repricing.run(SINCE, UNTIL, false, PRICES).counts())
        .isEqualTo(new Counts(6, 0, 1, 0, 1, 1));
  }

  @Test
  void moreExecutionsThanABatchAreAllDone() throws Exception {
    fill(
        """
        INSERT INTO agent_execution_logs (execution_id, status, model_calls)
        SELECT id(n), 'success', 1 FROM generate_series(1, 1001) n;
        INSERT INTO agent_model_calls (execution_id, seq, response_model, started_at, input_tokens)
        SELECT id(n), 3, 'm1', '2026-11-05Z', n FROM generate_series(1, 1001) n
        """);
    assertThat(new Repricing(config()).run(SINCE, UNTIL, false, PRICES).counts())
        .isEqualTo(new Counts(1_001, 1_001, 0, 1_001, 0, 0));
    assertThat(query("SELECT sum(cost) FROM agent_execution_logs")).isEqualTo("501501.000000000");
  }

  @Test
  void sumThatItsColumnCanNotHoldIsNone() throws Exception {
    fill(
        """
        INSERT INTO agent_execution_logs (execution_id, status, model_calls, cost, cost_currency)
        VALUES (id(1), 'success', 2, 1, 'USD');
        INSERT INTO agent_model_calls (execution_id, seq, response_model, started_at, input_tokens)
        VALUES (id(1), 3, 'm1', '2026-11-05Z', 999999999), (id(1), 4, 'm1', '2026-11-05Z', 1)
        """);
    assertThat(new Repricing(config()).run(SINCE, UNTIL, false, PRICES).counts())
        .isEqualTo(new Counts(2, 2, 0, 1, 0, 0));
    assertThat(query("SELECT text FROM executions")).isEqualTo("-");
  }

  @Test
  void databaseWithoutTheTablesSaysSo() {
    assertThatThrownBy(() -> new Repricing(config()).run(SINCE, UNTIL, false, PRICES))
        .isInstanceOf(SinkUnavailableException.class)
        .hasMessageContaining("the tables of agentlog are not at ")
        .hasMessageContaining("run migrate");
  }

  @Test
  void databaseBeforeTheFirstCallOfAModelHasNothingToCompute() throws Exception {
    sink(config()).write(List.of(SampleEvents.started(SampleEvents.header(1, 0), "a prompt")));
    assertThat(query("SELECT to_regclass('agent_model_calls')::text")).isNull();
    assertThat(new Repricing(config()).run(SINCE, UNTIL, false, PRICES).counts())
        .isEqualTo(new Counts(0, 0, 0, 0, 0, 0));
  }

  private void fill(String rows) throws Exception {
    sink(config()).write(List.of(SampleEvents.modelCall()));
    database.execute(
        """
        TRUNCATE agent_execution_logs, agent_model_calls;
        CREATE FUNCTION id(n int) RETURNS uuid LANGUAGE sql AS
          $$ SELECT ('00000000-0000-0000-0001-' || lpad(n::text, 12, '0'))::uuid $$;
        CREATE VIEW calls AS SELECT right(execution_id::text, 1)::int AS n, seq,
          COALESCE(cost || ' ' || cost_currency || ' ' || price_version, '-') AS text FROM agent_model_calls;
        CREATE VIEW executions AS SELECT execution_id, right(execution_id::text, 1)::int AS n, cost,
          COALESCE(cost || ' ' || cost_currency, '-') AS text, updated_at > created_at AS touched FROM agent_execution_logs
        """);
    database.execute(rows);
    database.execute("UPDATE agent_execution_logs SET updated_at = created_at");
  }
}
