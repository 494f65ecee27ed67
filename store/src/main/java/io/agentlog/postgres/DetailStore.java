package io.agentlog.postgres;

import static java.util.stream.Collectors.joining;

import io.agentlog.event.Event;
import io.agentlog.sink.EventRefusedException;
import io.agentlog.sink.SinkUnavailableException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The tables of details of a sink: looked for, or made, when the first detail comes. Details for
 * which there are no tables are refused, so that they are parked and the executions of their batch
 * are delivered. A lock that is not free is an outage, since it passes.
 *
 * <p>Not thread-safe: belongs to the sink's thread.
 */
final class DetailStore {
  /** Time after which tables that are missing are looked for again. */
  static final long RETRY_NANOS = TimeUnit.MINUTES.toNanos(1);

  /** The same text for the same cause; see {@link EventRefusedException#reason}. */
  private static final String REASON = "no tables of details";

  private final PostgresTarget target;
  private final Migrations migrations;
  private final LongSupplier nanoTime;
  private boolean isReady;
  private @Nullable String refusal;
  private long refusedNanos;

  /** Does no I/O; the parameters are those of {@link Migrations}. */
  DetailStore(PostgresTarget target, LongSupplier nanoTime, DoubleSupplier random) {
    this.target = target;
    this.nanoTime = nanoTime;
    this.migrations = new Migrations(target, Track.DETAILS, nanoTime, random);
  }

  /**
   * Makes sure of the tables, as {@code postgres.schema} says. Leaves no transaction open.
   *
   * @return what they demand of values; null if they are not usable, see {@link #refusal}
   * @throws SinkUnavailableException if that passes by itself
   */
  @Nullable DetailLimits prepare(Connection connection)
      throws SQLException, SinkUnavailableException {
    if (isReady) {
      return migrations.limits();
    }
    if (refusal == null || nanoTime.getAsLong() - refusedNanos >= RETRY_NANOS) {
      look(connection);
    }
    return refusal == null ? migrations.limits() : null;
  }

  /**
   * Returns the refusal of the details among events that were offered, by name, so that nobody has
   * to look for them; the others were delivered.
   */
  EventRefusedException refusal(List<Event> offered) {
    return new EventRefusedException(
        REASON,
        "prompts, file operations and used knowledge wait: " + refusal,
        null,
        offered.stream().filter(event -> event.type().isDetail()).toList());
  }

  private void look(Connection connection) throws SQLException, SinkUnavailableException {
    try {
      migrations.prepare(connection);
      isReady = true;
      refusal = null;
    } catch (SinkUnavailableException e) {
      if (migrations.isLockedOut()) {
        throw e;
      }
      refuse(String.valueOf(e.getMessage()));
    } catch (SQLException e) {
      if (!SqlStates.isSchemaError(e)) {
        throw e;
      }
      connection.rollback();
      refuse(String.valueOf(SqlStates.outage(e, target, true).getMessage()));
    }
  }

  /** Refuses details for a while, because their tables can't be written. */
  void refuse(String why) {
    isReady = false;
    refusal = why;
    refusedNanos = nanoTime.getAsLong();
  }

  /** True if the tables of details are there and known to be agentlog's. */
  static boolean areThere(Connection connection) throws SQLException {
    return MigrationRun.number(
            connection,
            "SELECT 1 WHERE pg_catalog.to_regclass('%s') IS NOT NULL AND %s"
                .formatted(
                    Track.DETAILS.versionTable(),
                    Track.DETAILS.names().stream()
                        .map(name -> "pg_catalog.to_regclass('" + name + "') IS NOT NULL")
                        .collect(joining(" AND "))))
        != null;
  }

  /** Looks at the tables again before the next detail. */
  void forget() {
    isReady = false;
  }

  /** Returns the indexes that the tables are missing; none before the first detail. */
  List<Script.Step> missingIndexes() {
    return migrations.missingIndexes();
  }
}
