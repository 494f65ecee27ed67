package io.agentlog.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentlog.event.End;
import io.agentlog.event.Event;
import io.agentlog.event.ExecutionEvents;
import io.agentlog.event.ModelCallValues;
import io.agentlog.event.Status;
import io.agentlog.event.TokenCounts;
import io.agentlog.event.UsageTotals;
import io.agentlog.sink.EventRefusedException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Goal: calls of models are rows of their own, what they used is in the row of their execution, and
 * the two agree, whatever the order of arrival and however a JVM ends. Method: the sink on a real
 * database; figures are compared with sums over the events.
 */
@Timeout(180)
class ModelCallSinkIT extends ModelCallFixture {
  private static final String USAGE =
      "SELECT concat_ws('|', status, usage_seq, model, model_calls, tool_calls, input_tokens,"
          + " output_tokens, cache_read_tokens, cost, cost_currency) FROM agent_execution_logs";
  private static final String CONTENT =
      "SELECT (SELECT string_agg((to_jsonb(t) - 'created_at' - 'updated_at')::text, E'\\n"
          + "' ORDER BY execution_id) FROM agent_execution_logs t) || (SELECT string_agg(t::text,"
          + " E'\\n"
          + "' ORDER BY execution_id, seq) FROM agent_model_calls t)";

  @Test
  void callIsARowWithAllThatItsEventHas() throws Exception {
    PostgresSink sink = sink(config());
    sink.write(events(1).withModelCall());

    assertThat(sink.written()).isEqualTo(new Written(1, 3, 2, 1));
    assertThat(
            query(
                "SELECT concat_ws('|', seq, root_execution_id, agent_name, framework, provider,"
                    + " request_model, response_model, operation, streaming, duration_us,"
                    + " first_token_us, created_at - started_at, input_tokens, output_tokens,"
                    + " cache_read_tokens, reasoning_tokens, finish_reason, cost, cost_currency,"
                    + " price_version, metadata) FROM agent_model_calls WHERE cache_write_tokens IS"
                    + " NULL AND error_type IS NULL"))
        .isEqualTo(
            "5|%s|agent-router|langchain4j|open_ai|fake|fake-1|chat|t|40000|7000|00:00:00.04|12|5|3|2|STOP|0.001234567|USD|2026-11|{\"attempt\": 1}"
                .formatted(ExecutionEvents.ROOT));
    assertThat(query(USAGE)).isEqualTo("success|11|fake-2|2|0|24|10");
    sink.write(events(1).withModelCall());
    assertThat(sink.written()).isEqualTo(new Written(0, 0, 0, 0));
  }

  @Test
  void killedJvmKeepsTheTotalsOfItsFinishedCalls() throws Exception {
    PostgresSink sink = sink(config());
    List<Event> journal = new ArrayList<>(List.of(started(1, null)));
    for (int n = 1; n <= 3; n++) {
      journal.add(call(1, n, null));
    }
    Event adopted =
        new Event.Completed(
            header(1, 9),
            Status.FAILED,
            End.ABANDONED,
            End.ABANDONED.errorType(),
            End.ABANDONED.errorMessage(),
            null,
            Map.of());
    sink.write(journal);
    sink.write(List.of(adopted));

    assertThat(query(USAGE)).isEqualTo("failed|6|gpt|3|3|60|15|3|0.000000006|USD");
    String once = query(CONTENT);
    journal.add(adopted);
    for (int replay = 0; replay < 2; replay++) {
      for (Event event : journal) {
        sink.write(List.of(event));
        assertThat(sink.written()).isEqualTo(new Written(0, 0, 0, 0));
      }
    }
    assertThat(query(CONTENT)).isEqualTo(once);
  }

  @Test
  void totalsAreKeptThoughTheDatabaseHasNoTableOfCalls() throws Exception {
    sink(config()).write(List.of());
    PostgresSink sink = sink(config().with("postgres.schema", "validate"));
    Event call = call(1, 2, null);

    assertThatThrownBy(() -> sink.write(List.of(started(1, null), call)))
        .isInstanceOfSatisfying(
            EventRefusedException.class, e -> assertThat(e.refused()).containsExactly(call))
        .hasMessageContaining("agent_model_calls");
    assertThat(query(USAGE)).isEqualTo("in_progress|4|gpt|2|2|30|10|2|0.000000003|USD");
  }

