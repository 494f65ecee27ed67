package io.agentlog.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.event.Event;
import io.agentlog.event.ExecutionEvents;
import io.agentlog.event.SampleEvents;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TablesTest {
  private static final UUID ID = UUID.fromString("019a0000-0000-7000-8000-000000000001");
  private static final Map<String, String> SHORT_TYPES =
      Map.of("timestamp with time zone", "timestamptz");

  @Test
  void everyWrittenColumnIsMadeByAMigrationWithItsType() {
    String script =
        Track.EXECUTIONS.scripts().stream().map(Script::text).collect(Collectors.joining());
    for (TableInsert<?> insert : List.of(Tables.EXECUTIONS, Tables.PROGRESS, Tables.DECISIONS)) {
      for (Column<?> column : insert.columns()) {
        String type = SHORT_TYPES.getOrDefault(column.type(), column.type());
        assertThat(script)
            .containsPattern("[( ]" + column.name() + " " + Pattern.quote(type) + "[ ,;)]");
      }
    }
  }

  @Test
  void mergeNamesEveryColumnButTheKey() {
    for (Column<?> column : Tables.EXECUTIONS.columns()) {
      if (!column.name().equals("execution_id")) {
        assertThat(Tables.MERGE).containsPattern("(?m)^  " + column.name() + " *=");
      }
    }
  }

  @Test
  void everyMarkInTheMergeIsReplaced() {
    assertThat(Tables.EXECUTIONS.sql()).doesNotContain("/*").contains(Tables.END_WINS);
  }

  @Test
  void factsAreTheColumnsOfHeaderAndStartAndKeepTheirFirstValue() {
    List<String> facts =
        Tables.EXECUTIONS.columns().stream().filter(Column::isFact).map(Column::name).toList();

    assertThat(facts)
        .containsExactly(
            "correlation_id",
            "session_id",
            "agent_name",
            "instance_id",
            "started_at",
            "user_prompt",
            "user_prompt_sha256",
            "user_prompt_length",
            "project_path",
            "project_name",
            "claude_session_id",
            "terminal_id",
            "parent_execution_id",
            "trace_id",
            "span_id",
            "kind",
            "root_execution_id");
    for (String fact : facts) {
      assertThat(Tables.EXECUTIONS.sql())
          .containsPattern("(?m)^  %1$s = COALESCE\\(t.%1$s, EXCLUDED.%1$s\\),$".formatted(fact));
    }
  }

  @Test
  void columnsOfTheEndComeFromTheSameRowByTheSameCondition() {
    for (String column :
        List.of(
            "status",
            "completed_at",
            "duration_ms",
            "duration_us",
            "error_message",
            "error_type",
            "quality_score")) {
      assertThat(Tables.EXECUTIONS.sql().replaceAll(" +", " "))
          .contains(
              " %1$s = CASE WHEN %2$s THEN EXCLUDED.%1$s ELSE t.%1$s END,"
                  .formatted(column, Tables.END_WINS.replaceAll(" +", " ")));
    }
  }

  @Test
  void everyTableHasItsKeyForRowsThatExist() {
    assertThat(Tables.EXECUTIONS.onConflict())
        .startsWith("ON CONFLICT (execution_id) DO UPDATE SET");
    assertThat(Tables.PROGRESS.onConflict())
        .isEqualTo("ON CONFLICT (execution_id, seq) DO NOTHING");
    assertThat(Tables.DECISIONS.onConflict()).isEqualTo("ON CONFLICT (id) DO NOTHING");
  }

  @Test
  void rowOfAWholeExecutionSetsEveryColumn() {
    Map<String, Object> row = values(Tables.EXECUTIONS, RowOracle.rowOf(events().withModelCall()));
    Object metadata = row.remove("metadata");

    Map<String, Object> expected = new LinkedHashMap<>();
    expected.put("execution_id", ID);
    expected.put("correlation_id", events().started().header().correlation().id());
    expected.put("session_id", ExecutionEvents.INSTANCE);
    expected.put("agent_name", "agent-router");
    expected.put("instance_id", ExecutionEvents.INSTANCE);
    expected.put("started_at", "2026-09-21T14:13:20.123456Z");
    expected.put("user_prompt", events().started().prompt());
    expected.put("user_prompt_sha256", "ab".repeat(32));
    expected.put("user_prompt_length", 4_711);
    expected.put("project_path", "/srv/app");
    expected.put("project_name", "app");
    expected.put("claude_session_id", null);
    expected.put("terminal_id", "term-1");
    expected.put("parent_execution_id", UUID.fromString("019a0000-0000-7000-8000-00000000aaaa"));
    expected.put("trace_id", "0af7651916cd43dd8448eb211c80319c");
    expected.put("span_id", null);
    expected.put("kind", "method");
    expected.put("root_execution_id", ExecutionEvents.ROOT);
    expected.put("routing_decision_id", ExecutionEvents.DECISION_1);
    expected.put("seen", 7);
    expected.put("progress_seq", 6);
    expected.put("status", "failed");
    expected.put("completed_at", "2026-09-21T14:13:21.023457Z");
    expected.put("duration_ms", 900);
    expected.put("duration_us", 900_001L);
    expected.put("error_message", "no \"answer\"");
    expected.put("error_type", "IllegalStateException");
    expected.put("quality_score", null);
    expected.put("usage_seq", 5);
    expected.put("model", "fake-1");
    expected.put("model_calls", 1);
    expected.put("tool_calls", 1);
    expected.put("input_tokens", 12L);
    expected.put("output_tokens", 5L);
    expected.put("cache_read_tokens", 3L);
    expected.put("cache_write_tokens", null);
    expected.put("reasoning_tokens", null);
    expected.put("cost", new BigDecimal("0.001234567"));
    expected.put("cost_currency", "USD");
    assertThat(row).isEqualTo(expected);
    assertThat((String) metadata)
        .contains("\"last\":\"C\"", "\"result\":{\"nested\":[true]}", "\"stage\":\"stage 3\"");
  }

  @Test
  void rowOfADecisionAloneSetsOnlyTheColumnsThatEveryRowHas() {
    Event decision = events().decision(ExecutionEvents.DECISION_1, 3);
    Map<String, Object> row = values(Tables.EXECUTIONS, ExecutionMerge.of(decision));

    row.values().removeIf(value -> value == null);
    assertThat(row.keySet())
        .containsExactlyInAnyOrder(
            "execution_id",
            "correlation_id",
            "session_id",
            "agent_name",
            "instance_id",
            "started_at",
            "routing_decision_id",
            "seen",
            "progress_seq",
            "metadata",
            "status",
            "usage_seq");
    assertThat(row)
        .containsEntry("seen", 0)
        .containsEntry("progress_seq", 0)
        .containsEntry("usage_seq", 0)
        .containsEntry("metadata", "{}")
        .containsEntry("status", "in_progress");
  }

  @Test
  void columnThatIsAlwaysSetHasAValueInEveryRow() {
    for (Event event : events().withModelCall()) {
      ExecutionRow row = ExecutionMerge.of(event);
      for (Column<ExecutionRow> column : Tables.EXECUTIONS.columns()) {
        if (column.alwaysSet()) {
          assertThat(column.value().apply(row)).as("%s of %s", column.name(), event).isNotNull();
        }
      }
    }
  }

  @Test
  void rowOfProgressHasItsOwnTimeAndItsOwnMetadata() {
    assertThat(values(Tables.PROGRESS, events().progress(2)))
        .containsEntry("execution_id", ID)
        .containsEntry("seq", 4)
        .containsEntry("stage", "stage 2")
        .containsEntry("percent", null)
        .containsEntry("occurred_at", "2026-09-21T14:13:20.323456Z")
        .hasEntrySatisfying(
            "metadata",
            json -> assertThat((String) json).contains("\"own2\":2").doesNotContain("\"m2\""));
    assertThat(values(Tables.PROGRESS, events().progress(3))).containsEntry("percent", 75);
  }

  @Test
  void rowOfADecisionSetsEveryColumn() {
    Event.RoutingDecision decision = (Event.RoutingDecision) SampleEvents.routingDecision("r");

    Map<String, Object> expected = new LinkedHashMap<>();
    expected.put("id", decision.id());
    expected.put("correlation_id", decision.header().correlation().id());
    expected.put("session_id", UUID.fromString("4f1c2d3e-5b6a-4789-8abc-def012345678"));
    expected.put("user_request", "r");
    expected.put("user_request_hash", decision.userRequestSha256());
    expected.put("selected_agent", "invoice-agent");
    expected.put("confidence_score", 0.875);
    expected.put("routing_strategy", "weighted_fuzzy");
    expected.put("trigger_confidence", 0.9);
    expected.put("context_confidence", 0.8);
    expected.put("capability_confidence", 1.0);
    expected.put("historical_confidence", 0.75);
    expected.put("reasoning", "two triggers match");
    expected.put("routing_time_ms", 3);
    expected.put("cache_hit", false);
    expected.put("created_at", "2026-01-02T03:04:05.126706Z");
    Map<String, Object> row = values(Tables.DECISIONS, decision);
    assertThat((String) row.remove("alternatives"))
        .contains("\"agent\":\"report-agent\"", "\"confidence\":0.5");
    assertThat(row).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "0.5, 0.5",
    "9.9999, 9.9999",
    "-9.9999, -9.9999",
    "9.99995, ",
    "-9.99995, ",
    "87.5, ",
    "NaN, ",
    "Infinity, ",
    ", "
  })
  void scoreThatTheColumnCannotHoldIsNull(Double given, Double kept) {
    Event.RoutingDecision decision =
        new Event.RoutingDecision(
            SampleEvents.header(2, 0),
            ID,
            null,
            null,
            null,
            given,
            null,
            given,
            given,
            given,
            given,
            null,
            null,
            null,
            null);
    Map<String, Object> row = values(Tables.DECISIONS, decision);

    for (String score :
        List.of(
            "confidence_score",
            "trigger_confidence",
            "context_confidence",
            "capability_confidence",
            "historical_confidence")) {
      assertThat(row).containsEntry(score, kept);
    }
    assertThat(row).containsEntry("alternatives", null).containsEntry("cache_hit", null);
  }

  private static ExecutionEvents events() {
    return new ExecutionEvents(ID, true);
  }

  private static <T> Map<String, Object> values(TableInsert<T> insert, T source) {
    Map<String, Object> values = new LinkedHashMap<>();
    for (Column<T> column : insert.columns()) {
      values.put(column.name(), column.value().apply(source));
    }
    return values;
  }
}
