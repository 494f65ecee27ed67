package io.agentlog.postgres;

import io.agentlog.config.UrlText;
import io.agentlog.sink.EventRefusedException;
import io.agentlog.sink.SinkUnavailableException;
import io.agentlog.sink.SinkUnavailableException.Suspect;
import java.io.IOException;
import java.net.UnknownHostException;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * Decides what an error of the database means: an outage, with a sentence that says what to do, or
 * a refusal of a batch, whose culprit is found by halving. Messages never hold values of events or
 * secrets, because only the server's primary text is used, with quoted values blanked.
 */
final class SqlStates {
  private static final Pattern QUOTED = Pattern.compile("\".*\"", Pattern.DOTALL);

  /** Classes of SQLSTATE by which the server says that the data of the event is at fault. */
  private static final Set<String> DATA_CLASSES = Set.of("21", "22", "23");

  /**
   * Classes of SQLSTATE that may pass by themselves: connection, wrong state of a transaction or a
   * server, rollback, resources, locks, cancellation, the server's system. Every other answer to a
   * batch would come again at once.
   */
  private static final Set<String> PASSING_CLASSES =
      Set.of("08", "25", "40", "53", "55", "57", "58");

  /** The function of the server that refuses a row because of a row policy or a view's check. */
  private static final String ROW_POLICY_ROUTINE = "ExecWithCheckOptions";

  /** The function of the server that raises what a trigger says, with any SQLSTATE. */
  private static final String RAISE_ROUTINE = "exec_stmt_raise";

  /** A row breaks a check of a table, or its place among partitions. */
  private static final String CHECK_VIOLATION = "23514";

  /**
   * Classes of SQLSTATE that concern the statement, not the server, so that other statements are
   * still tried.
   */
  private static final Set<String> STATEMENT_CLASSES =
      Set.of(
          "0A", "21", "22", "23", "2B", "2F", "3F", "38", "39", "40", "42", "44", "54", "55", "P0");

  /** No free connection, stopping by order or after a crash, starting. */
  private static final Set<String> AWAY_STATES = Set.of("53300", "57P01", "57P02", "57P03");

  private SqlStates() {}

  /** True if the server refuses this log-in for good, and may count the attempts. */
  static boolean isLoginRefusal(SQLException thrown) {
    return stateOf(decisive(thrown)).startsWith("28");
  }

  /** True if the server is a standby or read-only; another connection may reach another server. */
  static boolean isReadOnly(SQLException thrown) {
    return stateOf(decisive(thrown)).equals("25006");
  }

  /** True for a duplicate key. */
  static boolean isDuplicate(SQLException thrown) {
    return stateOf(decisive(thrown)).equals("23505");
  }

  /** True if the server ended the statement, as a rule because of a time limit. */
  static boolean isCancelled(SQLException thrown) {
    return stateOf(decisive(thrown)).equals("57014");
  }

  /** True if another session's lock was waited for in vain. */
  static boolean isLocked(SQLException thrown) {
    return stateOf(decisive(thrown)).equals("55P03");
  }

  /** True if the user has no right to run the statement. */
  static boolean isMissingRight(SQLException thrown) {
    return stateOf(decisive(thrown)).equals("42501");
  }

  /** True if a table or another relation of this name is there already. */
  static boolean isTaken(SQLException thrown) {
    return stateOf(decisive(thrown)).equals("42P07");
  }

  /** True if the table lacks a column that the statement names. */
  static boolean isMissingColumn(SQLException thrown) {
    return stateOf(decisive(thrown)).equals("42703");
  }

  /**
   * True if a table or column differs from what the sink expects, so the schema must be checked.
   */
  static boolean isSchemaError(SQLException thrown) {
    String state = stateOf(decisive(thrown));
    return state.startsWith("42") || state.startsWith("3F");
  }

  /**
   * True if the server refused this statement but would take others: a missing right, table or
   * column, a constraint, a conflict with another transaction, a time limit.
   */
  static boolean isOfStatement(SQLException thrown) {
    SQLException decisive = decisive(thrown);
    String state = stateOf(decisive);
    return serverMessage(decisive) != null
        && (STATEMENT_CLASSES.contains(classOf(state)) || state.equals("57014"));
  }

