package io.agentlog.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.event.Event;
import io.agentlog.event.FileOperationType;
import io.agentlog.log.CapturedLog;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Goal: the traceability tables of the Python project are lifted, nothing is lost and its views go
 * on. Method: its tables with rows, limits and views, and values of ours beyond each limit.
 */
@Timeout(180)
class TraceLiftIT extends SinkFixture {
  private static final String THEIR_TABLES =
      """
      CREATE TABLE agent_execution_logs (
        execution_id uuid PRIMARY KEY DEFAULT gen_random_uuid(), correlation_id uuid NOT NULL, session_id uuid NOT NULL,
        agent_name text NOT NULL, user_prompt text, started_at timestamptz NOT NULL DEFAULT now(), completed_at timestamptz,
        duration_ms integer, status text NOT NULL DEFAULT 'in_progress', quality_score numeric(5,4), error_message text,
        error_type text, metadata jsonb DEFAULT '{}', created_at timestamptz DEFAULT now());
      CREATE TABLE agent_manifest_injections (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(), correlation_id uuid, patterns_count integer);
      CREATE TABLE agent_prompts (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(), correlation_id uuid NOT NULL, session_id uuid, execution_id uuid,
        agent_name varchar(255) NOT NULL, agent_version varchar(50) DEFAULT '1.0.0', user_prompt text NOT NULL,
        user_prompt_hash varchar(64) NOT NULL, user_prompt_length integer NOT NULL, agent_instructions text,
        agent_instructions_hash varchar(64), agent_instructions_length integer,
        manifest_injection_id uuid REFERENCES agent_manifest_injections(id), manifest_sections_included text[],
        system_context jsonb, conversation_history jsonb, attached_files text[], claude_session_id varchar(255),
        terminal_id varchar(255), project_path text, project_name varchar(255), metadata jsonb DEFAULT '{}',
        created_at timestamptz DEFAULT now(),
        CONSTRAINT agent_prompts_length_check CHECK (user_prompt_length > 0 AND user_prompt_length <= 1000000));
      CREATE TABLE agent_file_operations (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(), correlation_id uuid NOT NULL, execution_id uuid,
        prompt_id uuid REFERENCES agent_prompts(id), agent_name varchar(255) NOT NULL, operation_type varchar(50) NOT NULL,
        file_path text NOT NULL, file_path_hash varchar(64) NOT NULL, file_name varchar(255), file_extension varchar(50),
        file_size_bytes bigint, content_hash_before varchar(64), content_hash_after varchar(64),
        content_changed boolean DEFAULT false, intelligence_file_id uuid, intelligence_pattern_match boolean DEFAULT false,
        matched_pattern_ids uuid[], tool_name varchar(100), line_range jsonb, operation_params jsonb,
        success boolean DEFAULT true, error_message text, bytes_read bigint, bytes_written bigint, duration_ms integer,
        metadata jsonb DEFAULT '{}', created_at timestamptz DEFAULT now(),
        CONSTRAINT agent_file_operations_type_check
          CHECK (operation_type IN ('read', 'write', 'edit', 'delete', 'create', 'glob', 'grep')),
        CONSTRAINT agent_file_operations_duration_check
          CHECK (duration_ms IS NULL OR duration_ms >= 0 AND duration_ms < 3600000));
      CREATE TABLE agent_intelligence_usage (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(), correlation_id uuid NOT NULL, execution_id uuid,
        manifest_injection_id uuid REFERENCES agent_manifest_injections(id), prompt_id uuid REFERENCES agent_prompts(id),
        agent_name varchar(255) NOT NULL, intelligence_type varchar(100) NOT NULL, intelligence_source varchar(100) NOT NULL,
        intelligence_id uuid, intelligence_name text, collection_name varchar(255), usage_context varchar(100),
        usage_count integer DEFAULT 1, confidence_score numeric(5,4), intelligence_snapshot jsonb, intelligence_summary text,
        query_used text, query_time_ms integer, query_results_rank integer, was_applied boolean DEFAULT false,
        application_details jsonb, file_operations_using_this uuid[], contributed_to_success boolean,
        quality_impact numeric(5,4), metadata jsonb DEFAULT '{}', created_at timestamptz DEFAULT now(), applied_at timestamptz,
        CONSTRAINT agent_intelligence_usage_type_check CHECK (intelligence_type IN
          ('pattern', 'schema', 'debug_intelligence', 'model', 'infrastructure', 'relationship')),
        CONSTRAINT agent_intelligence_usage_source_check CHECK (intelligence_source IN
          ('qdrant', 'memgraph', 'postgres', 'archon-intelligence', 'fallback')),
        CONSTRAINT agent_intelligence_usage_confidence_check
          CHECK (confidence_score IS NULL OR confidence_score >= 0 AND confidence_score <= 1),
        CONSTRAINT agent_intelligence_usage_quality_check
          CHECK (quality_impact IS NULL OR quality_impact >= 0 AND quality_impact <= 1));
      CREATE VIEW v_complete_execution_trace AS
        SELECT e.execution_id, e.correlation_id, p.user_prompt, count(DISTINCT f.id) AS file_operations_count,
               sum(CASE WHEN f.operation_type = 'read' THEN 1 ELSE 0 END) AS files_read,
               sum(CASE WHEN i.was_applied THEN 1 ELSE 0 END) AS intelligence_applied_count
        FROM agent_execution_logs e
        LEFT JOIN agent_prompts p ON p.correlation_id = e.correlation_id
        LEFT JOIN agent_manifest_injections m ON m.correlation_id = e.correlation_id
        LEFT JOIN agent_file_operations f ON f.correlation_id = e.correlation_id
        LEFT JOIN agent_intelligence_usage i ON i.correlation_id = e.correlation_id
        GROUP BY e.execution_id, e.correlation_id, p.user_prompt;
      CREATE VIEW v_file_operation_history AS
        SELECT file_path, file_name, file_extension, count(*) AS total_operations FROM agent_file_operations GROUP BY 1, 2, 3;
      CREATE VIEW v_intelligence_effectiveness AS
        SELECT intelligence_type, intelligence_source, intelligence_name, count(*) AS times_retrieved
        FROM agent_intelligence_usage GROUP BY 1, 2, 3 HAVING count(*) > 1;
      CREATE FUNCTION get_complete_trace(wanted uuid) RETURNS TABLE (trace_type text, data jsonb) LANGUAGE sql AS $$
        SELECT 'prompt', to_jsonb(p) FROM agent_prompts p WHERE p.correlation_id = wanted
        UNION ALL SELECT 'file_operation', to_jsonb(f) FROM agent_file_operations f WHERE f.correlation_id = wanted $$;
      INSERT INTO agent_execution_logs (execution_id, correlation_id, session_id, agent_name)
        VALUES ('00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-00000000000c', gen_random_uuid(), 'theirs');
      INSERT INTO agent_prompts (correlation_id, execution_id, agent_name, user_prompt, user_prompt_hash, user_prompt_length)
        VALUES ('00000000-0000-4000-8000-00000000000c', '00000000-0000-4000-8000-000000000001', 'theirs', 'p', 'h', 1);
      INSERT INTO agent_file_operations (correlation_id, execution_id, prompt_id, agent_name, operation_type, file_path, file_path_hash)
        SELECT '00000000-0000-4000-8000-00000000000c', '00000000-0000-4000-8000-000000000001', p.id, 'theirs', 'read', '/a', 'a'
        FROM agent_prompts p CROSS JOIN generate_series(1, 2);
      INSERT INTO agent_intelligence_usage (correlation_id, execution_id, agent_name, intelligence_type, intelligence_source, was_applied)
        SELECT '00000000-0000-4000-8000-00000000000c', '00000000-0000-4000-8000-000000000001', 'theirs', 'pattern', 'qdrant', true
        FROM generate_series(1, 3)\
      """;

