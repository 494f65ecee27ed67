package io.agentlog.postgres;

import io.agentlog.log.AgentLog;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.UUID;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;

/**
 * This JVM's row of {@code agent_instances}, by which others know that it lives; and the sweep, by
 * which it ends what others have left running whose journal went with them.
 *
 * <pre>
 *  NONE --first write--> HELD --refused--> REFUSED --taken again--> HELD
 *  NONE --refused--> REFUSED      HELD --close--> ended: lease_until is now, the row stays
 * </pre>
 *
 * <p>All times that count are the database's. A row that is ended stays for a day, since it is what
 * the sweep goes by: executions whose end this JVM could not deliver any more are swept a minute
 * later, and the end that its journal brings, if it does, replaces that of the sweep by its rank.
 *
 * <p>Never an outage by itself: what the server says of these statements is reported once and tried
 * again later; only a server that can't be reached is thrown. Not thread-safe: the sink's thread
 * alone.
 */
final class InstanceLease {
  static final long RENEWAL_NANOS = 10_000_000_000L;
  static final long SWEEP_NANOS = 30_000_000_000L;
  static final long FORGET_NANOS = 3_600_000_000_000L;

  /** Until then the statement would do nothing; the statement decides, by the database's clock. */
  static final long FIRST_SWEEP_NANOS = 125_000_000_000L;

  /** After a refusal, which somebody has to mend. */
  static final long REFUSED_RETRY_NANOS = 600_000_000_000L;

  static final int SWEEP_ROWS_MAX = 2_000;

  private static final int FORGET_ROWS_MAX = 1_000;
  private static final int END_TIMEOUT_MILLIS = 500;
  private static final long LINE_NANOS = 60_000_000_000L;

  /** {@code since} is the start of the unbroken run: a lease that had run out begins a new one. */
  static final String RENEW =
      """
      INSERT INTO agent_instances AS i (instance_id, service, since, renewed_at, lease_until)
      VALUES (?, ?, now(), now(), now() + interval '30 seconds')
      ON CONFLICT (instance_id) DO UPDATE SET
        since = CASE WHEN i.lease_until < now() THEN now() ELSE i.since END,
        renewed_at = now(), lease_until = now() + interval '30 seconds'""";

  /** Not after its time: the JVM may have been stopped for long, and swept. */
  private static final String END =
      """
      UPDATE agent_instances SET renewed_at = now(), lease_until = now()
      WHERE instance_id = ? AND lease_until > now()""";

  /**
   * Only whoever has renewed for two minutes without a gap may judge others: a JVM that was stopped
   * itself, or a database that was, makes all leases look old.
   */
  private static final String JUDGES =
      """
      EXISTS (SELECT 1 FROM agent_instances me WHERE me.instance_id = ?
              AND me.lease_until > now() AND me.since < now() - interval '2 minutes')""";

  /**
   * Ends running executions of instances whose lease ended over a minute ago. The end is bit 32,
   * the lowest rank: any other that comes later replaces it. Every sweeper writes the same, and a
   * row that a sink is writing right now is left for the next sweep.
   */
  static final String SWEEP =
      """
      WITH gone AS (
        SELECT i.instance_id, i.renewed_at FROM agent_instances i
        WHERE i.lease_until < now() - interval '1 minute' AND %s
      ), lost AS (
        SELECT l.execution_id, GREATEST(l.started_at, g.renewed_at) AS ended_at
        FROM agent_execution_logs l JOIN gone g ON g.instance_id = l.instance_id
        WHERE l.status = 'in_progress'
        LIMIT %d FOR UPDATE OF l SKIP LOCKED
      )
      UPDATE agent_execution_logs t SET
        seen = t.seen | 32, status = 'failed', completed_at = lost.ended_at,
        duration_us = (extract(epoch FROM lost.ended_at - t.started_at) * 1000000)::bigint,
        duration_ms = LEAST(floor(extract(epoch FROM lost.ended_at - t.started_at) * 1000), 2147483647)::integer,
        error_type = 'ExecutionAbandoned', error_message = 'instance gone: its lease was not renewed',
        quality_score = NULL, updated_at = now()
      FROM lost WHERE t.execution_id = lost.execution_id"""
          .formatted(JUDGES, SWEEP_ROWS_MAX);

