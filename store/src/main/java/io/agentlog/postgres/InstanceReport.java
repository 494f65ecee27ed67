package io.agentlog.postgres;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.agentlog.log.AgentLog;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.UUID;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Writes what the agent says of itself into this JVM's row of {@code agent_instances}, as often as
 * the lease is renewed. A text that has not changed is written seldom, because each write is a new
 * version of the row.
 *
 * <p>A statement of its own, after the lease's: whatever refuses the report, the lease is kept. A
 * refusal is reported once and tried again later. Only an unreachable server is thrown. Not
 * thread-safe: belongs to the sink's thread.
 */
final class InstanceReport {
  /** Longest text in bytes; a longer one is not written. */
  static final int BYTES_MAX = 16_384;

  /** Interval of writing a text that has not changed, which shows that it still holds. */
  static final long UNCHANGED_NANOS = 60_000_000_000L;

  /** The database's clock says when, as for all times of the row. */
  static final String WRITE =
      """
      UPDATE agent_instances
      SET report = ?::jsonb || pg_catalog.jsonb_build_object('reported_at'::text, pg_catalog.now())
      WHERE instance_id = ?""";

  private final UUID instanceId;
  private final Supplier<@Nullable String> source;
  private final PostgresTarget target;
  private final LongSupplier nanoTime;

  private long lookAtNanos;
  private long writtenNanos;
  private @Nullable String written;
  private boolean isRefused;
  private boolean lacksColumn;

  /**
   * Does no I/O.
   *
   * @param source returns a JSON object, or null if there is none yet; called on the sink's thread,
   *     so it must not wait
   * @param nanoTime as {@link System#nanoTime()}
   */
  InstanceReport(
      UUID instanceId,
      Supplier<@Nullable String> source,
      PostgresTarget target,
      LongSupplier nanoTime) {
    this.instanceId = instanceId;
    this.source = source;
    this.target = target;
    this.nanoTime = nanoTime;
    this.lookAtNanos = nanoTime.getAsLong();
  }

  /** True if it is time to call {@link #write}. */
  boolean isDue() {
    long now = nanoTime.getAsLong();
    if (now - lookAtNanos < 0) {
      return false;
    }
    if (text(now) != null) {
      return true;
    }
    lookAtNanos = now + InstanceLease.RENEWAL_NANOS;
    return false;
  }

  /** True after a {@link #write} that failed because the table has no column for the report. */
  boolean lacksColumn() {
    return lacksColumn;
  }

  /**
   * Writes the report in a transaction of its own.
   *
   * @throws SQLException if the server can't be reached or takes no statement now
   */
  void write(Connection connection) throws SQLException {
    long now = nanoTime.getAsLong();
    String text = text(now);
    lookAtNanos = now + InstanceLease.RENEWAL_NANOS;
    if (text == null) {
      return;
    }
    lacksColumn = false;
    try {
      StatementLimit.begin(connection);
      try (PreparedStatement statement = connection.prepareStatement(WRITE)) {
        statement.setString(1, text);
        statement.setObject(2, instanceId);
        statement.executeUpdate();
      }
      connection.commit();
      written = text;
      writtenNanos = now;
      isRefused = false;
    } catch (SQLException e) {
      if (!SqlStates.isOfStatement(e)) {
        throw e;
      }
      connection.rollback();
      refused(e, now);
    }
  }

  /** Writes the report of the orderly end, unless reports were refused. */
  void writeLast(Connection connection) throws SQLException {
    if (!isRefused) {
      write(connection);
    }
  }

  private void refused(SQLException e, long now) {
    if (SqlStates.isPassing(e)) {
      AgentLog.debug("postgres", "report not written: " + SqlStates.shortText(e));
      return;
    }
    lacksColumn = SqlStates.isMissingColumn(e);
    lookAtNanos = now + InstanceLease.REFUSED_RETRY_NANOS;
    if (!isRefused) {
      isRefused = true;
      AgentLog.info("postgres", UpkeepMessages.noReport(e, target));
    }
  }

  /** Returns the text that is to be written now; null if there is none. */
  private @Nullable String text(long now) {
    String text = source.get();
    if (text == null
        || (text.equals(written) && now - writtenNanos < UNCHANGED_NANOS)
        || text.getBytes(UTF_8).length > BYTES_MAX) {
      return null;
    }
    return text;
  }
}
