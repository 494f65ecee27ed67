package io.agentlog.postgres;

import io.agentlog.log.AgentLog;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;

/**
 * Keeps this JVM's row of {@code agent_instances}, which shows others that it lives. The sweep ends
 * running executions of JVMs that died together with their journals.
 *
 * <pre>
 *  NONE --first write--> HELD --refused--> REFUSED --taken again--> HELD
 *  NONE --refused--> REFUSED      HELD --close--> ended: lease_until is now, the row stays
 * </pre>
 *
 * <p>The database's clock alone decides. An ended row stays for a day, because the sweep reads it:
 * executions whose end this JVM could not deliver are swept a minute later. If its journal delivers
 * the end after that, it replaces the sweep's end by its higher rank.
 *
 * <p>A refused statement is no outage: it is reported once and tried again later. Only an
 * unreachable server is thrown. Not thread-safe: belongs to the sink's thread.
 */
final class InstanceLease {
  static final long RENEWAL_NANOS = 10_000_000_000L;

  /** A lease outlives two renewals that failed. */
  static final int LEASE_SECONDS = 30;

  static final long SWEEP_NANOS = 30_000_000_000L;
  static final long FORGET_NANOS = 3_600_000_000_000L;

  /** Wait before the first sweep, which would do nothing earlier; the database's clock decides. */
  static final long FIRST_SWEEP_NANOS = 125_000_000_000L;

  /** Wait after a refusal, whose cause somebody has to fix. */
  static final long REFUSED_RETRY_NANOS = 600_000_000_000L;

  static final int SWEEP_ROWS_MAX = 1_000;

  private static final int FORGET_ROWS_MAX = 1_000;
  private static final int END_TIMEOUT_MILLIS = 500;
  private static final long LINE_NANOS = 60_000_000_000L;

  /**
   * {@code since} is the start of the unbroken run; renewing a lease that has run out begins a new
   * one.
   */
  static final String RENEW =
      """
      INSERT INTO agent_instances AS i (instance_id, service, since, renewed_at, lease_until)
      VALUES (?, ?, pg_catalog.now(), pg_catalog.now(), pg_catalog.now() + interval '%1$s seconds')
      ON CONFLICT (instance_id) DO UPDATE SET
        since = CASE WHEN i.lease_until < pg_catalog.now() THEN pg_catalog.now() ELSE i.since END,
        renewed_at = pg_catalog.now(), lease_until = pg_catalog.now() + interval '%1$s seconds'"""
          .formatted(LEASE_SECONDS);

  /**
   * Does nothing if the lease has run out, because another JVM may already have ended this one's
   * executions.
   */
  private static final String END =
      """
      UPDATE agent_instances SET renewed_at = pg_catalog.now(), lease_until = pg_catalog.now()
      WHERE instance_id = ? AND lease_until > pg_catalog.now()""";

  /**
   * True for a JVM that has renewed for two minutes without a gap. Only such a JVM may judge
   * others, because all leases look old to a JVM that was suspended, and after the database was
   * down.
   */
  private static final String JUDGES =
      """
      EXISTS (SELECT 1 FROM agent_instances me WHERE me.instance_id = ?
              AND me.lease_until > pg_catalog.now() AND me.since < pg_catalog.now() - interval '2 minutes')""";

  /**
   * Finds running executions of instances whose lease ended over a minute ago. All JVMs sweep the
   * same way, and a row that a sink is writing is left for the next sweep.
   */
  private static final String FIND_LOST =
      """
      SELECT l.execution_id FROM agent_execution_logs l JOIN agent_instances g ON g.instance_id = l.instance_id
      WHERE l.status::text = 'in_progress' AND g.lease_until < pg_catalog.now() - interval '1 minute' AND %s
      LIMIT ? FOR UPDATE OF l SKIP LOCKED"""
          .formatted(JUDGES);

  /**
   * Ends executions that were found. The end is bit 32, the lowest rank, so any other end that
   * comes later replaces it. The keys are parameters, so that the server plans for the partitions
   * that have them, of a table that is partitioned by day.
   */
  private static final String END_LOST =
      """
      UPDATE agent_execution_logs t SET
        seen = t.seen | 32::int2, status = 'failed', completed_at = GREATEST(t.started_at::timestamptz, g.renewed_at),
        duration_us = (extract(epoch FROM GREATEST(t.started_at::timestamptz, g.renewed_at) - t.started_at::timestamptz)::numeric
          * 1000000::numeric)::bigint,
        duration_ms = LEAST(pg_catalog.floor(extract(epoch FROM GREATEST(t.started_at::timestamptz, g.renewed_at)
          - t.started_at::timestamptz)::numeric * 1000::numeric), 2147483647)::integer,
        error_type = 'ExecutionAbandoned', error_message = 'instance gone: its lease was not renewed',
        quality_score = NULL, updated_at = pg_catalog.now()
      FROM agent_instances g
      WHERE t.execution_id = ANY (?) AND g.instance_id = t.instance_id AND t.status::text = 'in_progress'
        AND g.lease_until < pg_catalog.now() - interval '1 minute'""";