  /** Removes rows of instances that have long been gone and have nothing left to sweep. */
  static final String FORGET =
      """
      DELETE FROM agent_instances WHERE instance_id IN (
        SELECT i.instance_id FROM agent_instances i
        WHERE i.lease_until < now() - interval '1 day' AND %s
          AND NOT EXISTS (SELECT 1 FROM agent_execution_logs l
                          WHERE l.instance_id = i.instance_id AND l.status = 'in_progress')
        LIMIT %d FOR UPDATE OF i SKIP LOCKED)"""
          .formatted(JUDGES, FORGET_ROWS_MAX);

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
  private boolean sweepRefused;
  private long sweptCount;
  private long sweptLineAtNanos;

  /**
   * Does no I/O.
   *
   * @param service shown to people, nothing goes by it
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

  /** False until the first write: a row may only be written once there is a lease for it. */
  boolean hasBegun() {
    return state != State.NONE;
  }

  /** True if {@link #keep} has something to do. */
  boolean isDue() {
    long now = nanoTime.getAsLong();
    return switch (state) {
      case NONE -> false;
      case REFUSED -> now - renewAtNanos >= 0;
      case HELD -> now - renewAtNanos >= 0 || now - sweepAtNanos >= 0 || now - forgetAtNanos >= 0;
    };
  }

  /**
   * Takes the lease or renews it, and sweeps and forgets, whatever is due; each in a transaction of
   * its own. One statement's worth of rows a call, so that the sink goes on delivering meanwhile.
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

  /** Ends the lease, so that nobody waits for it to run out. At the orderly end of this JVM. */
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
          throw e; // No row without a lease only because a table was locked for a moment.
        }
        renewAtNanos = now + RENEWAL_NANOS; // Of three renewals two may fail.
        AgentLog.debug("postgres", "lease not renewed: " + SqlStates.shortText(e));
        return;
      }
      renewAtNanos = now + REFUSED_RETRY_NANOS;
      if (state != State.REFUSED) {
        state = State.REFUSED;
        AgentLog.warn("postgres", SqlStates.noLease(e, target));
      }
    }
  }

  private void held(long now) {
    if (state == State.HELD) {
      return;
    }
    if (state == State.REFUSED) {
      AgentLog.info("postgres", "a lease is kept at " + target + " from now on");
    }
    state = State.HELD;
    sweepAtNanos = now + FIRST_SWEEP_NANOS + jittered(SWEEP_NANOS) / 2;
    forgetAtNanos = sweepAtNanos;
    sweptLineAtNanos = now;
  }

  private void sweep(Connection connection, long now) throws SQLException {
    try {
      int count = update(connection, SWEEP);
      sweptCount += count;
      sweepRefused = false;
      sweepAtNanos = count == SWEEP_ROWS_MAX ? now : now + jittered(SWEEP_NANOS);
      if (sweptCount > 0 && count < SWEEP_ROWS_MAX && now - sweptLineAtNanos >= 0) {
        AgentLog.info(
            "postgres",
            "ended %d executions that JVMs which are gone had left in progress"
                .formatted(sweptCount));
        sweptCount = 0;
        sweptLineAtNanos = now + LINE_NANOS;
      }
    } catch (SQLException e) {
      rollBackIfRefused(connection, e);
      boolean passing = SqlStates.isPassing(e);
      sweepAtNanos = now + (passing ? jittered(SWEEP_NANOS) : REFUSED_RETRY_NANOS);
      if (!passing && !sweepRefused) {
        sweepRefused = true;
        AgentLog.warn(
            "postgres",
            "executions that JVMs which are gone left in progress at %s can't be ended from here: %s"
                .formatted(target, SqlStates.shortText(e)));
      }
    }
  }

  private void forget(Connection connection, long now) throws SQLException {
    forgetAtNanos = now + jittered(FORGET_NANOS);
    try {
      int count = update(connection, FORGET);
      AgentLog.debug("postgres", "rows of agent_instances removed: " + count);
    } catch (SQLException e) {
      rollBackIfRefused(
          connection, e); // Without the right to delete the rows stay: small, and few.
      AgentLog.debug("postgres", "old rows of agent_instances stay: " + SqlStates.shortText(e));
    }
  }

  private int update(Connection connection, String sql) throws SQLException {
    int count;
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setObject(1, instanceId);
      count = statement.executeUpdate();
    }
    connection.commit();
    return count;
  }

  /** Throws what says more about the server than about the statement. */
  private static void rollBackIfRefused(Connection connection, SQLException e) throws SQLException {
    if (!SqlStates.isOfStatement(e)) {
      throw e;
    }
    connection.rollback();
  }

  /** Three to five quarters of it. */
  private long jittered(long nanos) {
    return (long) (nanos * (0.75 + random.getAsDouble() / 2));
  }
}