  private final CapturedLog log = new CapturedLog();

  @AfterEach
  void closeLog() {
    log.close();
  }

  @BeforeEach
  void makeTheirTables() {
    database.execute(THEIR_TABLES);
  }

  @Test
  void theirRowsStayAndTheirViewsRunBesideViewsThatCountRight() throws Exception {
    String theirs =
        query("SELECT count(*) FROM get_complete_trace('00000000-0000-4000-8000-00000000000c')");
    sink(config()).write(List.of(DetailFixture.operation(1, 2), DetailFixture.hash(1, 2)));

    assertThat(
            query(
                "SELECT count(*) FROM get_complete_trace('00000000-0000-4000-8000-00000000000c')"))
        .isEqualTo(theirs)
        .isEqualTo("3");
    assertThat(query("SELECT count(*) FROM v_file_operation_history")).isEqualTo("2");
    assertThat(query("SELECT times_retrieved FROM v_intelligence_effectiveness")).isEqualTo("3");
    // Two reads and three applied items are six of each in the product of the children.
    assertThat(
            query(
                "SELECT files_read || ' ' || intelligence_applied_count FROM"
                    + " v_complete_execution_trace"))
        .isEqualTo("6 6");
    assertThat(
            query(
                "SELECT file_operations || ' ' || intelligence_applied FROM"
                    + " v_agentlog_execution_trace WHERE agent_name = 'theirs'"))
        .isEqualTo("2 3");
    assertThat(
            query(
                "SELECT concat_ws(' ', executions, prompts, file_operations, intelligence_applied)"
                    + " FROM v_agentlog_traceability_summary WHERE agent_name = 'theirs'"))
        .isEqualTo("1 1 2 3");
    assertThat(log.lines().toString())
        .contains("agent_prompts_length_check")
        .doesNotContain("is character varying");
  }

