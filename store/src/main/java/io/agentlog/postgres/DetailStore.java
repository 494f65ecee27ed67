package io.agentlog.postgres;

import io.agentlog.config.Config;
import io.agentlog.config.Options;
import io.agentlog.event.Event;
import io.agentlog.sink.EventRefusedException;
import io.agentlog.sink.SinkUnavailableException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
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

  private static final String PRESENT =
      """
      SELECT n.name FROM pg_catalog.unnest(?::text[]) AS n(name)
      JOIN pg_catalog.pg_class c ON c.oid = pg_catalog.to_regclass(n.name)::oid AND c.relkind IN ('r', 'p')
      WHERE pg_catalog.to_regclass(?) IS NOT NULL AND pg_catalog.has_table_privilege(c.oid, 'INSERT, DELETE')\
      """;

  private final PostgresTarget target;
  private final Migrations migrations;
  private final LongSupplier nanoTime;
  private boolean isReady;
  private @Nullable String refusal;
  private long refusedNanos;

  /** True if an application with these options may record details. */
  static boolean mayCome(Config config) {
    return config.get(Options.TRACEABILITY)
        || config.get(Options.FILES)
        || !config.get(Options.FRAMEWORKS).strip().equalsIgnoreCase("off");
  }

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
        "prompts, file operations, used knowledge and calls of models wait: " + refusal,
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

  /**
   * Returns the tables of details that are there, known to be agentlog's, and this user's to fill
   * or to empty. An older agentlog has not made all of them, and a user who records no details has
   * no rights on them.
   */
  static Set<String> present(Connection connection) throws SQLException {
    Set<String> present = new LinkedHashSet<>();
    try (PreparedStatement statement = connection.prepareStatement(PRESENT)) {
      statement.setArray(1, connection.createArrayOf("text", Track.DETAILS.names().toArray()));
      statement.setString(2, Track.DETAILS.versionTable());
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          present.add(rows.getString(1));
        }
      }
    }
    return present;
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
