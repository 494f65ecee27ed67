package io.agentlog.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ConnectException;
import java.security.cert.CertificateExpiredException;
import java.sql.SQLException;
import java.time.Duration;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.util.PSQLException;
import org.postgresql.util.PSQLState;
import org.postgresql.util.ServerErrorMessage;

/** Whole messages of {@link SqlStates}, and how it sorts errors that are no outage. */
class SqlMessagesTest {
  private final PostgresTarget target =
      target("jdbc:postgresql://db/app?user=the \"app\"&currentSchema=agents,public");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          3D000 | database "app" does not exist at db:5432: create it, or check agentlog.postgres.database
          3F000 | there is no schema to use at db:5432/app schema agents,public, because the search path names none that exists: run CREATE SCHEMA "agents", or set agentlog.postgres.client.currentSchema to one that exists
          25006 | db:5432/app schema agents,public is read-only, perhaps a standby: name the primary, or several hosts and targetServerType=primary, in agentlog.postgres.url. If it is the primary, default_transaction_read_only is on for this user or database
          25P03 | db:5432/app schema agents,public ended a transaction in which agentlog was silent for too long, as a JVM that is paused; it is written again
          40001 | db:5432/app schema agents,public rolled the batch back in favour of another transaction (SQLSTATE 40001); it is written again
          42501 | user "the ""app\""" may not write the tables at db:5432/app schema agents,public (primary): run GRANT SELECT, INSERT, UPDATE ON agent_execution_logs, agent_execution_progress, agent_routing_decisions, agent_instances TO "the ""app\"""
          42P10 | db:5432/app schema agents,public has a table without the unique index that the merge needs: java -jar agentlog.jar check names the table and what to do
          53100 | db:5432/app schema agents,public has no disk space left (SQLSTATE 53100): free some there
          53300 | db:5432/app schema agents,public has no free connection (SQLSTATE 53300); a JVM needs one, and a second for the journal of a dead JVM; a connector needs one for each task: raise max_connections or the limit of user the "app"
          55P03 | a table at db:5432/app schema agents,public is locked by another session; it is tried again
          57014 | db:5432/app schema agents,public cancelled the statement, perhaps by statement_timeout: raise it for user the "app"
          57P01 | db:5432/app schema agents,public is shutting down or starting (SQLSTATE 57P01); it is tried again
          57P02 | db:5432/app schema agents,public is shutting down or starting (SQLSTATE 57P02); it is tried again
          42804 | the tables at db:5432/app schema agents,public are not as agentlog needs them (primary): set agentlog.postgres.schema=migrate, once as a user who may alter them
          XX000 | db:5432/app schema agents,public failed: primary (SQLSTATE XX000)
          P0001 | db:5432/app schema agents,public failed: no text (SQLSTATE P0001)
          """)
  void outageOfAStateIsOneSentence(String state, String sentence) {
    assertThat(SqlStates.outage(server(state, "primary"), target, false))
        .hasMessage(sentence)
        .extracting(outage -> outage.retryDelayMin())
        .isEqualTo(Duration.ZERO);
  }

  @Test
  void missingRightToMigrateIsOneSentenceWithBothWaysOut() {
    assertThat(SqlStates.outage(server("42501", "no"), target, true))
        .hasMessage(
            "user \"the \"\"app\"\"\" may not create or change the tables at db:5432/app schema"
                + " agents,public (no): run GRANT USAGE, CREATE ON SCHEMA \"agents\" TO \"the"
                + " \"\"app\"\"\", or start once as the owner of the tables and then set"
                + " agentlog.postgres.schema=validate");
  }

  @Test
  void refusedLogInIsOneSentence() {
    assertThat(SqlStates.outage(server("28000", "no"), target, false))
        .hasMessage(
            "db:5432 refuses the log-in of user the \"app\" (SQLSTATE 28000): check"
                + " agentlog.postgres.user, agentlog.postgres.password and the server's"
                + " pg_hba.conf");
  }

  @Test
  void expiredCertificateIsNamedAsThatBeforeTls() {
    SSLHandshakeException handshake = new SSLHandshakeException("PKIX");
    handshake.initCause(new CertificateExpiredException("NotAfter"));

    assertThat(SqlStates.outage(driver(PSQLState.CONNECTION_FAILURE, handshake), target, false))
        .hasMessage("the certificate of db:5432 has expired: renew it on the server");
  }

  @Test
  void missingPasswordIsAskedForUnlessThereIsOne() {
    SQLException asks = driver(PSQLState.CONNECTION_REJECTED, null);

    assertThat(SqlStates.outage(asks, target, false))
        .hasMessage(
            "db:5432 asks for a password of user the \"app\": set agentlog.postgres.password");
    assertThat(
            SqlStates.outage(asks, target("jdbc:postgresql://db/app?password=p"), false)
                .getMessage())
        .isEqualTo("db:5432/app failed: The connection attempt failed. (SQLSTATE 08004)");
  }

  @Test
  void noServerOfTheWantedTypeIsNamedWithTheType() {
    SQLException none = driver(PSQLState.CONNECTION_UNABLE_TO_CONNECT, null);
    PostgresTarget primary = target("jdbc:postgresql://a,b/app?targetServerType=primary");

    assertThat(SqlStates.outage(none, primary, false))
        .hasMessage(
            "none of a:5432,b:5432 answers as a server of type primary: check the servers, or"
                + " targetServerType in agentlog.postgres.url");
    assertThat(SqlStates.outage(none, target, false))
        .hasMessage(
            "db:5432 does not answer in time: check the network, firewalls and"
                + " agentlog.postgres.url");
  }

  @Test
  void refusedConnectionOfAServerTypeIsStillARefusedConnection() {
    SQLException refused =
        driver(PSQLState.CONNECTION_UNABLE_TO_CONNECT, new ConnectException("refused"));

    assertThat(
            SqlStates.outage(
                refused, target("jdbc:postgresql://db/app?targetServerType=primary"), false))
        .hasMessage(
            "nothing takes connections at db:5432: start PostgreSQL there, or check"
                + " agentlog.postgres.url");
  }

  @Test
  void causeThatTheDriverHidesIsKeptAndTheUrlIsNot() {
    PostgresTarget secret = target("jdbc:postgresql://db:x/app?password=s3cret");
    PSQLException broken =
        new PSQLException(
            "Unable to parse URL " + secret.url(),
            PSQLState.UNEXPECTED_ERROR,
            new IOException("Broken pipe"));

    assertThat(SqlStates.outage(broken, secret, false))
        .hasMessage(
            "db:x/app failed: Unable to parse URL db:x/app: IOException: Broken pipe (SQLSTATE"
                + " 99999)");
    assertThat(
            SqlStates.outage(
                driver(
                    PSQLState.CONNECTION_FAILURE,
                    new SSLHandshakeException("unable to find valid certification path")),
                secret,
                false))
        .hasMessageContaining("TLS with db:x failed (SSLHandshakeException: unable to find valid");
  }

  @Test
  void errorWithoutAStateOrATextSaysSo() {
    assertThat(
            SqlStates.outage(new SQLException((String) null), target("jdbc:postgresql:x"), false))
        .hasMessage("localhost:5432/x failed: no text (SQLSTATE none)");
  }

  @Test
  void lostLeaseIsOneSentenceWithTheRemedyOfItsCause() {
    PostgresTarget plain = target("jdbc:postgresql://db/app?user=me");

    assertThat(UpkeepMessages.noLease(server("42501", "denied"), plain))
        .isEqualTo(
            "no lease is kept at db:5432/app (SQLSTATE 42501: denied): if this JVM and its disk are"
                + " lost, its running executions stay in_progress. Run GRANT SELECT, INSERT, UPDATE"
                + " ON agent_instances TO \"me\"");
    assertThat(UpkeepMessages.noLease(server("42P01", "no table"), plain))
        .endsWith(
            "stay in_progress. Set agentlog.postgres.schema=migrate, once as a user who may make"
                + " the table agent_instances");
  }

  @Test
  void executionsThatAreNotPrunedAreOneSentenceWithTheRemedyOfItsCause() {
    PostgresTarget plain = target("jdbc:postgresql://db/app?user=me");

    assertThat(UpkeepMessages.notPruned(server("23503", "is still referenced"), plain))
        .isEqualTo(
            "executions at db:5432/app that are older than agentlog.retention can't be removed"
                + " (SQLSTATE 23503: is still referenced). Trying again every 10 minutes");
    assertThat(UpkeepMessages.notPruned(server("42501", "denied"), plain))
        .endsWith(
            "Run GRANT SELECT, UPDATE, DELETE ON agent_execution_logs, agent_execution_progress,"
                + " agent_routing_decisions TO \"me\"");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0A000", "21000", "22021", "23505", "2F002", "3F000", "38000", "39000", "40P01", "42501",
        "44000", "54000", "55P03", "57014", "P0001"
      })
  void errorOfTheStatementIsNoOutageOfTheServer(String state) {
    assertThat(SqlStates.isOfStatement(server(state, "no"))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"08006", "25006", "28P01", "53300", "57P01", "58030", "XX000", ""})
  void errorOfTheServerIsNotOneOfTheStatement(String state) {
    assertThat(SqlStates.isOfStatement(server(state, "no"))).isFalse();
  }

  @Test
  void errorThatTheServerDidNotSendIsNotOneOfTheStatement() {
    assertThat(SqlStates.isOfStatement(new SQLException("no", "23505"))).isFalse();
    assertThat(SqlStates.isOfStatement(driver(PSQLState.QUERY_CANCELED, null))).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "40001, true",
    "40P01, true",
    "55P03, true",
    "57014, true",
    "57P01, false",
    "42501, false",
    "23505, false"
  })
  void conflictLockOrTimeLimitPasses(String state, boolean passes) {
    assertThat(SqlStates.isPassing(server(state, "no"))).isEqualTo(passes);
  }

  @Test
  void stateIsRecognisedAlsoBehindAnotherException() {
    assertThat(SqlStates.isDuplicate(wrapped("23505"))).isTrue();
    assertThat(SqlStates.isDuplicate(wrapped("23503"))).isFalse();
    assertThat(SqlStates.isReadOnly(wrapped("25006"))).isTrue();
    assertThat(SqlStates.isReadOnly(wrapped("25001"))).isFalse();
    assertThat(SqlStates.isMissingRight(wrapped("42501"))).isTrue();
    assertThat(SqlStates.isMissingRight(wrapped("42P01"))).isFalse();
    assertThat(SqlStates.isSchemaError(wrapped("42P01"))).isTrue();
    assertThat(SqlStates.isSchemaError(wrapped("3F000"))).isTrue();
    assertThat(SqlStates.isSchemaError(wrapped("3D000"))).isFalse();
    assertThat(SqlStates.isLoginRefusal(wrapped("28P01"))).isTrue();
    assertThat(SqlStates.isLoginRefusal(wrapped("08004"))).isFalse();
  }

  @Test
  void causesThatGoRoundInACircleAreFollowedOnce() {
    SQLException first = new SQLException("first", "08006");
    SQLException second = new SQLException("second", "08006", first);
    first.initCause(second);

    assertThat(SqlStates.outage(first, target("jdbc:postgresql:x"), false))
        .hasMessage("localhost:5432/x failed: first (SQLSTATE 08006)");
  }

  @Test
  void refusalNamesTheColumnIfThereIsNoConstraint() {
    PSQLException thrown =
        new PSQLException(new ServerErrorMessage("SERROR\0C23502\0Mnull value\0cstage\0"));

    assertThat(SqlStates.refusal(thrown, target).reason()).isEqualTo("23502 stage");
    assertThat(SqlStates.refusal(thrown, target))
        .hasMessage("SQLSTATE 23502: null value")
        .hasCause(thrown);
  }

  @Test
  void identifierIsQuotedForSql() {
    assertThat(SqlStates.quoted("plain")).isEqualTo("\"plain\"");
    assertThat(SqlStates.quoted("a\"b\"")).isEqualTo("\"a\"\"b\"\"\"");
  }

  private static SQLException wrapped(String state) {
    return new SQLException("outer", "00000", new RuntimeException(server(state, "no")));
  }

  private static PostgresTarget target(String url) {
    return PostgresTarget.of(new TestConfig().with("postgres.url", url));
  }

  private static PSQLException server(String state, String primary) {
    return new PSQLException(
        new ServerErrorMessage("SERROR\0C" + state + "\0M" + primary + "\0Da detail\0"));
  }

  private static PSQLException driver(PSQLState state, Throwable cause) {
    return new PSQLException("The connection attempt failed.", state, cause);
  }
}