  /**
   * Removes rows of instances whose lease ended over a day ago and that have nothing left to sweep.
   */
  static final String FORGET =
      """
      DELETE FROM agent_instances WHERE instance_id IN (
        SELECT i.instance_id FROM agent_instances i
        WHERE i.lease_until < pg_catalog.now() - interval '1 day' AND %s
          AND NOT EXISTS (SELECT 1 FROM agent_execution_logs l
                          WHERE l.instance_id = i.instance_id AND l.status::text = 'in_progress')
        LIMIT ? FOR UPDATE OF i SKIP LOCKED)"""
          .formatted(JUDGES);

  private enum State {
    NONE,
    HELD,
    REFUSED
  }

  private final UUID instanceId;
  private final String service;
  private final PostgresTarget target;
  private final LongSupplier nanoTime;
  private final DoubleSupplier random;

  private State state = State.NONE;
  private long renewAtNanos;
  private long sweepAtNanos;
  private long forgetAtNanos;
  private final StatementLimit sweepLimit = new StatementLimit(SWEEP_ROWS_MAX);
  private boolean sweepRefused;
  private long sweptCount;
  private long sweptLineAtNanos;

  /**
   * Does no I/O.
   *
   * @param service shown to people; nothing depends on it
   * @param nanoTime as {@link System#nanoTime()}
   * @param random from 0.0 to 1.0, so that JVMs that started together don't sweep together
   */
  InstanceLease(
      UUID instanceId,
      String service,
      PostgresTarget target,
      LongSupplier nanoTime,
      DoubleSupplier random) {
    this.instanceId = instanceId;
    this.service = service;
    this.target = target;
    this.nanoTime = nanoTime;
    this.random = random;
  }

  /**
   * False until the first {@link #keep}; no execution may be written before there is a lease for
   * its JVM.
   */
  boolean hasBegun() {
    return state != State.NONE;
  }

  /** True while others see that this JVM lives. */
  boolean isHeld() {
    return state == State.HELD;
  }

  /** True if it is time to call {@link #keep}. */
  boolean isDue() {
    long now = nanoTime.getAsLong();
    return switch (state) {
      case NONE -> false;
      case REFUSED -> now - renewAtNanos >= 0;
      case HELD -> now - renewAtNanos >= 0 || now - sweepAtNanos >= 0 || now - forgetAtNanos >= 0;
    };
  }

  /**
   * Takes or renews the lease, sweeps and forgets, each if it is due and in a transaction of its
   * own. Each step is one statement, so that the sink goes on delivering.
   *
   * @throws SQLException if the server can't be reached or takes no statement now
   */
  void keep(Connection connection) throws SQLException {
    long now = nanoTime.getAsLong();
    if (state == State.NONE || now - renewAtNanos >= 0) {
      renew(connection, now);
    }
    if (state != State.HELD) {
      return;
    }
    if (now - sweepAtNanos >= 0) {
      sweep(connection, now);
    }
    if (now - forgetAtNanos >= 0) {
      forget(connection, now);
    }
  }

  /**
   * Ends the lease at the orderly end of this JVM, so that no other JVM waits until it runs out.
   */
  void end(Connection connection) throws SQLException {
    if (state != State.HELD) {
      return;
    }
    state = State.NONE;
    connection.setNetworkTimeout(Runnable::run, END_TIMEOUT_MILLIS);
    try (PreparedStatement statement = connection.prepareStatement(END)) {
      statement.setObject(1, instanceId);
      statement.executeUpdate();
    }
    connection.commit();
  }

  private void renew(Connection connection, long now) throws SQLException {
    try {
      if (state == State.HELD) {
        StatementLimit.begin(connection); // A lease survives two failed renewals.
      } else {
        WriteLimit.begin(connection);
      }
      try (PreparedStatement statement = connection.prepareStatement(RENEW)) {
        statement.setObject(1, instanceId);
        statement.setString(2, service);
        statement.executeUpdate();
      }
      connection.commit();
      renewAtNanos = now + RENEWAL_NANOS;
      held(now);
    } catch (SQLException e) {
      rollBackIfRefused(connection, e);
      if (SqlStates.isPassing(e)) {
        if (state == State.NONE) {
          throw e; // A lock of a moment must not let rows be written without a lease.
        }
        renewAtNanos = now + RENEWAL_NANOS;
        AgentLog.debug("postgres", "lease not renewed: " + SqlStates.shortText(e));
        return;
      }
      renewAtNanos = now + REFUSED_RETRY_NANOS;
      if (state != State.REFUSED) {
        state = State.REFUSED;
        AgentLog.warn("postgres", UpkeepMessages.noLease(e, target));
      }
    }
  }

