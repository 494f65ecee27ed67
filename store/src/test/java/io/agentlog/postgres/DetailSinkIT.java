package io.agentlog.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentlog.event.Event;
import io.agentlog.sink.EventRefusedException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Details become rows whatever their order, and only where details come. */
@Timeout(180)
class DetailSinkIT extends SinkFixture {
  private static final String TABLES =
      "SELECT count(*) FROM pg_class WHERE relname IN ('agent_prompts', 'agent_prompt_texts',"
          + " 'agent_file_operations', 'agent_intelligence_usage', 'agentlog_trace_version')";

  @Test
  void databaseWithoutDetailsHasNoTableOfThem() throws Exception {
    sink(config()).write(events(1).all());

    assertThat(query(TABLES)).isEqualTo("0");
  }

  @Test
  void detailsAreRowsAndNoExecutionAndAnotherMigrationRunsNothing() throws Exception {
    PostgresSink sink = sink(config());
    sink.write(
        List.of(
            DetailFixture.prompt(1, 2, "hello", "A"),
            DetailFixture.operation(1, 3),
            DetailFixture.hash(1, 3),
            DetailFixture.intelligence(1, 4, true)));

    assertThat(sink.written()).isEqualTo(new Written(0, 0, 0, 3));
    assertThat(query(TABLES)).isEqualTo("5");
    assertThat(query("SELECT count(*) FROM agent_execution_logs")).isEqualTo("0");
    assertThat(query("SELECT string_agg(version::text, ',') FROM agentlog_trace_version"))
        .isEqualTo("1,2,3");
    assertThat(query("SELECT string_agg(version::text, ',') FROM agentlog_schema_version"))
        .isEqualTo("1,3,4,5,6");
    assertThat(
            query(
                "SELECT concat_ws('|', user_prompt, user_prompt_length, agent_instructions,"
                    + " agent_instructions_length) FROM agent_prompts"))
        .isEqualTo("hello|5|1");
    assertThat(
            query(
                "SELECT concat_ws('|', operation_type, file_name, file_extension, duration_ms,"
                    + " error_message, left(content_hash_before, 1), left(content_hash_after, 1),"
                    + " content_changed, metadata) FROM agent_file_operations"))
        .isEqualTo(
            "edit|a.txt|.txt|1|IOException: disk full|a|b|t|{\"by\": \"hasher\", \"of\":"
                + " \"operation\"}");
    assertThat(
            query(
                "SELECT concat_ws('|', intelligence_type, intelligence_source, confidence_score,"
                    + " query_time_ms, was_applied, contributed_to_success, metadata) FROM"
                    + " agent_intelligence_usage"))
        .isEqualTo("document|pgvector|0.7500|12|t|{\"intelligence_id\": \"doc-4\"}");
    String applied = query("SELECT min(applied_at) || '' FROM agentlog_trace_version");
    sink(config()).write(List.of(DetailFixture.operation(2, 2)));
    assertThat(query("SELECT min(applied_at) || '' FROM agentlog_trace_version"))
        .isEqualTo(applied);
  }

  @Test
  void withheldPromptIsNamedAndHasNoText() throws Exception {
    Event withheld =
        new Event.Prompt(
            DetailFixture.header(1, 2),
            DetailFixture.id(1, 2),
            null,
            9,
            null,
            null,
            4,
            null,
            Map.of());
    sink(config()).write(List.of(withheld));

    assertThat(query("SELECT user_prompt || user_prompt_length FROM agent_prompts"))
        .isEqualTo("[OMITTED]9");
    assertThat(query("SELECT count(*) FROM agent_prompt_texts")).isEqualTo("0");
  }