  @Test
  void valuesBeyondTheirLimitsAreCutOrReplacedAndFlagged() throws Exception {
    String tooLong = "x".repeat(2_000_000);
    String name = "n".repeat(300) + "." + "e".repeat(60);
    List<Event> events = new ArrayList<>();
    events.add(DetailFixture.prompt(1, 2, tooLong, "A"));
    events.add(DetailFixture.prompt(1, 3, null, "A"));
    events.add(DetailFixture.prompt(1, 4, "", "A"));
    events.add(
        new Event.FileOperation(
            DetailFixture.header(1, 5),
            DetailFixture.id(1, 5),
            FileOperationType.WRITE,
            "/srv/" + name,
            "h",
            null,
            null,
            null,
            null,
            "t".repeat(200),
            true,
            null,
            null,
            3_600_000_000L,
            Map.of(),
            Map.of()));
    events.add(
        new Event.FileOperation(
            DetailFixture.header(1, 6),
            DetailFixture.id(1, 6),
            FileOperationType.DELETE,
            null,
            "h",
            null,
            null,
            null,
            null,
            null,
            true,
            null,
            null,
            null,
            Map.of(),
            Map.of()));
    events.add(DetailFixture.usage(1, 7, "document", "pgvector", 1.5, true));
    events.add(DetailFixture.usage(1, 8, null, null, null, true));
    PostgresSink sink = sink(config());
    sink.write(events);

    assertThat(sink.written().detailCount()).isEqualTo(7);
    assertThat(rows("agent_prompts", "length(user_prompt), user_prompt_length, metadata"))
        .isEqualTo(
            """
            1000000|1000000|{"user_prompt_length": 2000000, "user_prompt_truncated": true}
            9|1|{"user_prompt_missing": true}
            0|1|{"user_prompt_length": 0}\
            """);
    assertThat(
            rows(
                "agent_file_operations",
                "length(file_name), length(file_extension), length(tool_name), duration_ms,"
                    + " left(file_path, 9), metadata"))
        .isEqualTo(
            """
            255|50|100|3599999|/srv/nnnn|{"duration_ms": 3600000, "file_name_truncated": true, "tool_name_truncated": true, "file_extension_truncated": true}
            sha256:h|{}\
            """);
    assertThat(
            rows(
                "agent_intelligence_usage",
                "intelligence_type, intelligence_source, confidence_score, metadata -"
                    + " 'intelligence_id'"))
        .isEqualTo(
            """
            pattern|fallback|{"confidence_score": 1.5, "intelligence_type": "document", "intelligence_source": "pgvector"}
            pattern|fallback|{}\
            """);
  }

  @Test
  void hashThatComesBeforeItsOperationHasAPlaceInTheirTable() throws Exception {
    PostgresSink sink = sink(config());
    sink.write(List.of(DetailFixture.hash(1, 2)));
    sink.write(List.of(DetailFixture.operation(1, 2)));

    assertThat(rows("agent_file_operations", "operation_type, file_path, content_changed"))
        .isEqualTo("edit|/srv/app/a.txt|t");
  }

  @Test
  void relaxDropsTheirChecksOnColumnsThatAreWritten() throws Exception {
    TestConfig config = config().with("traceability", "true");
    new TableSetup(config).run(true);

    assertThat(
            query(
                "SELECT count(*) FROM pg_constraint WHERE contype = 'c' AND conrelid IN"
                    + " ('agent_prompts'::regclass, 'agent_file_operations'::regclass,"
                    + " 'agent_intelligence_usage'::regclass)"))
        .isEqualTo("0");
    assertThat(query("SELECT count(*) FROM pg_constraint WHERE contype = 'f'")).isEqualTo("4");
    sink(config).write(List.of(DetailFixture.usage(1, 7, "document", "pgvector", 1.5, true)));
    assertThat(
            rows(
                "agent_intelligence_usage",
                "intelligence_type, intelligence_source, confidence_score"))
        .isEqualTo("document|pgvector|1.5000");
  }

  /** Returns our rows of a table, in the order of their keys, one a line. */
  private String rows(String table, String columns) throws Exception {
    return query(
        "SELECT string_agg(concat_ws('|', %s), E'\\n' ORDER BY id) FROM %s WHERE agent_name = 'writer'"
            .formatted(columns, table));
  }
}
