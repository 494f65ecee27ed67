package io.agentlog.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.agentlog.log.Finding;
import io.agentlog.sink.EventRefusedException;
import io.agentlog.sink.SinkUnavailableException;
import java.sql.Connection;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Goal: the sink makes, lifts and checks its tables, and changes nothing else. Method: sinks with
 * each setting against databases in every state a user may have; if a message names a statement,
 * the test runs it and the same sink goes on.
 */
@Timeout(120)
class PostgresSchemaIT extends SinkFixture {
  @Test
  void sinksThatStartTogetherMigrateOnce() throws Exception {
    concurrently(4, n -> sink(config()).write(events(n).all()));
    sink(config()).write(events(9).all());

    assertThat(query("SELECT count(*) FROM agent_execution_logs")).isEqualTo("5");
    assertThat(query("SELECT string_agg(version || script, ',') FROM agentlog_schema_version"))
        .isEqualTo("1V001__tables,3V003__kind,4V004__views,5V005__report,6V006__usage");
  }

  @Test
  void validatingSinkNamesWhatIsMissingAndGoesOnOnceItIsThere() throws Exception { // Fault 42
    PostgresSink validating = sink(config().with("postgres.schema", "validate"));
    assertThatThrownBy(() -> validating.write(events(1).all()))
        .isInstanceOf(SinkUnavailableException.class)
        .hasMessageContaining(
            "is missing table agent_execution_logs, table agent_execution_progress")
        .hasMessageContaining(
            "agentlog.postgres.schema=migrate, once as a user who may alter them");
    assertThat(query("SELECT to_regclass('agent_execution_logs')")).isNull();

    sink(config()).write(events(2).all());
    database.execute("ALTER TABLE agent_execution_logs DROP COLUMN seen");
    assertThatThrownBy(() -> validating.write(events(1).all()))
        .hasMessageContaining("is missing agent_execution_logs (seen)");

    database.execute(
        "ALTER TABLE agent_execution_logs ADD COLUMN seen smallint NOT NULL DEFAULT 0");
    validating.write(events(1).all());
    assertThat(query("SELECT count(*) FROM agent_execution_logs")).isEqualTo("2");
  }

  @Test
  void tableThatGoesMissingLaterIsMadeAgain() throws Exception { // Fault 42
    PostgresSink sink = sink(config());
    sink.write(events(1).all());
    database.execute("DROP TABLE agent_execution_logs CASCADE"); // With the views over it.

    assertThatThrownBy(() -> sink.write(events(1).all()))
        .isInstanceOf(EventRefusedException.class) // Halved, and tried again.
        .hasMessageContaining("agentlog.postgres.schema=migrate");
    sink.write(events(1).all());

    assertThat(query("SELECT count(*) FROM agent_execution_logs")).isEqualTo("1");
  }

  @Test
  void upgradeRunsTheNewScriptAloneSoThatWhatTheUserDroppedStaysDropped() throws Exception {
    sink(config()).write(events(1).all());
    database.execute(
        "ALTER TABLE agent_execution_logs DROP COLUMN kind CASCADE, DROP COLUMN usage_seq,"
            + " DROP COLUMN root_execution_id CASCADE;"
            + " UPDATE agentlog_schema_version SET version = 2 WHERE version = 4;"
            + " ALTER TABLE agent_instances DROP COLUMN report;"
            + " DELETE FROM agentlog_schema_version WHERE version IN (3, 5, 6);"
            + " DROP VIEW agent_summary; DROP INDEX agent_execution_logs_failed");

    sink(config()).write(events(2).all());

    assertThat(query("SELECT count(*) FROM agent_execution_logs WHERE kind = 'method'"))
        .isEqualTo("1");
    assertThat(query("SELECT to_regclass('agent_summary')")).isNull();
    assertThat(query("SELECT to_regclass('agent_execution_logs_failed')")).isNull();
  }

  @Test
  void databaseOfThePythonLoggersVariablesIsNotChanged() {
    TestConfig config =
        new TestConfig()
            .withPython("postgres.host", database.host())
            .withPython("postgres.port", String.valueOf(database.port()))
            .withPython("postgres.database", database.database())
            .withPython("postgres.user", database.user())
            .withPython("postgres.password", database.password());

    assertThatThrownBy(() -> sink(config).write(events(1).all()))
        .hasMessageContaining("is missing table agent_execution_logs");
  }