  @Test
  void ordersDuplicatesAndSplitsGiveTheSameTables() throws Exception {
    List<Event> all = new ArrayList<>();
    for (int execution = 1; execution <= 3; execution++) {
      all.add(DetailFixture.prompt(execution, 2, "p" + execution, execution == 3 ? "B" : "A"));
      all.add(DetailFixture.prompt(execution, 3, "q" + execution, "C"));
      all.add(DetailFixture.operation(execution, 4));
      all.add(DetailFixture.hash(execution, 4));
      all.add(DetailFixture.operation(execution, 5));
      all.add(DetailFixture.intelligence(execution, 6, execution == 1));
    }
    PostgresSink sink = sink(config());
    sink.write(all);
    String expected = query(DetailFixture.CONTENT);
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int run = 0; run < 60; run++) {
      database.execute(
          "TRUNCATE agent_prompts, agent_prompt_texts, agent_file_operations,"
              + " agent_intelligence_usage");
      List<Event> history = new ArrayList<>(all);
      for (int i = random.nextInt(8); i > 0; i--) {
        history.add(all.get(random.nextInt(all.size())));
      }
      Collections.shuffle(history, random);
      for (int from = 0, to; from < history.size(); from = to) {
        to = Math.min(history.size(), from + 1 + random.nextInt(6));
        sink.write(history.subList(from, to));
      }
      assertThat(query(DetailFixture.CONTENT)).as("seed %s, run %s", seed, run).isEqualTo(expected);
    }
    sink.write(all);
    assertThat(sink.written()).isEqualTo(new Written(0, 0, 0, 0));
  }

  @Test
  void versionsAreTheSameInEveryOrderOfArrival() throws Exception {
    List<Event> prompts =
        List.of(
            DetailFixture.prompt(1, 2, "1", "A"),
            DetailFixture.prompt(2, 2, "2", "A"),
            DetailFixture.prompt(3, 2, "3", "B"));
    PostgresSink sink = sink(config());
    int[][] orders = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    for (int[] order : orders) {
      sink.write(List.of());
      for (int i : order) {
        sink.write(List.of(prompts.get(i)));
      }
      assertThat(
              query(
                  "SELECT string_agg(v.version::text, ',' ORDER BY p.created_at) FROM agent_prompts"
                      + " p JOIN v_agentlog_prompt_versions v ON v.sha256 ="
                      + " p.agent_instructions_hash"))
          .isEqualTo("1,1,2");
      assertThat(query("SELECT count(*) FROM agent_prompt_texts")).isEqualTo("2");
      assertThat(
              query(
                  "SELECT t.first_seen_at = p.created_at FROM agent_prompt_texts t, agent_prompts p"
                      + " WHERE t.text = 'A' AND p.user_prompt = '1'"))
          .isEqualTo("t");
      database.execute("TRUNCATE agent_prompts, agent_prompt_texts");
    }
  }

  @Test
  void detailsWithoutTablesAreRefusedAndExecutionsGoOn() throws Exception {
    sink(config()).write(events(1).all());
    PostgresSink sink = sink(config().with("postgres.schema", "validate"));

    assertThatThrownBy(() -> sink.write(List.of(DetailFixture.operation(1, 2))))
        .isInstanceOf(EventRefusedException.class)
        .hasMessageContaining("agent_file_operations")
        .hasMessageContaining("set agentlog.postgres.schema=migrate");
    List<Event> mixed = new ArrayList<>(events(2).all());
    Event detail = DetailFixture.operation(2, 3);
    mixed.add(1, detail);
    assertThatThrownBy(() -> sink.write(mixed))
        .isInstanceOfSatisfying(
            EventRefusedException.class, e -> assertThat(e.refused()).containsExactly(detail));
    assertThat(query("SELECT count(*) FROM agent_execution_logs")).isEqualTo("2");
    new TableSetup(config().with("files", "true")).run(false);
    sink(config().with("postgres.schema", "validate"))
        .write(List.of(DetailFixture.operation(1, 2)));
    assertThat(query("SELECT count(*) FROM agent_file_operations")).isEqualTo("1");
  }

  @Test
  void executionsOfABatchAreWrittenThoughItsDetailsHaveNoTables() throws Exception {
    sink(config()).write(List.of());
    PostgresSink sink = sink(config().with("postgres.schema", "validate"));

    assertDetailsAloneAreRefused(sink, 1, "set agentlog.postgres.schema=migrate");
  }

  @Test
  void executionsOfABatchAreWrittenThoughTheUserMayNotWriteDetails() throws Exception {
    new TableSetup(config().with("files", "true")).run(false);
    String user = "writer_" + Long.toHexString(System.nanoTime());
    database.execute(
        ("CREATE ROLE %1$s LOGIN PASSWORD 'pw'; GRANT SELECT, INSERT, UPDATE ON"
                + " agent_execution_logs, agent_execution_progress, agent_routing_decisions,"
                + " agent_instances TO %1$s")
            .formatted(user));
    PostgresSink sink = sink(config().with("postgres.user", user).with("postgres.password", "pw"));

    assertDetailsAloneAreRefused(sink, 1, "GRANT SELECT, INSERT, UPDATE ON agent_prompts");
    assertDetailsAloneAreRefused(sink, 2, "GRANT SELECT, INSERT, UPDATE ON agent_prompts");
  }

  private void assertDetailsAloneAreRefused(PostgresSink sink, int execution, String remedy)
      throws Exception {
    List<Event> batch = new ArrayList<>();
    batch.add(DetailFixture.prompt(execution, 90, "p", "A"));
    batch.addAll(events(execution).all());
    batch.add(DetailFixture.operation(execution, 91));

    assertThatThrownBy(() -> sink.write(batch))
        .hasMessageContaining(remedy)
        .asInstanceOf(InstanceOfAssertFactories.type(EventRefusedException.class))
        .extracting(EventRefusedException::refused)
        .isEqualTo(List.of(batch.get(0), batch.get(batch.size() - 1)));
    assertThat(query("SELECT count(*) FROM agent_execution_logs WHERE status = 'success'"))
        .isEqualTo(String.valueOf(execution));
  }

  @Test
  void halvesOfALargeBatchHoldAllDetails() throws Exception {
    List<Event> all = new ArrayList<>();
    for (int n = 1; n <= 300; n++) {
      all.addAll(events(n).all());
      all.add(DetailFixture.prompt(n, 90, "p", "A"));
      all.add(DetailFixture.operation(n, 91));
      all.add(DetailFixture.hash(n, 91));
    }
    sink(config()).write(all);

    assertThat(query("SELECT count(*) || ' ' || count(DISTINCT execution_id) FROM agent_prompts"))
        .isEqualTo("300 300");
    assertThat(query("SELECT count(*) FROM agent_file_operations WHERE content_changed"))
        .isEqualTo("300");
    assertThat(query("SELECT count(*) FROM v_agentlog_execution_trace WHERE file_operations = 1"))
        .isEqualTo("300");
  }

  @Test
  void checkTriesDetails() throws Exception {
    TestConfig config = config().with("traceability", "true").with("retention", "1d");
    new TableSetup(config).run(false);

    assertThat(new DatabaseCheck(config).run().toString())
        .contains(
            "the tables of the trace have all columns",
            "a trial of all that agentlog writes was taken");
    assertThat(query("SELECT count(*) FROM agent_prompts")).isEqualTo("0");
    database.execute("ALTER TABLE agent_prompts ADD CHECK (user_prompt <> 'trial')");
    assertThat(new DatabaseCheck(config).run().toString()).contains("refuses a trial");
  }

  @Test
  void detailsGoWithTheirExecutionAndOrphansByAge() throws Exception {
    long[] now = {0};
    PostgresSink sink =
        add(
            new PostgresSink(
                config().with("retention", "30d"), new UUID(1, 2), "shop", () -> now[0]));
    List<Event> all = new ArrayList<>(events(1).all());
    all.add(DetailFixture.prompt(1, 90, "p", "A"));
    all.add(DetailFixture.operation(1, 91));
    all.add(DetailFixture.intelligence(1, 92, true));
    all.add(DetailFixture.operation(2, 91)); // No execution 2.
    all.add(DetailFixture.prompt(3, 91, "q", "B")); // Young, no execution either.
    sink.write(all);
    database.execute(
        "UPDATE agent_execution_logs SET started_at = now() - interval '60 days', completed_at ="
            + " now() - interval '60 days', created_at = now() - interval '60 days'; UPDATE"
            + " agent_file_operations SET created_at = now() - interval '60 days'; UPDATE"
            + " agent_prompt_texts SET last_seen_at = now() - interval '2 days'");
    for (int i = 0; i < 12; i++) {
      now[0] += 2 * Retention.RUN_NANOS;
      sink.maintain();
    }

    assertThat(query("SELECT count(*) FROM agent_execution_logs")).isEqualTo("0");
    assertThat(query("SELECT string_agg(user_prompt, ',') FROM agent_prompts")).isEqualTo("q");
    assertThat(query("SELECT count(*) FROM agent_file_operations")).isEqualTo("0");
    assertThat(query("SELECT count(*) FROM agent_intelligence_usage")).isEqualTo("0");
    assertThat(query("SELECT string_agg(text, ',') FROM agent_prompt_texts")).isEqualTo("B");
  }
}
