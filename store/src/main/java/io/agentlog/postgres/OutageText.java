package io.agentlog.postgres;

import io.agentlog.log.AgentLog;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.security.cert.CertificateExpiredException;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * The sentences about an outage of the database: each names the place, the cause, and what to do.
 * They hold no values and no secrets, as {@link SqlStates} has it. Stateless.
 */
final class OutageText {
  private OutageText() {}

  /** Returns the sentence for a commit that waits for a standby; null for anything else. */
  static @Nullable String waiting(SQLException thrown, PostgresTarget target) {
    return thrown instanceof StandbyWait.CommitWaitsException
        ? "a commit at %s still waits for a synchronous standby, and no other is sent meanwhile: start the standby, or take it out of synchronous_standby_names"
            .formatted(target.hosts())
        : null;
  }

  /** Returns the sentence for a failure of the network; null for any other. */
  static @Nullable String network(SQLException thrown, PostgresTarget target) {
    if (SqlStates.serverMessage(thrown) != null) {
      return null;
    }
    if (SqlStates.hasCause(thrown, UnknownHostException.class)) {
      return "the host of %s is not known: check %s"
          .formatted(target.hosts(), target.hostSetting());
    }
    if (SqlStates.hasCause(thrown, CertificateExpiredException.class)) {
      return "the certificate of %s has expired: renew it on the server".formatted(target.hosts());
    }
    if (SqlStates.hasCause(thrown, SSLException.class)) {
      return "TLS with %s failed (%s): check the server's certificate, and sslmode and sslrootcert under agentlog.postgres.client"
          .formatted(target.hosts(), cause(thrown, target));
    }
    boolean noneFound = isNoneFound(thrown);
    if (noneFound && target.serverType() != null) {
      return "none of %s answers as a server of type %s: check the servers, or targetServerType in %s"
          .formatted(target.hosts(), target.serverType(), target.hostSetting());
    }
    // The pool gives up without a cause while its first attempt still runs.
    if (noneFound
        || SqlStates.hasCause(thrown, SocketTimeoutException.class)
        || thrown instanceof SQLTransientConnectionException) {
      return "%s does not answer in time: check the network, firewalls and %s"
          .formatted(target.hosts(), target.hostSetting());
    }
    if (SqlStates.hasCause(thrown, ConnectException.class)) {
      return "nothing takes connections at %s: start PostgreSQL there, or check %s"
          .formatted(target.hosts(), target.hostSetting());
    }
    if (SqlStates.stateOf(thrown).equals("08004") && !target.hasPassword()) {
      return "%s asks for a password of user %s: set agentlog.postgres.password"
          .formatted(target.hosts(), target.user());
    }
    return null;
  }

  /**
   * True if no server of the wanted type was found, or the time was over: the driver reports the
   * two only in words of the user's language.
   */
  static boolean isNoneFound(SQLException thrown) {
    return SqlStates.stateOf(thrown).equals("08001") && thrown.getCause() == null;
  }

  /** Returns the sentence for any other failure. */
  static String sentence(
      String state, SQLException thrown, PostgresTarget target, boolean migrating) {
    String place = target.toString();
    return switch (state) {
      case "3D000" ->
          "database %s does not exist at %s: create it, or check agentlog.postgres.database"
              .formatted(SqlStates.quoted(target.database()), target.hosts());
      case "3F000" ->
          "there is no schema to use at %s, because the search path names none that exists: run CREATE SCHEMA %s, or set agentlog.postgres.client.currentSchema to one that exists"
              .formatted(place, SqlStates.quoted(target.schema()));
      case "25006" -> SqlStates.readOnly(target);
      case "40001", "40P01" ->
          "%s rolled the batch back in favour of another transaction (SQLSTATE %s); it is written again"
              .formatted(place, state);
      case "42501" -> missingRight(thrown, target, migrating);
      case "25P03" ->
          "%s ended a transaction in which agentlog was silent for too long, as a JVM that is paused; it is written again"
              .formatted(place);
      case "26000", "42P05" ->
          "%s knows prepared statements of other clients, as a pooler does (SQLSTATE %s): leave out agentlog.postgres.client.prepareThreshold, or set it to 0"
              .formatted(place, state);
      case "42P10" ->
          "%s has a table without the unique index that the merge needs: java -jar agentlog.jar check names the table and what to do"
              .formatted(place);
      case "53100" ->
          "%s has no disk space left (SQLSTATE 53100): free some there".formatted(place);
      case "53300" ->
          "%s has no free connection (SQLSTATE 53300); a JVM needs one, and a second for the journal of a dead JVM; a connector needs one for each task: raise max_connections or the limit of user %s"
              .formatted(place, target.user());
      case "55P03" ->
          "a table at %s is locked by another session; it is tried again".formatted(place);
      case "57014" ->
          "%s cancelled the statement, perhaps by statement_timeout: raise it for user %s"
              .formatted(place, target.user());
      case "57P01", "57P02", "57P03" ->
          "%s is shutting down or starting (SQLSTATE %s); it is tried again"
              .formatted(place, state);
      default ->
          state.startsWith("42")
              ? "the tables at %s are not as agentlog needs them (%s): set agentlog.postgres.schema=migrate, once as a user who may alter them"
                  .formatted(place, SqlStates.primary(thrown))
              : "%s failed: %s (SQLSTATE %s)"
                  .formatted(place, withCause(thrown, target), state.isEmpty() ? "none" : state);
    };
  }

  /** Returns the text of an error, and of a cause in the network, which no event reaches. */
  private static String withCause(SQLException thrown, PostgresTarget target) {
    String text = SqlStates.primary(thrown, target);
    return SqlStates.hasCause(thrown, IOException.class)
        ? text.replaceFirst("\\.$", "") + ": " + cause(thrown, target)
        : text;
  }

  /** Returns the innermost cause in one line: those around it say less. */
  private static String cause(SQLException thrown, PostgresTarget target) {
    Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    Throwable innermost = thrown;
    while (innermost.getCause() != null && seen.add(innermost)) {
      innermost = innermost.getCause();
    }
    return AgentLog.describe(innermost).replace(target.url(), target.toString());
  }

  private static String missingRight(
      SQLException thrown, PostgresTarget target, boolean migrating) {
    String user = SqlStates.quoted(target.user());
    return migrating
        ? "user %s may not create or change the tables at %s (%s): run GRANT USAGE, CREATE ON SCHEMA %s TO %s, or start once as the owner of the tables and then set agentlog.postgres.schema=validate"
            .formatted(
                user, target, SqlStates.primary(thrown), SqlStates.quoted(target.schema()), user)
        : "user %s may not write the tables at %s (%s): run GRANT SELECT, INSERT, UPDATE ON %s TO %s"
            .formatted(
                user,
                target,
                SqlStates.primary(thrown),
                Track.writtenOf(SqlStates.primary(thrown)),
                user);
  }
}
