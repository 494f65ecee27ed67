package io.agentlog.agent.sink.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentlog.agent.event.Event;
import io.agentlog.agent.sink.EventRefusedException;
import io.agentlog.agent.sink.ExecutionEvents;
import io.agentlog.agent.sink.SinkUnavailableException;
import io.agentlog.backends.Backends;
import io.agentlog.backends.Postgres;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Goal: the sink fills the tables, looks after them, and says of every failure what it is and what
 * to do. Method: real failures of a real server; where the message names a statement, that
 * statement is run and the same sink goes on.
 */
@Timeout(120)
class PostgresSinkIT {
  private static final String ROWS =
      "SELECT string_agg(ctid::text || xmin::text, ',' ORDER BY execution_id) FROM agent_execution_logs";

  private final Postgres database = Backends.postgres().newDatabase();
  private final List<PostgresSink> sinks = new ArrayList<>();

  @AfterEach
  void close() {
    sinks.forEach(PostgresSink::close);
    database.close();
  }

  @Test
  void executionIsOneRowWithItsProgressAndDecisions() throws Exception {
    ExecutionEvents events = events(1);

    sink(config()).write(events.all());

    assertThat(query("SELECT user_prompt FROM agent_execution_logs"))
        .isEqualTo(events.started().prompt()); // Faults 76 and 77
    assertThat(
            query(
                "SELECT status || ' ' || seen || ' ' || duration_us || ' ' || duration_ms || ' ' || quality_score || ' ' || started_at AT TIME ZONE 'UTC' || ' ' || routing_decision_id FROM agent_execution_logs"))
        .isEqualTo(
            "success 7 900001 900 0.8766 2026-09-21 14:13:20.123456 " + ExecutionEvents.DECISION_1);
    assertThat(
            query(
                "SELECT string_agg(seq || ' ' || stage || ' ' || COALESCE(percent::text, '-'), ', ' ORDER BY seq) FROM agent_execution_progress"))
        .isEqualTo("2 stage 1 25, 4 stage 2 -, 6 stage 3 75");
    assertThat(
            query(
                "SELECT string_agg(selected_agent || ' ' || confidence_score || ' ' || COALESCE(capability_confidence::text, '-') || ' ' || (alternatives -> 0 ->> 'agent'), ', ') FROM agent_routing_decisions"))
        .isEqualTo("agent-api 0.8766 - agent-db, agent-api 0.8766 - agent-db");
  }

  @Test
  void replayMovesNoRow() throws Exception { // Faults 4 and 46
    PostgresSink sink = sink(config());
    List<Event> all = events(1).all();
    sink.write(all);
    String before = query(ROWS);

    sink.write(all);
    for (Event event : all) {
      sink.write(List.of(event));
    }

    assertThat(query(ROWS)).isEqualTo(before);
    assertThat(query("SELECT count(*) FROM agent_execution_progress")).isEqualTo("3");
    assertThat(query("SELECT count(*) FROM agent_routing_decisions")).isEqualTo("2");
  }

  @Test
  void eventsOfOneExecutionInABatchAreOneRowOfTheStatement() throws Exception { // Fault 45
    List<Event> twice = new ArrayList<>(events(1).all());
    twice.addAll(events(1).all());

    sink(config()).write(twice);

    assertThat(query("SELECT count(*) FROM agent_execution_logs")).isEqualTo("1");
  }

  @Test
  void sinksThatStartTogetherMigrateOnce() throws Exception {
    concurrently(4, n -> sink(config()).write(events(n).all()));
    sink(config()).write(events(9).all());

    assertThat(query("SELECT count(*) FROM agent_execution_logs")).isEqualTo("5");
    assertThat(query("SELECT string_agg(version || script, ',') FROM agentlog_schema_version"))
        .isEqualTo("1V001__tables");
  }

  @Test
  void sinksWithTheSameExecutionsInOtherOrdersNeitherDeadlockNorDiffer() throws Exception {
    // Fault 44
    sink(config()).write(events(0).all());
    concurrently(
        4,
        n -> {
          PostgresSink sink = sink(config());
          Random random = new Random(n);
          for (int round = 0; round < 20; round++) {
            List<Event> batch = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
              batch.addAll(events(i).all());
            }
            Collections.shuffle(batch, random);
            sink.write(batch.subList(0, 300));
          }
          for (int i = 0; i < 100; i++) {
            sink.write(events(i).all());
          }
        });