  @Test
  void userWithoutTheRightToCreateIsToldTheGrant() throws Exception { // Fault 42
    String role = "r_" + database.database();
    database.execute("CREATE ROLE " + role + " LOGIN PASSWORD 'pw'");
    database.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC");
    try {
      PostgresSink sink =
          sink(config().with("postgres.user", role).with("postgres.password", "pw"));
      assertThatThrownBy(() -> sink.write(events(1).all()))
          .hasMessageContaining(
              "run GRANT USAGE, CREATE ON SCHEMA \"public\" TO \"%s\"".formatted(role));
      database.execute("GRANT USAGE, CREATE ON SCHEMA \"public\" TO \"" + role + "\"");
      sink.write(events(1).all());
      sink.close();
    } finally {
      database.execute("DROP OWNED BY " + role + "; DROP ROLE " + role);
    }
  }

  @Test
  void tableOfThePythonLoggerIsLiftedAndWhatItRefusesIsNamed() throws Exception {
    database.execute(
        """
        CREATE TABLE agent_routing_decisions (id uuid PRIMARY KEY, correlation_id uuid NOT NULL UNIQUE, user_request text NOT NULL);
        CREATE TABLE agent_execution_logs (
          execution_id uuid PRIMARY KEY DEFAULT gen_random_uuid(), correlation_id uuid NOT NULL, session_id uuid NOT NULL,
          agent_name varchar(255) NOT NULL, user_prompt text NOT NULL, status text NOT NULL DEFAULT 'in_progress'
            CHECK (status IN ('in_progress', 'success', 'error', 'cancelled')),
          started_at timestamptz NOT NULL DEFAULT now(), completed_at timestamptz, duration_ms integer,
          quality_score numeric(5,4), error_message text, error_type text, metadata jsonb DEFAULT '{}', host text NOT NULL,
          FOREIGN KEY (correlation_id) REFERENCES agent_routing_decisions (correlation_id));
        CREATE VIEW v_executions AS SELECT * FROM agent_execution_logs;
        INSERT INTO agent_routing_decisions VALUES (gen_random_uuid(), '00000000-0000-0000-0000-000000000001', 'old');
        INSERT INTO agent_execution_logs (correlation_id, session_id, agent_name, user_prompt, host)
        VALUES ('00000000-0000-0000-0000-000000000001', gen_random_uuid(), 'old', 'old', 'h')\
        """);
    PostgresSink sink = sink(config());

    assertThatThrownBy(() -> sink.write(events(1).all())).isInstanceOf(EventRefusedException.class);

    try (Connection connection = database.connect()) {
      Schema schema = Schema.read(connection);
      assertThat(schema.isIncomplete()).isFalse();
      assertThat(schema.obstacles().toString())
          .contains(
              "agent_execution_logs.user_prompt is NOT NULL",
              "agent_execution_logs.host is NOT NULL",
              "agent_execution_logs.agent_name is character varying(255), not text",
              "FOREIGN KEY (correlation_id)",
              "CHECK ((status = ANY",
              "agent_routing_decisions has unique agent_routing_decisions_correlation_id_key"
                  + " (correlation_id)")
          .doesNotContain("session_id is", "created_at is", "status is");
    }
    database.execute(
        """
        ALTER TABLE agent_execution_logs DROP CONSTRAINT agent_execution_logs_correlation_id_fkey,
          ALTER COLUMN user_prompt DROP NOT NULL, ALTER COLUMN host DROP NOT NULL;
        ALTER TABLE agent_routing_decisions DROP CONSTRAINT agent_routing_decisions_correlation_id_key\
        """);
    sink.write(events(1).all());
    assertThat(query("SELECT string_agg(agent_name, ',' ORDER BY agent_name) FROM v_executions"))
        .isEqualTo("agent-router,old");
  }

  @Test
  void tableWithoutTheKeyIsReportedBeforeTheFirstEventAndTheRemedyIsAccepted() throws Exception {
    new TableSetup(config()).run(false);
    database.execute("ALTER TABLE agent_execution_logs DROP CONSTRAINT agent_execution_logs_pkey");
    PostgresSink sink = sink(config());

    Throwable thrown = catchThrowable(() -> sink.write(events(1).all()));
    assertThat(thrown).isInstanceOf(SinkUnavailableException.class);
    assertThat(query("SELECT count(*) FROM agent_execution_logs")).isEqualTo("0");
    assertThat(wrong(config())).contains(thrown.getMessage());

    database.execute(remedy(thrown.getMessage()));
    sink.write(events(1).all());
    assertThat(wrong(config())).isEmpty();
    assertThat(query("SELECT count(*) FROM agent_execution_logs")).isEqualTo("1");
  }

  @Test
  void tableThatIsPartitionedByAnotherColumnIsReportedWithoutAnIndexThatItCannotHave() {
    database.execute(
        "CREATE TABLE agent_execution_logs (execution_id uuid, started_at timestamptz,"
            + " PRIMARY KEY (execution_id, started_at)) PARTITION BY RANGE (started_at)");

    assertThatThrownBy(() -> sink(config()).write(events(1).all()))
        .isInstanceOf(SinkUnavailableException.class)
        .hasMessageContaining("is partitioned by RANGE (started_at)")
        .hasMessageContaining("rename the table");
  }