  /** True if the same statement may succeed a moment later without a fix. */
  static boolean isPassing(SQLException thrown) {
    String state = stateOf(decisive(thrown));
    return state.startsWith("40")
        || state.startsWith("55")
        || state.equals("57014")
        || isOfPartitions(thrown);
  }

  /**
   * True if a row had no partition at that moment, because the partition of its day was being made.
   * The server names the table then, and a constraint only if the user or agentlog made one; what a
   * trigger raises says nothing.
   */
  static boolean isOfPartitions(SQLException thrown) {
    SQLException decisive = decisive(thrown);
    ServerErrorMessage server = serverMessage(decisive);
    if (server == null || !stateOf(decisive).equals(CHECK_VIOLATION)) {
      return false;
    }
    String constraint = server.getConstraint();
    return constraint == null
        ? server.getTable() != null && !RAISE_ROUTINE.equals(server.getRoutine())
        : LeftOverCut.CHECKS.contains(constraint);
  }

  /**
   * True if the server is away, starts, stops or has no free connection: what passes by itself and
   * says nothing about the settings. A host whose name is not known is a wrong setting.
   */
  static boolean isAway(SQLException thrown) {
    SQLException decisive = decisive(thrown);
    String state = stateOf(decisive);
    if (serverMessage(decisive) != null) {
      return AWAY_STATES.contains(state);
    }
    return !hasCause(decisive, UnknownHostException.class)
        && !hasCause(decisive, SSLException.class)
        && (OutageText.isNoneFound(decisive)
            || decisive instanceof SQLTransientConnectionException
            || hasCause(decisive, IOException.class));
  }

  /** Returns the error in a few words, without values. */
  static String shortText(SQLException thrown) {
    SQLException decisive = decisive(thrown);
    return "SQLSTATE %s: %s".formatted(stateOf(decisive), primary(decisive));
  }

  /** True if a table, column or right is missing; a row policy refuses rows and no table. */
  static boolean isOfTable(SQLException thrown) {
    ServerErrorMessage server = serverMessage(decisive(thrown));
    return isSchemaError(thrown)
        && (server == null || !ROW_POLICY_ROUTINE.equals(server.getRoutine()));
  }

  /** True if the server refuses a row for its data, a constraint, a row policy or a trigger. */
  static boolean isOfRow(SQLException thrown) {
    return DATA_CLASSES.contains(classOf(stateOf(decisive(thrown))))
        || isRaised(decisive(thrown))
        || (isSchemaError(thrown) && !isOfTable(thrown));
  }

  /** True for what a user's function raises by itself. */
  private static boolean isRaised(SQLException decisive) {
    ServerErrorMessage server = serverMessage(decisive);
    return stateOf(decisive).startsWith("P0")
        || (server != null && RAISE_ROUTINE.equals(server.getRoutine()));
  }

  /**
   * Returns what the failure of a batch means. The schema was in order just before.
   *
   * @throws EventRefusedException if the server refuses the batch, and would refuse it again
   */
  static SinkUnavailableException failureOfBatch(SQLException thrown, PostgresTarget target)
      throws EventRefusedException {
    EventRefusedException refusal = refusal(thrown, target);
    if (refusal != null) {
      throw refusal;
    }
    return new SinkUnavailableException(
        messageOf(outage(thrown, target, false)), thrown, Suspect.EVENT);
  }

  /** Returns the refusal of a batch, or null if its failure may pass by itself. */
  static @Nullable EventRefusedException refusal(SQLException thrown, PostgresTarget target) {
    SQLException decisive = decisive(thrown);
    String state = stateOf(decisive);
    ServerErrorMessage server = serverMessage(decisive);
    boolean ofData = DATA_CLASSES.contains(classOf(state)); // The driver refuses some data too.
    if ((!ofData && (server == null || PASSING_CLASSES.contains(classOf(state))))
        || isOfPartitions(decisive)) {
      return null;
    }
    String constraint = server == null ? null : server.getConstraint();
    String column = server == null ? null : server.getColumn();
    String place = constraint != null ? " " + constraint : column != null ? " " + column : "";
    String message =
        isOfTable(decisive)
            ? OutageText.sentence(state, decisive, target, false)
            : "SQLSTATE " + state + ": " + primary(decisive);
    return new EventRefusedException(state + place, message, thrown, ofData);
  }