  private void held(long now) {
    if (state == State.HELD) {
      return;
    }
    if (state == State.REFUSED) {
      AgentLog.info("postgres", "the lease at " + target + " is kept again");
    }
    state = State.HELD;
    sweepAtNanos = now + FIRST_SWEEP_NANOS + jittered(SWEEP_NANOS) / 2;
    forgetAtNanos = sweepAtNanos;
    sweptLineAtNanos = now;
  }

  private void sweep(Connection connection, long now) throws SQLException {
    int rows = sweepLimit.rows();
    try {
      StatementLimit.begin(connection);
      int count = sweep(connection, instanceId, rows);
      connection.commit();
      sweepLimit.ended(nanoTime.getAsLong() - now);
      sweptCount += count;
      sweepRefused = false;
      sweepAtNanos = count == rows ? now : now + jittered(SWEEP_NANOS);
      if (sweptCount > 0 && count < rows && now - sweptLineAtNanos >= 0) {
        AgentLog.info(
            "postgres", "marked %s executions of dead JVMs as failed".formatted(sweptCount));
        sweptCount = 0;
        sweptLineAtNanos = now + LINE_NANOS;
      }
    } catch (SQLException e) {
      sweepAtNanos = now + jittered(SWEEP_NANOS); // Events go first, whatever it was.
      rollBackIfRefused(connection, e);
      if (SqlStates.isCancelled(e) ? sweepLimit.shrink() : SqlStates.isPassing(e)) {
        return;
      }
      sweepAtNanos = now + REFUSED_RETRY_NANOS;
      if (!sweepRefused) {
        sweepRefused = true;
        AgentLog.warn(
            "postgres",
            "can't mark executions of dead JVMs at %s as failed: %s. They stay in_progress; %s"
                .formatted(
                    target,
                    SqlStates.shortText(e),
                    SqlStates.isCancelled(e)
                        ? "one takes too long: look for a trigger, or for the missing index agent_execution_logs_running"
                        : "allow the update (constraint or trigger)"));
      }
    }
  }

  private void forget(Connection connection, long now) throws SQLException {
    forgetAtNanos = now + jittered(FORGET_NANOS);
    try {
      StatementLimit.begin(connection);
      int count;
      try (PreparedStatement statement = connection.prepareStatement(FORGET)) {
        statement.setObject(1, instanceId);
        statement.setInt(2, FORGET_ROWS_MAX);
        count = statement.executeUpdate();
      }
      connection.commit();
      AgentLog.debug("postgres", "rows of agent_instances removed: " + count);
    } catch (SQLException e) {
      rollBackIfRefused(connection, e); // The rows stay; they are small and few.
      AgentLog.debug("postgres", "old rows of agent_instances stay: " + SqlStates.shortText(e));
    }
  }

  /**
   * Ends running executions of dead JVMs, in the transaction of the caller.
   *
   * @return how many were found, {@code rows} at most
   */
  static int sweep(Connection connection, UUID instanceId, int rows) throws SQLException {
    List<String> lost = lost(connection, instanceId, rows);
    if (!lost.isEmpty()) {
      end(connection, lost);
    }
    return lost.size();
  }

  /** Runs the statements of a sweep for no row, so that the server says whether it takes them. */
  static void tryOn(Connection connection, UUID instanceId) throws SQLException {
    end(connection, lost(connection, instanceId, 0));
  }

  private static List<String> lost(Connection connection, UUID instanceId, int rows)
      throws SQLException {
    List<String> lost = new ArrayList<>();
    try (PreparedStatement find = connection.prepareStatement(FIND_LOST)) {
      find.setObject(1, instanceId);
      find.setInt(2, rows);
      try (ResultSet row = find.executeQuery()) {
        while (row.next()) {
          lost.add(row.getString(1));
        }
      }
    }
    return lost;
  }

  private static void end(Connection connection, List<String> lost) throws SQLException {
    try (PreparedStatement end = connection.prepareStatement(END_LOST)) {
      end.setArray(1, connection.createArrayOf("uuid", lost.toArray()));
      end.executeUpdate();
    }
  }

  /** Rolls back after a refused statement; rethrows an error of the server. */
  private static void rollBackIfRefused(Connection connection, SQLException e) throws SQLException {
    if (!SqlStates.isOfStatement(e)) {
      throw e;
    }
    connection.rollback();
  }

  /** Returns three to five quarters of {@code nanos}. */
  private long jittered(long nanos) {
    return (long) (nanos * (0.75 + random.getAsDouble() / 2));
  }
}
