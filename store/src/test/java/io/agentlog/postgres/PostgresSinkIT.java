package io.agentlog.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentlog.backends.Backends;
import io.agentlog.config.ConfigLoader;
import io.agentlog.event.Event;
import io.agentlog.event.ExecutionEvents;
import io.agentlog.sink.EventRefusedException;
import io.agentlog.sink.SinkUnavailableException;
import io.agentlog.sink.SinkUnavailableException.Suspect;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Goal: the sink fills and maintains the tables, and reports every failure with its cause and
 * remedy. Method: real failures of a real server; if the message names a statement, the test runs
 * it and the same sink goes on.
 */
@Timeout(120)
class PostgresSinkIT extends SinkFixture {
  private static final String OUR_SESSIONS =
      "FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'agentlog'";
  private static final String ROWS =
      "SELECT string_agg(ctid::text || xmin::text, ',' ORDER BY execution_id) FROM agent_execution_logs";

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
  void sinkUsesOneConnectionWhateverHappensToIt() throws Exception { // Fault 40
    AtomicLong nanos = new AtomicLong();
    PostgresSink sink =
        add(new PostgresSink(config(), ExecutionEvents.INSTANCE, "router", nanos::get));
    for (int i = 0; i < 60; i++) {
      boolean lost = i % 20 == 19;
      if (lost) {
        database.execute("SELECT pg_terminate_backend(pid) " + OUR_SESSIONS);
        try {
          sink.write(events(1).all());
        } catch (SinkUnavailableException e) {
          // Unless the pool looked at the connection first.
        }
      }
      sink.write(events(i).all());
      nanos.addAndGet(10_000_000_000L);
      assertThat(sink.maintain()).isTrue();
      assertThat(query("SELECT count(*) " + OUR_SESSIONS)).isIn("1", lost ? "2" : "1");
    }
    sink.close();
  }

  @Test
  void wrongPasswordIsNotShownAndNotTriedAgainAtOnce() throws Exception { // Faults 41 and 79
    String role = "r_" + database.database();
    database.execute("CREATE ROLE " + role + " SUPERUSER LOGIN PASSWORD 'other'");
    try {
      TestConfig config =
          config().with("postgres.user", role).with("postgres.password", "the-s3cret");
      PostgresSink sink = sink(config);
      assertLogInRefused(sink, role);
      database.execute("ALTER ROLE " + role + " PASSWORD 'the-s3cret'");
      assertLogInRefused(sink, role); // The server would take it now, but was not asked.

      sink(config).write(events(1).all());
      assertThat(query("SELECT count(*) FROM agent_execution_logs")).isEqualTo("1");
    } finally {
      database.execute("DROP OWNED BY " + role + "; DROP ROLE " + role);
    }
  }

  @Test
  void passwordThatIsRotatedInItsFileIsUsedForTheNextConnection() throws Exception {
    String role = "r_" + database.database();
    Path file = Files.createTempFile("password", "");
    Files.writeString(file, "old");
    database.execute("CREATE ROLE " + role + " SUPERUSER LOGIN PASSWORD 'old'");
    Properties settings = new Properties();
    settings.put("agentlog.postgres.url", database.jdbcUrl());
    settings.put("agentlog.postgres.user", role);
    settings.put("agentlog.postgres.password-file", file.toString());
    try {
      PostgresSink sink = add(new PostgresSink(ConfigLoader.load(null, settings, Map.of())));
      sink.write(events(1).all());
      database.execute("ALTER ROLE " + role + " PASSWORD 'new'");
      Files.writeString(file, "new");
      database.execute(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '" + role + "'");

      try {
        sink.write(events(2).all());
      } catch (SinkUnavailableException e) { // The pool may not know yet that it was cut off.
        sink.write(events(2).all());
      }

      assertThat(query("SELECT count(*) FROM agent_execution_logs")).isEqualTo("2");
      sink.close();
    } finally {
      Files.delete(file);
      database.execute("DROP OWNED BY " + role + "; DROP ROLE " + role);
    }
  }

  private static void assertLogInRefused(PostgresSink sink, String user) {
    assertThatThrownBy(() -> sink.write(events(1).all()))
        .isInstanceOfSatisfying(
            SinkUnavailableException.class,
            e -> assertThat(e.retryDelayMin()).isEqualTo(Duration.ofSeconds(30)))
        .hasMessageContaining("refuses the log-in of user " + user)
        .hasMessageContaining("agentlog.postgres.password")
        .hasMessageNotContaining("s3cret");
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
    assertOutage("postgresqls://localhost/app", "must read jdbc:postgresql://HOST:PORT/DATABASE");
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
          .isInstanceOf(EventRefusedException.class) // Every event: the writer waits.
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
  void whatATriggerRaisesIsARefusalAndItsTextStaysOut() throws Exception { // Fault 48
    PostgresSink sink = sink(config());
    sink.write(events(1).all());
    database.execute(
        "CREATE FUNCTION guard() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''not %'', NEW.user_prompt; END'");
    database.execute(
        "CREATE TRIGGER guard BEFORE INSERT ON agent_execution_logs FOR EACH ROW EXECUTE FUNCTION guard()");

    assertThatThrownBy(() -> sink.write(events(2).all()))
        .isInstanceOfSatisfying(
            EventRefusedException.class,
            e -> {
              assertThat(e.reason()).isEqualTo("P0001");
              assertThat(e.isOfData()).isFalse();
            })
        .hasMessageNotContaining("DROP TABLE");
  }

  /** A trigger may give its text the SQLSTATE of a constraint. */
  @Test
  void textOfATriggerStaysOutWhateverItsState() throws Exception {
    PostgresSink sink = sink(config());
    sink.write(events(1).all());
    database.execute(
        "CREATE FUNCTION guard() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''not %'', NEW.user_prompt USING ERRCODE = ''23514''; END'");
    database.execute(
        "CREATE TRIGGER guard BEFORE INSERT ON agent_execution_logs FOR EACH ROW EXECUTE FUNCTION guard()");

    assertThatThrownBy(() -> sink.write(events(2).all()))
        .isInstanceOf(EventRefusedException.class)
        .hasMessageContaining("SQLSTATE 23514")
        .hasMessageNotContaining("DROP TABLE");
  }

  @Test
  void statementThatIsCancelledForItsTimeSuspectsTheBatch() throws Exception { // Fault 36
    PostgresSink sink = sink(config().with("postgres.client.options", "-c statement_timeout=200"));
    sink.write(events(1).all());
    database.execute(
        "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(5); RETURN NEW; END'");
    database.execute(
        "CREATE TRIGGER slow BEFORE INSERT ON agent_execution_logs FOR EACH ROW EXECUTE FUNCTION slow()");

    assertThatThrownBy(() -> sink.write(events(2).all()))
        .isInstanceOfSatisfying(
            SinkUnavailableException.class, e -> assertThat(e.suspect()).isEqualTo(Suspect.EVENT))
        .hasMessageContaining("statement_timeout");
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

  private static String stackOf(Throwable thrown) {
    StringWriter text = new StringWriter();
    thrown.printStackTrace(new PrintWriter(text));
    return text.toString();
  }
}
