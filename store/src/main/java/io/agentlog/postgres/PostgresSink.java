package io.agentlog.postgres;

import io.agentlog.config.Config;
import io.agentlog.config.SinkChoice;
import io.agentlog.event.Event;
import io.agentlog.log.AgentLog;
import io.agentlog.sink.BatchLimits;
import io.agentlog.sink.EventRefusedException;
import io.agentlog.sink.Sink;
import io.agentlog.sink.SinkUnavailableException;
import io.agentlog.sink.SinkUnavailableException.Suspect;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Writes executions, their progress, routing decisions and details to PostgreSQL. A batch is one
 * transaction; the halves of a large batch are two transactions at the same time. Events are joined
 * per execution, sorted by ID so that writers never deadlock, and sent as one statement for each
 * table. Writing a batch again changes nothing.
 *
 * <p>The first write opens the pool and checks the schema. The schema is checked again after an
 * error that a change of the schema may cause or fix.
 */
public final class PostgresSink implements Sink {
  private final PostgresTarget target;
  private final ConnectionPool pool;
  private final Migrations migrations;
  private final DetailStore details;
  private final @Nullable Upkeep upkeep;
  private final SecondConnection second;
  private final IndexBuild indexes;
  private boolean schemaReady;
  private Written written = new Written(0, 0, 0);

  /**
   * False from an error to the next success, so that {@link #close} doesn't wait for a database
   * that is down.
   */
  private boolean up;

  /**
   * A sink without a lease, for journals of dead JVMs. Reads the settings {@code postgres.*}; does
   * nothing else.
   */
  public PostgresSink(Config config) {
    this(PostgresTarget.of(config), null, System::nanoTime);
  }

  /**
   * A sink for the journal of this JVM, which keeps the JVM's lease from the first write on. Reads
   * the settings {@code postgres.*}; does nothing else.
   *
   * @param service name of this service, shown in {@code agent_instances}
   * @param report returns what the agent says of itself, a small JSON object, or null if there is
   *     nothing to say yet; called on the sink's thread, so it must not wait
   */
  public PostgresSink(
      Config config, UUID instanceId, String service, Supplier<@Nullable String> report) {
    this(config, instanceId, service, report, System::nanoTime);
  }

  PostgresSink(Config config, UUID instanceId, String service, LongSupplier nanoTime) {
    this(config, instanceId, service, () -> null, nanoTime);
  }

  PostgresSink(
      Config config,
      UUID instanceId,
      String service,
      Supplier<@Nullable String> report,
      LongSupplier nanoTime) {
    this(PostgresTarget.of(config), instanceId, service, report, config, nanoTime);
  }

  private PostgresSink(
      PostgresTarget target,
      UUID instanceId,
      String service,
      Supplier<@Nullable String> report,
      Config config,
      LongSupplier nanoTime) {
    this(
        target,
        Upkeep.of(config, target, instanceId, service, report, nanoTime, PostgresSink::random),
        nanoTime);
  }

  private PostgresSink(PostgresTarget target, @Nullable Upkeep upkeep, LongSupplier nanoTime) {
    this.target = target;
    this.upkeep = upkeep;
    pool = new ConnectionPool(target);
    migrations = new Migrations(target, nanoTime, PostgresSink::random);
    details = new DetailStore(target, nanoTime, PostgresSink::random);
    indexes = new IndexBuild(target, nanoTime);
    second = new SecondConnection(pool);
  }

  @Override
  public String name() {
    return SinkChoice.POSTGRES;
  }

  /**
   * Waits for more events, because an execution whose events arrive together is one row, written
   * once.
   */
  @Override
  public BatchLimits batchLimits() {
    return BatchLimits.COALESCING;
  }

  @Override
  public String target() {
    return target.toString();
  }

  @Override
  public String fingerprint() {
    return target.fingerprint();
  }

  @Override
  public boolean isSameTarget(String other) {
    return target.hasFingerprint(other);
  }