  /**
   * Returns the outage for an error.
   *
   * @param migrating true if the error came while the schema was checked or migrated, which takes
   *     other rights
   */
  static SinkUnavailableException outage(
      SQLException thrown, PostgresTarget target, boolean migrating) {
    SQLException decisive = decisive(thrown);
    String state = stateOf(decisive);
    if (state.startsWith("28")) {
      return new SinkUnavailableException(
          "%s refuses the log-in of user %s (SQLSTATE %s): check agentlog.postgres.user, agentlog.postgres.password and the server's pg_hba.conf"
              .formatted(target.hosts(), target.user(), state),
          thrown,
          AgentDataSource.LOGIN_RETRY_DELAY);
    }
    String sentence =
        isOfPartitions(decisive)
            ? "%s has no partition for a row, or makes one just now, and the row waits for it. If this lasts, java -jar agentlog.jar check says what is missing"
                .formatted(target)
            : OutageText.waiting(decisive, target);
    if (sentence == null) {
      sentence = OutageText.network(decisive, target);
    }
    if (sentence == null) {
      sentence = OutageText.sentence(state, decisive, target, migrating);
    }
    return new SinkUnavailableException(sentence, thrown, Duration.ZERO);
  }

  /** Returns the driver's own exception if the pool has wrapped one, otherwise the outermost. */
  private static SQLException decisive(SQLException thrown) {
    Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    for (Throwable t = thrown; t != null && seen.add(t); t = t.getCause()) {
      if (t instanceof PSQLException driver) {
        return driver;
      }
    }
    return thrown;
  }

  static boolean hasCause(Throwable thrown, Class<? extends Throwable> type) {
    Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    for (Throwable t = thrown; t != null && seen.add(t); t = t.getCause()) {
      if (type.isInstance(t)) {
        return true;
      }
    }
    return false;
  }

  private static String messageOf(SinkUnavailableException outage) {
    return String.valueOf(outage.getMessage());
  }

  static String stateOf(SQLException thrown) {
    String state = thrown.getSQLState();
    return state == null ? "" : state;
  }

  /** Returns the class of a SQLSTATE: its first two characters. */
  private static String classOf(String state) {
    return state.substring(0, Math.min(2, state.length()));
  }

  static @Nullable ServerErrorMessage serverMessage(SQLException thrown) {
    return thrown instanceof PSQLException driver ? driver.getServerErrorMessage() : null;
  }

  /** Returns the server's first line without values, or the driver's message. */
  static String primary(SQLException thrown) {
    return primary(thrown, null);
  }

  static String primary(SQLException thrown, @Nullable PostgresTarget target) {
    ServerErrorMessage server = serverMessage(thrown);
    String message = server == null ? thrown.getMessage() : server.getMessage();
    if (server == null && message != null) { // The driver quotes a URL that it can't read.
      String shorter = target == null ? message : message.replace(target.url(), target.toString());
      message = UrlText.withoutSecrets(shorter);
    }
    String state = stateOf(thrown);
    if (message == null || isRaised(thrown)) {
      return "no text"; // A user's trigger, whose text may quote anything.
    }
    return state.startsWith("22") ? QUOTED.matcher(message).replaceAll("\"…\"") : message;
  }

  /** Returns the message that the database takes no rows, with the remedy. */
  static String readOnly(PostgresTarget target) {
    return "%s is read-only, perhaps a standby: name the primary, or several hosts and targetServerType=primary, in agentlog.postgres.url. If it is the primary, default_transaction_read_only is on for this user or database"
        .formatted(target);
  }

  /** Quotes an identifier for SQL. */
  static String quoted(String identifier) {
    return '"' + identifier.replace("\"", "\"\"") + '"';
  }
}