  @Test
  void ordersDuplicatesAndSplitsGiveTheSameTables() throws Exception {
    List<Event> all = new ArrayList<>();
    for (int execution = 1; execution <= 4; execution++) {
      all.add(started(execution, null));
      for (int n = 1; n <= execution; n++) {
        all.add(call(execution, n, null));
      }
    }
    PostgresSink sink = sink(config());
    sink.write(all);
    String expected = query(CONTENT);
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int run = 0; run < 40; run++) {
      database.execute("TRUNCATE agent_execution_logs, agent_model_calls");
      List<Event> history = new ArrayList<>(all);
      for (int i = random.nextInt(8); i > 0; i--) {
        history.add(all.get(random.nextInt(all.size())));
      }
      Collections.shuffle(history, random);
      for (int from = 0, to; from < history.size(); from = to) {
        to = Math.min(history.size(), from + 1 + random.nextInt(6));
        sink.write(history.subList(from, to));
      }
      assertThat(query(CONTENT)).as("seed %s, run %s", seed, run).isEqualTo(expected);
    }
  }

  @Test
  void rowsTreesAndDaysAgreeWithTheCalls() throws Exception {
    List<Event> all = new ArrayList<>(List.of(started(1, null), started(2, 1), started(3, 1)));
    all.add(call(1, 1, null));
    all.add(call(2, 1, 1));
    all.add(call(2, 2, 1));
    all.add(call(3, 1, 1));
    all.add(started(4, null));
    all.add(delegated(4));
    sink(config()).write(all);

    assertThat(
            query(
                "SELECT count(*) FROM agent_execution_logs e JOIN (SELECT execution_id, count(*) AS"
                    + " calls, sum(input_tokens) AS input, sum(cost) AS cost FROM agent_model_calls"
                    + " WHERE (metadata ->> 'delegated') IS NULL GROUP BY 1) c USING (execution_id)"
                    + " WHERE e.model_calls = c.calls AND e.input_tokens = c.input AND e.cost ="
                    + " c.cost"))
        .isEqualTo("3");
    assertThat(
            query(
                "SELECT string_agg(concat_ws('|', right(root_execution_id::text, 1), agent_name,"
                    + " executions, model_calls, tool_calls, input_tokens, output_tokens,"
                    + " cache_read_tokens, cost, cost_currency), ';' ORDER BY root_execution_id)"
                    + " FROM v_agentlog_tree_usage"))
        .isEqualTo("1|writer|3|4|4|50|20|4|0.000000005|USD;4|writer|1|0|0");
    assertThat(
            query(
                "SELECT string_agg(concat_ws('|', agent_name, model, calls, failed, executions,"
                    + " duration_ms, input_tokens, output_tokens, cache_read_tokens, cost,"
                    + " cost_currency, unpriced), ';') FROM v_agentlog_usage_by_day"))
        .isEqualTo("writer|gpt|4|0|3|2|50|20|4|0.000000005|USD|0");
    assertThat(query("SELECT count(*) FROM agent_model_calls WHERE root_execution_id IS NULL"))
        .isEqualTo("0");
    assertThat(query("SELECT sum(input_tokens) FROM agent_execution_logs")).isEqualTo("50");
  }

  @Test
  void numbersAndNamesThatNoColumnHoldsRefuseNoRow() throws Exception {
    String name = "\u6f22".repeat(10_000);
    UsageTotals totals =
        new UsageTotals(
            name,
            Integer.MAX_VALUE,
            Integer.MAX_VALUE,
            new TokenCounts(Long.MAX_VALUE, Long.MAX_VALUE, -1L, null, 0L),
            Long.MAX_VALUE,
            "EUROS");
    Event call =
        new Event.ModelCall(
            header(1, 2),
            null,
            new ModelCallValues(
                "spring-ai",
                name,
                name,
                name,
                false,
                -5,
                -1,
                totals.tokens(),
                null,
                null,
                null,
                Long.MAX_VALUE,
                "EUROS",
                "v",
                totals,
                Map.of()));
    Event second =
        new Event.ModelCall(
            header(2, 2),
            null,
            new ModelCallValues(
                "spring-ai",
                null,
                null,
                null,
                false,
                1,
                -1,
                totals.tokens(),
                null,
                "E",
                "m",
                1L,
                "EUROS",
                "v",
                totals,
                Map.of()));
    sink(config()).write(List.of(call, second));

    assertThat(
            query(
                "SELECT concat_ws('|', length(response_model), length(provider), cost,"
                    + " cost_currency, input_tokens, cache_read_tokens, reasoning_tokens, metadata)"
                    + " FROM agent_model_calls WHERE response_model IS NOT NULL"))
        .isEqualTo(
            "200|200|9223372036854775807|0|{\"provider_truncated\": true,"
                + " \"request_model_truncated\": true, \"response_model_truncated\": true}");
    assertThat(query("SELECT cost_currency FROM agent_model_calls WHERE error_type = 'E'"))
        .isEqualTo("EUR");
    assertThat(query("SELECT sum(input_tokens) > 9e18 FROM v_agentlog_usage_by_day"))
        .isEqualTo("t");
    assertThat(query("SELECT count(*) FROM agent_execution_logs WHERE model_calls > 1e9"))
        .isEqualTo("2");
  }

  @Test
  void tablesOfAnOlderAgentlogArePrunedAndGetTheTableWithTheFirstCall() throws Exception {
    long[] now = {0};
    sink(config()).write(List.of(DetailFixture.prompt(1, 90, "p", "A"), call(1, 1, null)));
    database.execute(
        "DROP VIEW v_agentlog_usage_by_day; DROP TABLE agent_model_calls; DELETE FROM"
            + " agentlog_trace_version WHERE version = 3; UPDATE agent_prompts SET created_at ="
            + " now() - interval '60 days'; DELETE FROM agent_execution_logs");
    PostgresSink sink =
        add(
            new PostgresSink(
                config().with("retention", "30d"), new UUID(1, 2), "shop", () -> now[0]));
    sink.write(List.of());
    prune(sink, now);

    assertThat(query("SELECT count(*) FROM agent_prompts")).isEqualTo("0");
    sink.write(List.of(call(2, 1, null)));
    assertThat(query("SELECT count(*) FROM agent_model_calls")).isEqualTo("1");
    assertThat(query("SELECT max(version) FROM agentlog_trace_version")).isEqualTo("3");
    assertThat(query("SELECT count(*) FROM v_agentlog_usage_by_day")).isEqualTo("1");
  }

  @Test
  void callsGoWithTheirExecutionAndOrphansByAge() throws Exception {
    long[] now = {0};
    PostgresSink sink =
        add(
            new PostgresSink(
                config().with("retention", "30d"), new UUID(1, 2), "shop", () -> now[0]));
    List<Event> all = new ArrayList<>();
    for (int execution = 1; execution <= 4; execution++) {
      for (int n = 1; n <= 3; n++) {
        all.add(call(execution, n, null));
      }
    }
    sink.write(all);
    database.execute(
        ("UPDATE agent_execution_logs SET status = 'success', started_at = now() - interval '60"
                + " days', created_at = now() - interval '60 days', completed_at = now() - interval"
                + " '60 days' WHERE execution_id = '%1$s'; DELETE FROM agent_execution_logs WHERE"
                + " execution_id IN ('%2$s', '%3$s'); UPDATE agent_model_calls SET created_at ="
                + " now() - interval '60 days' WHERE execution_id IN ('%2$s', '%4$s')")
            .formatted(id(1), id(2), id(3), id(4)));
    prune(sink, now);

    assertThat(
            query(
                "SELECT string_agg(right(execution_id::text, 1), '' ORDER BY execution_id) FROM"
                    + " agent_model_calls"))
        .isEqualTo("333444");
  }

  @Test
  void checkNamesTheRightsOnTablesOfDetails() throws Exception {
    new TableSetup(config()).run(false);
    String user = "writer_" + Long.toHexString(System.nanoTime());
    database.execute(
        ("CREATE ROLE %1$s LOGIN PASSWORD 'pw'; GRANT SELECT, INSERT, UPDATE ON"
                + " agent_execution_logs, agent_execution_progress, agent_routing_decisions,"
                + " agent_instances TO %1$s")
            .formatted(user));
    TestConfig config = config().with("postgres.user", user).with("postgres.password", "pw");

    assertThat(new DatabaseCheck(config).run().toString())
        .contains(
            "level=WARN, area=postgres, text=user %1$s may not SELECT, INSERT, UPDATE on agent_model_calls"
                .formatted(user),
            "run GRANT SELECT, INSERT, UPDATE ON agent_model_calls TO \"%s\"".formatted(user),
            "a trial of all that agentlog writes was taken")
        .doesNotContain("level=WRONG");
    assertThat(new DatabaseCheck(config.with("files", "true")).run().toString())
        .contains("level=WRONG, area=postgres, text=user %s may not SELECT".formatted(user));
  }

  @Test
  void checkSaysWhatIsMissingForFrameworksOnlyWhereTheAgentCantMakeIt() throws Exception {
    sink(config()).write(List.of());
    String missing = "calls of models by agents of a framework would wait in a parked file";

    assertThat(new DatabaseCheck(config()).run().toString()).doesNotContain(missing);
    TestConfig validated = config().with("postgres.schema", "validate");
    assertThat(new DatabaseCheck(validated).run().toString())
        .contains(missing)
        .doesNotContain("level=WRONG");
    assertThat(new DatabaseCheck(validated.with("frameworks", "off")).run().toString())
        .doesNotContain(missing);
    new TableSetup(config().with("frameworks", "off")).run(false);
    assertThat(query("SELECT to_regclass('agent_model_calls')")).isNull();
    new TableSetup(config()).run(false);
    assertThat(new DatabaseCheck(validated).run().toString()).doesNotContain(missing);
  }

  /** A connector parks nothing: what it can't write holds up what comes after. */
  @Test
  void checkOfAConnectorSaysThatADetailWithoutTablesHoldsUpItsTask() throws Exception {
    sink(config()).write(List.of());
    TestConfig validated = config().with("postgres.schema", "validate");

    assertThat(DatabaseCheck.ofConnector(validated, false).run().toString())
        .contains("agent_model_calls: the first detail", "hold up its task", "out of topics")
        .doesNotContain("parked")
        .doesNotContain("level=WRONG");
  }
}