  @Override
  public void write(List<Event> events) throws SinkUnavailableException, EventRefusedException {
    if (!target.isUsable()) {
      throw new SinkUnavailableException(target.notUsable(), null);
    }
    Batch batch = batchOf(events);
    up = false;
    try (Connection connection = pool.borrow()) {
      makeReady(connection);
      boolean isWhole = offerWithDetails(batch, connection);
      up = true;
      if (!isWhole) {
        throw details.refusal(events);
      }
    } catch (EventRefusedException e) {
      up = true; // It answered.
      throw e;
    } catch (SQLException e) {
      boolean migrating = !schemaReady;
      forgetSchemaAfter(e);
      throw SqlStates.outage(e, target, migrating);
    } catch (RuntimeException e) {
      throw unusable(e, Suspect.BACKEND);
    } catch (Error e) {
      pool.discard(); // Without memory, say, the pool may count the connection as lent for ever.
      throw e;
    }
  }

  /**
   * Writes each batch in one transaction over one connection, because the caller has other sinks at
   * work beside this one. Called before the first write.
   */
  public void useOneConnection() {
    second.turnOff();
  }

  /**
   * Expects events that were written before, for a minute: they are merged at once. Without it the
   * first of them costs a failed insert, and a line in the server's log.
   */
  public void expectReplay() {
    second.expectReplay();
  }

  /** Returns the tables of a fleet's connector, over this sink's connection. */
  public FleetTables fleetTables(String fleet, String heartbeats) {
    return new FleetTables(fleet, heartbeats, target, pool, System::nanoTime, PostgresSink::random);
  }

  /**
   * Connects and checks the schema, as the first write does, so that a caller learns early that it
   * can't write.
   */
  public void connect() throws SinkUnavailableException {
    try {
      write(List.of());
    } catch (EventRefusedException e) {
      throw new IllegalStateException("no event was written", e);
    }
  }

  /**
   * Returns the result of the last {@link #write} that was successful, or that refused only the
   * events which its exception names.
   */
  public Written written() {
    return written;
  }

  @Override
  public boolean maintain() throws SinkUnavailableException {
    if (indexes.advance()) {
      schemaReady = false; // What was made is recorded with the next write.
      details.forget();
    }
    if (upkeep == null) {
      return false;
    }
    Upkeep.Due due = upkeep.due(schemaReady);
    if (due.isNothing()) {
      return false;
    }
    up = false;
    try (Connection connection = pool.borrow()) {
      keepUp(upkeep, due, connection);
      up = true;
      return true;
    } catch (SQLException e) {
      throw SqlStates.outage(e, target, false);
    } catch (RuntimeException e) {
      throw unusable(e, Suspect.BACKEND);
    } catch (Error e) {
      pool.discard();
      throw e;
    }
  }

  @Override
  public void close() {
    try {
      endLease();
    } finally { // Threads and connections end, even if there is no memory for the rest.
      closeParts();
    }
  }

  private void endLease() {
    try {
      if (upkeep != null && up) {
        try (Connection connection = pool.borrow()) {
          upkeep.end(connection);
        }
      }
    } catch (SQLException | RuntimeException e) { // The lease runs out by itself.
      AgentLog.debug("postgres", "can't end the lease: " + e.getClass().getSimpleName());
    }
  }

  private void closeParts() {
    try {
      indexes.close();
      if (upkeep != null) {
        upkeep.close();
      }
      second.close();
      pool.close();
    } catch (RuntimeException e) {
      AgentLog.debug("postgres", "can't close the pool: " + e.getClass().getSimpleName());
    }
  }

  /**
   * Groups events by table. An event that can't be converted to a row is refused, so that it is
   * parked and doesn't block the others.
   */
  private static Batch batchOf(List<Event> events) throws EventRefusedException {
    try {
      return Batch.of(events);
    } catch (RuntimeException e) { // No message: it may quote the event.
      String type = e.getClass().getSimpleName();
      throw new EventRefusedException(type, "the event can't be converted to a row: " + type, e);
    }
  }