    assertThat(
            query(
                "SELECT count(*) || ' ' || count(DISTINCT (status, seen, metadata, routing_decision_id, completed_at)) FROM agent_execution_logs"))
        .isEqualTo("100 1");
  }

  @Test
  void validatingSinkNamesWhatIsMissingAndGoesOnOnceItIsThere() throws Exception { // Fault 42
    PostgresSink validating = sink(config().with("postgres.schema", "validate"));
    assertThatThrownBy(() -> validating.write(events(1).all()))
        .isInstanceOf(SinkUnavailableException.class)
        .hasMessageContaining("lacks table agent_execution_logs, table agent_execution_progress")
        .hasMessageContaining(
            "agentlog.postgres.schema=migrate, or run java -jar agentlog.jar migrate");
    assertThat(query("SELECT to_regclass('agent_execution_logs')")).isNull();

    sink(config()).write(events(2).all());
    database.execute("ALTER TABLE agent_execution_logs DROP COLUMN seen");
    assertThatThrownBy(() -> validating.write(events(1).all()))
        .hasMessageContaining("lacks agent_execution_logs (seen)");

    database.execute(
        "ALTER TABLE agent_execution_logs ADD COLUMN seen smallint NOT NULL DEFAULT 0");
    validating.write(events(1).all());
    assertThat(query("SELECT count(*) FROM agent_execution_logs")).isEqualTo("2");
  }

  @Test
  void tableThatGoesMissingLaterIsMadeAgain() throws Exception { // Fault 42
    PostgresSink sink = sink(config());
    sink.write(events(1).all());
    database.execute("DROP TABLE agent_execution_logs");

    assertThatThrownBy(() -> sink.write(events(1).all()))
        .isInstanceOf(SinkUnavailableException.class)
        .hasMessageContaining("agentlog.postgres.schema=migrate");
    sink.write(events(1).all());

    assertThat(query("SELECT count(*) FROM agent_execution_logs")).isEqualTo("1");
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
        .hasMessageContaining("lacks table agent_execution_logs");
  }

  @Test
  void wrongPasswordIsTriedOnceAndNotShown() { // Faults 41 and 79
    PostgresSink sink = sink(config().with("postgres.password", "not-the-s3cret"));
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> sink.write(events(1).all()))
          .isInstanceOfSatisfying(
              SinkUnavailableException.class,
              e -> assertThat(e.retryDelayMin()).isEqualTo(Duration.ofSeconds(30)))
          .hasMessageContaining("refuses the log-in of user " + database.user())
          .hasMessageContaining("agentlog.postgres.password")
          .hasMessageNotContaining("s3cret");
    }
  }

  @Test
  void missingPasswordIsAskedFor() {
    TestConfig config =
        new TestConfig()
            .with("postgres.url", database.jdbcUrl())
            .with("postgres.user", database.user());

    assertThatThrownBy(() -> sink(config).write(events(1).all()))
        .hasMessageContaining("set agentlog.postgres.password");
  }

  @Test
  void unreachableServersAndDatabasesAreNamed() {
    assertOutage("jdbc:postgresql://nowhere.invalid/app", "nowhere.invalid:5432 is not known");
    assertOutage("jdbc:postgresql://" + database.host() + ":1/app", "nothing takes connections at");
    assertOutage(
        database.jdbcUrl() + "_gone",
        "database \"%s_gone\" does not exist".formatted(database.database()));
    assertOutage("postgresql://localhost/app", "must read jdbc:postgresql://HOST:PORT/DATABASE");
  }

  @Test
  void readOnlyDatabaseIsAnOutageThatEndsWithoutARestart() throws Exception { // Fault 38
    PostgresSink sink = sink(config());
    sink.write(events(1).all());
    setReadOnly(true);
    PostgresSink late = sink(config());
    assertThatThrownBy(() -> late.write(events(2).all()))
        .isInstanceOf(SinkUnavailableException.class)
        .hasMessageContaining("is read-only, perhaps a standby");

    setReadOnly(false);
    late.write(events(2).all());

    assertThat(query("SELECT count(*) FROM agent_execution_logs")).isEqualTo("2");
  }

  @Test
  void missingRightIsGrantedByTheStatementThatTheMessageNames() throws Exception { // Fault 42
    sink(config()).write(events(1).all());
    String role = "r_" + database.database();
    database.execute("CREATE ROLE " + role + " LOGIN PASSWORD 'pw'");
    try {
      PostgresSink sink =
          sink(config().with("postgres.user", role).with("postgres.password", "pw"));
      assertThatThrownBy(() -> sink.write(events(2).all()))
          .isInstanceOf(SinkUnavailableException.class)
          .satisfies(
              e ->
                  database.execute(
                      e.getMessage().substring(e.getMessage().indexOf("GRANT SELECT"))));
      sink.write(events(2).all());
      assertThat(query("SELECT count(*) FROM agent_execution_logs")).isEqualTo("2");
      sink.close();
    } finally {
      database.execute("DROP OWNED BY " + role + "; DROP ROLE " + role);
    }
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
  void refusalNamesTheConstraintAndHasNothingOfTheRow() throws Exception { // Faults 43 and 48
    PostgresSink sink = sink(config());
    sink.write(events(1).all());
    database.execute(
        "ALTER TABLE agent_execution_logs ADD CONSTRAINT short CHECK (length(user_prompt) < 5) NOT VALID");

    assertThatThrownBy(() -> sink.write(events(2).all()))
        .isInstanceOfSatisfying(
            EventRefusedException.class, e -> assertThat(e.reason()).isEqualTo("23514 short"))
        .hasMessageNotContaining("DROP TABLE")
        .hasStackTraceContaining("agent_execution_logs")
        .satisfies(e -> assertThat(stackOf(e)).doesNotContain("DROP TABLE"));
    assertThat(query("SELECT count(*) FROM agent_execution_progress")).isEqualTo("3");
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
        VALUES ('00000000-0000-0000-0000-000000000001', gen_random_uuid(), 'old', 'old', 'h')""");
    PostgresSink sink = sink(config());

    assertThatThrownBy(() -> sink.write(events(1).all())).isInstanceOf(EventRefusedException.class);

    try (Connection connection = database.connect()) {
      Schema schema = Schema.read(connection);
      assertThat(schema.isIncomplete()).isFalse();
      assertThat(String.join("\n", schema.warnings()))
          .contains(
              "agent_execution_logs.user_prompt is NOT NULL",
              "agent_execution_logs.host is NOT NULL",
              "agent_execution_logs.agent_name is character varying(255), not text",
              "FOREIGN KEY (correlation_id)",
              "CHECK ((status = ANY",
              "agent_routing_decisions has unique agent_routing_decisions_correlation_id_key (correlation_id)")
          .doesNotContain("session_id is", "created_at is", "status is");
    }
    database.execute(
        """
        ALTER TABLE agent_execution_logs DROP CONSTRAINT agent_execution_logs_correlation_id_fkey,
          ALTER COLUMN user_prompt DROP NOT NULL, ALTER COLUMN host DROP NOT NULL;
        ALTER TABLE agent_routing_decisions DROP CONSTRAINT agent_routing_decisions_correlation_id_key""");
    sink.write(events(1).all());
    assertThat(query("SELECT string_agg(agent_name, ',' ORDER BY agent_name) FROM v_executions"))
        .isEqualTo("agent-router,old");
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

  @Test
  void constructionAndTargetDoNoInputOutput() {
    PostgresSink sink = sink(new TestConfig().with("postgres.host", "nowhere.invalid"));

    assertThat(sink.name()).isEqualTo("postgres");
    assertThat(sink.target()).isEqualTo("nowhere.invalid:5432/postgres");
  }

  private void assertOutage(String url, String message) {
    TestConfig config =
        new TestConfig()
            .with("postgres.url", url)
            .with("postgres.user", database.user())
            .with("postgres.password", database.password());
    assertThatThrownBy(() -> sink(config).write(events(1).all()))
        .isInstanceOf(SinkUnavailableException.class)
        .hasMessageContaining(message)
        .hasMessageNotContaining(database.password());
  }

  private void setReadOnly(boolean on) {
    Backends.postgres() // From another database: this one lets nobody change it.
        .execute(
            "ALTER DATABASE %s SET default_transaction_read_only = %s"
                .formatted(database.database(), on));
  }

  private TestConfig config() {
    return new TestConfig()
        .with("postgres.url", database.jdbcUrl())
        .with("postgres.user", database.user())
        .with("postgres.password", database.password());
  }

  private PostgresSink sink(TestConfig config) {
    PostgresSink sink = new PostgresSink(config);
    synchronized (sinks) {
      sinks.add(sink);
    }
    return sink;
  }

  /** The same n, the same execution; its decisions are the same for all n. */
  private static ExecutionEvents events(int n) {
    return new ExecutionEvents(new UUID(0x019a_0000_0000_7000L, Long.MIN_VALUE | n), false);
  }

  private String query(String sql) throws SQLException {
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getString(1);
    }
  }

  private static String stackOf(Throwable thrown) {
    StringWriter text = new StringWriter();
    thrown.printStackTrace(new PrintWriter(text));
    return text.toString();
  }

  private static void concurrently(int count, Task task) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(count);
    try {
      List<Future<Void>> results = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        int n = i;
        results.add(
            threads.submit(
                () -> {
                  task.run(n);
                  return null;
                }));
      }
      for (Future<Void> result : results) {
        result.get(100, TimeUnit.SECONDS);
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private interface Task {
    void run(int n) throws Exception;
  }
}
