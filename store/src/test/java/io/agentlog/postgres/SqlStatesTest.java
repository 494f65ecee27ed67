package io.agentlog.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.sink.EventRefusedException;
import io.agentlog.sink.SinkUnavailableException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.util.PSQLException;
import org.postgresql.util.PSQLState;
import org.postgresql.util.ServerErrorMessage;

class SqlStatesTest {
  private static final String SECRET = "s3cret";

  private final PostgresTarget target =
      PostgresTarget.of(
          new TestConfig()
              .with("postgres.host", "db.example")
              .with("postgres.database", "app")
              .with("postgres.user", "me")
              .with("postgres.password", SECRET));

  @ParameterizedTest
  @ValueSource(
      strings = {
        "08006", "57P01", "53100", "53300", "25006", "40001", "40P01", "55P03", "57014", "58030"
      })
  void outageIsNotARefusal(String state) {
    assertThat(SqlStates.refusal(server(state, "text"), target)).isNull();
  }

  @Test
  void brokenConnectionIsNotARefusalWhateverItsState() {
    assertThat(SqlStates.refusal(driver("99999", new ConnectException("no")), target)).isNull();
  }

  /** Raised by a trigger, a row policy, an index, an extension, or nobody we know. */
  @ParameterizedTest
  @ValueSource(strings = {"P0001", "42501", "54000", "0A000", "XX000", "42P01", "72000", "ABCDE"})
  void answerOfTheServerIsARefusalThatMayConcernEveryEvent(String state) {
    EventRefusedException refusal = SqlStates.refusal(server(state, "text"), target);

    assertThat(refusal.reason()).startsWith(state);
    assertThat(refusal.isOfData()).isFalse();
  }

  @Test
  void missingRightKeepsItsRemedyAndARowPolicyIsNotTakenForOne() {
    assertThat(SqlStates.refusal(server("42501", "permission denied"), target))
        .hasMessageContaining("run GRANT SELECT, INSERT, UPDATE ON");
    PSQLException policy =
        new PSQLException(
            new ServerErrorMessage(
                "SERROR\0C42501\0Mnew row violates row-level security policy\0RExecWithCheckOptions\0"));
    assertThat(SqlStates.refusal(policy, target))
        .hasMessage("SQLSTATE 42501: new row violates row-level security policy");
  }

  @ParameterizedTest
  @ValueSource(strings = {"22021", "22P02", "23502", "23514", "21000"})
  void badRowIsARefusalWithItsState(String state) {
    assertThat(SqlStates.refusal(server(state, "text"), target).reason()).startsWith(state);
  }

  @Test
  void refusalNamesTheConstraintAndNeverTheRow() {
    PSQLException thrown =
        new PSQLException(
            new ServerErrorMessage(
                "SERROR\0C23514\0Mnew row violates check constraint \"positive\"\0DFailing row contains (the prompt).\0npositive\0tagent_execution_logs\0"));

    assertThat(SqlStates.refusal(thrown, target).reason()).isEqualTo("23514 positive");
    assertThat(SqlStates.refusal(thrown, target)).hasMessageContaining("\"positive\"");
    assertThat(SqlStates.refusal(thrown, target).getMessage()).doesNotContain("the prompt");
  }

  @Test
  void valueThatTheServerQuotesIsBlanked() {
    PSQLException thrown =
        server("22P02", "invalid input syntax for type uuid: \"the \"prompt\"\nof them\"");

    assertThat(SqlStates.refusal(thrown, target).getMessage())
        .isEqualTo("SQLSTATE 22P02: invalid input syntax for type uuid: \"…\"");
  }

  @Test
  void textOfAUsersTriggerIsNotUsed() {
    assertThat(outage(server("P0001", "the prompt")).getMessage())
        .doesNotContain("the prompt")
        .contains("P0001");
  }

  @Test
  void refusedLogInWaitsAndNamesUserHostAndOptionButNotThePassword() { // Faults 41 and 79
    SinkUnavailableException outage =
        outage(server("28P01", "password authentication failed for user \"me\""));

    assertThat(outage.retryDelayMin()).isEqualTo(Duration.ofSeconds(30));
    assertThat(outage.getMessage())
        .contains("db.example:5432", "user me", "agentlog.postgres.password")
        .doesNotContain(SECRET);
  }

  @Test
  void causeIsFoundBehindThePoolsOwnException() {
    SQLException pool =
        new SQLTransientConnectionException(
            "agentlog - Connection is not available", "28P01", server("28P01", "no"));

    assertThat(outage(pool).retryDelayMin()).isEqualTo(Duration.ofSeconds(30));
    assertThat(SqlStates.isLoginRefusal(pool)).isTrue();
  }

  @Test
  void networkErrorsNameTheHostAndTheOption() {
    assertThat(outage(driver("08001", new UnknownHostException("db.example"))).getMessage())
        .contains("db.example:5432 is not known", "agentlog.postgres.host");
    assertThat(outage(driver("08001", new ConnectException("refused"))).getMessage())
        .contains("nothing takes connections at db.example:5432");
    assertThat(outage(driver("08001", new SocketTimeoutException("slow"))).getMessage())
        .contains("db.example:5432 does not answer in time");
    assertThat(outage(new SQLTransientConnectionException("agentlog - timed out")).getMessage())
        .contains("db.example:5432 does not answer in time");
    assertThat(outage(driver("08006", new SSLHandshakeException("expired"))).getMessage())
        .contains("TLS with db.example:5432 failed"); // Fault 49
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          3D000 | database "app" does not exist at db.example:5432
          42P01 | agentlog.postgres.schema=migrate, once as a user who may alter them
          42703 | agentlog.postgres.schema=migrate, once as a user who may alter them
          42501 | GRANT SELECT, INSERT, UPDATE ON agent_execution_logs, agent_execution_progress, agent_routing_decisions, agent_instances TO "me"
          42P10 | java -jar agentlog.jar check
          25006 | read-only
          53300 | max_connections
          57P03 | shutting down or starting
          40P01 | another transaction
          """)
  void outageSaysWhatToDo(String state, String text) {
    assertThat(outage(server(state, "primary")).getMessage()).contains(text);
  }

  @Test
  void missingRightToMigrateNamesAnotherGrant() {
    assertThat(SqlStates.outage(server("42501", "primary"), target, true).getMessage())
        .contains("GRANT USAGE, CREATE ON SCHEMA \"public\" TO \"me\"");
  }

  private SinkUnavailableException outage(SQLException thrown) {
    return SqlStates.outage(thrown, target, false);
  }

  private static PSQLException server(String state, String primary) {
    return new PSQLException(
        new ServerErrorMessage("SERROR\0C" + state + "\0M" + primary + "\0Da detail\0"));
  }

  private static PSQLException driver(String state, Throwable cause) {
    for (PSQLState known : PSQLState.values()) {
      if (known.getState().equals(state)) {
        return new PSQLException("The connection attempt failed.", known, cause);
      }
    }
    throw new AssertionError(state);
  }
}
