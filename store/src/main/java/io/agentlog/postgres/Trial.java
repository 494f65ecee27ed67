package io.agentlog.postgres;

import io.agentlog.event.End;
import io.agentlog.event.Event;
import io.agentlog.event.EventHeader;
import io.agentlog.event.FileOperationType;
import io.agentlog.event.Identifier;
import io.agentlog.event.ModelCallValues;
import io.agentlog.event.Status;
import io.agentlog.event.TokenCounts;
import io.agentlog.event.UsageTotals;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Runs each statement of the sink once, on rows that nobody else has, so that triggers, policies,
 * constraints and generated columns of the user's have their say. Leaves the transaction to be
 * rolled back. Triggers that reach out of the database are the only ones to notice.
 */
final class Trial {
  private static final UUID INSTANCE = UUID.randomUUID();
  private static final int TABLES = 3;
  private static final int DETAIL_TABLES = 4;
  private static final String AGENT = "agentlog check";
  private static final Map<String, Object> METADATA = Map.of("trial", "\u00e4 \u20ac");
  private static final TokenCounts TOKENS = new TokenCounts(2L, 1L, 1L, 1L, 1L);
  private static final UsageTotals TOTALS = new UsageTotals("trial", 1, 1, TOKENS, 1L, "USD");

  private final Connection connection;

  /** {@code connection} is at the start of a transaction. */
  Trial(Connection connection) {
    this.connection = connection;
  }

  /**
   * Inserts rows and merges into them, then does what keeps the tables tidy, for no row.
   *
   * @param limits of the tables of details; null leaves these tables out
   * @return false if the server took a row and did not store it, as a trigger or a rule may
   * @throws SQLException if the server refuses a statement
   */
  boolean run(boolean keepsLease, boolean reports, boolean prunes, @Nullable DetailLimits limits)
      throws SQLException {
    StatementLimit.begin(connection);
    if (keepsLease) {
      lease();
    }
    if (keepsLease && reports) {
      report();
    }
    List<Event> whole = events(true);
    Batch begun = Batch.of(whole.subList(0, whole.size() - 1));
    int stored =
        Tables.NEW_EXECUTIONS.execute(connection, begun.rows())
            + Tables.NEW_PROGRESS.execute(connection, begun.progress())
            + Tables.NEW_DECISIONS.execute(connection, begun.decisions());
    // A replay that adds the end, and an end whose start comes later.
    for (Batch again : List.of(Batch.of(whole), Batch.of(events(false)))) {
      Tables.EXECUTIONS.execute(connection, again.rows());
      Tables.PROGRESS.execute(connection, again.progress());
      Tables.DECISIONS.execute(connection, again.decisions());
    }
    boolean storedDetails = limits == null || details(limits);
    if (prunes) {
      Retention.tryOn(connection, limits == null ? Set.of() : Set.copyOf(Track.DETAILS.names()));
    }
    return stored == TABLES && storedDetails;
  }

  /** Inserts a row of each kind; a file's hash comes before its operation and after it. */
  private boolean details(DetailLimits limits) throws SQLException {
    UUID execution = UUID.randomUUID();
    String hash = "0".repeat(64);
    UUID operation = UUID.randomUUID();
    EventHeader header = header(execution, 2);
    Event prompt =
        new Event.Prompt(header, UUID.randomUUID(), "trial", 5, hash, "trial", 5, hash, METADATA);
    Event changed =
        new Event.FileOperation(
            header,
            operation,
            FileOperationType.EDIT,
            "/trial/trial.txt",
            hash,
            1L,
            1L,
            1L,
            hash,
            "trial",
            true,
            null,
            null,
            1_000L,
            METADATA,
            METADATA);
    Event hashed = new Event.FileHash(header, operation, hash, hash, 1L, METADATA);
    Event used =
        new Event.IntelligenceUsage(
            header,
            UUID.randomUUID(),
            "pattern",
            "postgres",
            Identifier.of(operation),
            "trial",
            "trial",
            "trial",
            0.5,
            "trial",
            "trial",
            1_000L,
            1,
            true,
            true,
            0.5,
            METADATA);
    Event call =
        new Event.ModelCall(
            header,
            null,
            new ModelCallValues(
                "trial", "trial", "trial", "trial", true, 1, 1, TOKENS, "trial", "Trial", "trial",
                1L, "USD", "trial", TOTALS, METADATA));
    Batch first = Batch.of(List.of(prompt, hashed, used, call)).fit(limits);
    int stored = first.details().write(connection);
    Batch.of(List.of(prompt, changed, used, call)).fit(limits).details().write(connection);
    return stored == DETAIL_TABLES;
  }

  private void lease() throws SQLException {
    try (PreparedStatement renew = connection.prepareStatement(InstanceLease.RENEW)) {
      renew.setObject(1, INSTANCE);
      renew.setString(2, AGENT);
      renew.executeUpdate();
    }
    InstanceLease.tryOn(connection, INSTANCE);
  }

  private void report() throws SQLException {
    try (PreparedStatement write = connection.prepareStatement(InstanceReport.WRITE)) {
      write.setString(1, "{}");
      write.setObject(2, INSTANCE);
      write.executeUpdate();
    }
  }

  /** Returns all events of an execution, or a failed end alone. */
  private static List<Event> events(boolean whole) {
    UUID id = UUID.randomUUID();
    List<Event> events = new ArrayList<>();
    if (whole) {
      String prompt = "\u00e4 \u20ac \u6f22";
      String hash = "0".repeat(64);
      events.add(
          new Event.Started(
              header(id, 1),
              Event.Kind.METHOD,
              prompt,
              5,
              hash,
              "/trial",
              "trial",
              "c",
              "t",
              id,
              id,
              "0",
              "0",
              METADATA));
      events.add(new Event.Progress(header(id, 2), "trial", 50, METADATA, METADATA, TOTALS));
      events.add(
          new Event.RoutingDecision(
              header(id, 3),
              UUID.randomUUID(),
              prompt,
              hash,
              AGENT,
              0.5,
              "trial",
              0.5,
              0.5,
              0.5,
              0.5,
              List.of(AGENT),
              prompt,
              1,
              false));
      events.add(
          new Event.Completed(
              header(id, 4), Status.SUCCESS, End.COMPLETED, null, null, 0.5, METADATA, 1L, TOTALS));
    } else {
      events.add(
          new Event.Completed(
              header(id, 1), Status.FAILED, End.COMPLETED, "Trial", "trial", null, Map.of()));
    }
    return events;
  }

  private static EventHeader header(UUID id, int seq) {
    Identifier own = Identifier.of(id);
    return new EventHeader(
        id, seq, System.currentTimeMillis() * 1_000, 1_000_000L, AGENT, own, own, INSTANCE);
  }

  /** Returns a setting of the session. */
  static String setting(Connection connection, String name) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SHOW " + name)) {
      row.next();
      return row.getString(1);
    }
  }
}