  @Test
  void checkTriesWhatCatalogsDoNotSay() throws Exception {
    new TableSetup(config()).run(false);
    TestConfig config = config().with("retention", "90d");
    assertThat(wrong(config)).isEmpty();
    database.execute(
        "CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''no'';"
            + " END'; CREATE TRIGGER no BEFORE UPDATE ON agent_execution_logs FOR EACH ROW EXECUTE"
            + " FUNCTION no()");
    assertThat(wrong(config)).contains("refuses a trial").contains("SQLSTATE P0001");
    database.execute(
        "DROP TRIGGER no ON agent_execution_logs; ALTER TABLE agent_routing_decisions DROP COLUMN"
            + " cache_hit, ADD COLUMN cache_hit boolean GENERATED ALWAYS AS (confidence_score >"
            + " 0.5) STORED");
    assertThat(wrong(config)).contains("refuses a trial").contains("cache_hit");
    database.execute(
        "CREATE RULE no AS ON INSERT TO agent_execution_progress DO INSTEAD NOTHING;"
            + " ALTER TABLE agent_routing_decisions ALTER COLUMN cache_hit DROP EXPRESSION");
    assertThat(wrong(config)).contains("does not store it");

    assertThat(query("SELECT count(*) FROM agent_execution_logs")).isEqualTo("0");
    assertThat(query("SELECT count(*) FROM agent_instances")).isEqualTo("0");
  }

  @Test
  void retentionNeedsNoRightToRemoveLeases() throws Exception {
    new TableSetup(config()).run(false);
    String role = "keeper_" + database.database();
    database.execute("CREATE ROLE %s LOGIN PASSWORD '%s'".formatted(role, role));
    try {
      database.execute(
          ("GRANT SELECT, INSERT, UPDATE ON agent_execution_logs, agent_execution_progress,"
                  + " agent_routing_decisions, agent_instances TO %1$s; GRANT DELETE ON"
                  + " agent_execution_logs, agent_execution_progress, agent_routing_decisions TO %1$s")
              .formatted(role));
      TestConfig keeper =
          config()
              .with("postgres.user", role)
              .with("postgres.password", role)
              .with("postgres.schema", "validate")
              .with("retention", "90d");
      assertThat(wrong(keeper)).isEmpty();
    } finally {
      database.execute("DROP OWNED BY %1$s CASCADE; DROP ROLE %1$s".formatted(role));
    }
  }

  @Test
  void encodingThatIsMissingCharactersIsReported() {
    String latin = database.database() + "_latin";
    database.execute(
        "CREATE DATABASE "
            + latin
            + " TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'");
    try {
      String url = database.jdbcUrl().replace(database.database(), latin);
      assertThat(new DatabaseCheck(config().with("postgres.url", url)).run())
          .anyMatch(finding -> finding.text().contains("stores texts as LATIN1"));
    } finally {
      database.execute("DROP DATABASE " + latin);
    }
  }

  private static String wrong(TestConfig config) {
    return new DatabaseCheck(config)
        .run().stream()
            .filter(finding -> finding.level() == Finding.Level.WRONG)
            .map(Finding::text)
            .collect(Collectors.joining());
  }

  private static String remedy(String message) {
    return message.substring(message.indexOf("run ") + 4);
  }

  @Test
  void viewWithTheNameOfATableIsReportedAndLeftAlone() {
    database.execute("CREATE VIEW agent_execution_logs AS SELECT 1 AS execution_id");

    assertThatThrownBy(() -> sink(config()).write(events(1).all()))
        .isInstanceOf(SinkUnavailableException.class)
        .hasMessageContaining("agent_execution_logs is a view");
  }

  @Test
  void tablesGoToTheConfiguredSchemaOrToWhereTheTableIs() throws Exception {
    database.execute("CREATE SCHEMA agents; CREATE SCHEMA later");
    sink(config().with("postgres.client.currentSchema", "agents")).write(events(1).all());
    assertThat(query("SELECT count(*) FROM agents.agent_execution_logs")).isEqualTo("1");
    assertThat(query("SELECT to_regclass('public.agent_execution_logs')")).isNull();

    database.execute("ALTER TABLE agents.agent_execution_logs DROP COLUMN trace_id");
    sink(config().with("postgres.client.currentSchema", "later,agents")).write(events(2).all());
    assertThat(query("SELECT count(*) FROM agents.agent_execution_logs")).isEqualTo("2");
    assertThat(query("SELECT to_regclass('later.agent_execution_logs')")).isNull();

    assertThatThrownBy(
            () ->
                sink(config().with("postgres.client.currentSchema", "nowhere"))
                    .write(events(3).all()))
        .hasMessageContaining("CREATE SCHEMA \"nowhere\"");
  }
}