  private void makeReady(Connection connection) throws SQLException, SinkUnavailableException {
    try {
      if (!schemaReady) {
        migrations.prepare(connection);
        if (upkeep != null && upkeep.prunes()) {
          upkeep.setDetails(DetailStore.present(connection));
          connection.commit();
        }
        needIndexes();
        schemaReady = true; // Last: an error before, such as no memory, leaves it all to be done.
      }
      if (upkeep != null) {
        upkeep.begin(connection);
      }
    } catch (SQLException e) {
      pool.evictIfReadOnly(connection, e);
      throw e;
    }
  }

  /** Returns what the tables of details demand of values; null if details can't be written. */
  private @Nullable DetailLimits prepareDetails(Connection connection)
      throws SQLException, SinkUnavailableException {
    try {
      DetailLimits limits = details.prepare(connection);
      if (upkeep != null && limits != null) {
        upkeep.setDetails(Set.copyOf(Track.DETAILS.names()));
      }
      needIndexes();
      return limits;
    } catch (SQLException e) {
      pool.evictIfReadOnly(connection, e);
      throw e;
    }
  }

  /** Writes a batch; false if without its details, because their tables can't be written. */
  private boolean offerWithDetails(Batch batch, Connection connection)
      throws SQLException, SinkUnavailableException, EventRefusedException {
    if (batch.details().isEmpty()) {
      offer(batch, connection);
      return true;
    }
    DetailLimits limits = prepareDetails(connection);
    if (limits != null) {
      try {
        written = second.write(batch.fit(limits), connection);
        return true;
      } catch (SQLException e) {
        if (!SqlStates.isOfTable(e)) {
          throw failed(e, connection);
        }
        connection.rollback();
        details.refuse(String.valueOf(SqlStates.outage(e, target, false).getMessage()));
      } catch (RuntimeException e) {
        throw unusable(e, Suspect.EVENT);
      }
    }
    offer(batch.withoutDetails(), connection);
    return false;
  }

  private void needIndexes() {
    if (upkeep != null) {
      List<Script.Step> missing = new ArrayList<>(migrations.missingIndexes());
      missing.addAll(details.missingIndexes());
      indexes.need(missing);
    }
  }

  /** Writes a batch to a database that is ready, so a failure may be the batch's fault. */
  private void offer(Batch batch, Connection connection)
      throws SinkUnavailableException, EventRefusedException {
    try {
      written = second.write(batch, connection);
    } catch (SQLException e) {
      throw failed(e, connection);
    } catch (RuntimeException e) {
      throw unusable(e, Suspect.EVENT);
    }
  }

  private SinkUnavailableException failed(SQLException e, Connection connection)
      throws EventRefusedException {
    pool.evictIfReadOnly(connection, e);
    forgetSchemaAfter(e);
    return TableLock.failureOfBatch(e, connection, target);
  }

  private void forgetSchemaAfter(SQLException e) {
    if (SqlStates.isSchemaError(e)) {
      schemaReady = false;
      details.forget();
    }
  }

  private void keepUp(Upkeep upkeep, Upkeep.Due due, Connection connection) throws SQLException {
    try {
      schemaReady &= upkeep.run(due, connection);
    } catch (SQLException e) {
      pool.evictIfReadOnly(connection, e);
      throw e;
    }
  }

  private static double random() {
    return ThreadLocalRandom.current().nextDouble();
  }

  /**
   * Returns the outage for an exception of the pool or driver, without its message, which may quote
   * settings.
   */
  private SinkUnavailableException unusable(RuntimeException e, Suspect suspect) {
    return new SinkUnavailableException(
        "the agent can't use %s (%s): check agentlog.postgres.client and the URL's parameters"
            .formatted(target, e.getClass().getSimpleName()),
        e,
        suspect);
  }
}
