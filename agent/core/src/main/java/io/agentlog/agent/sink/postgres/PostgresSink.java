package io.agentlog.agent.sink.postgres;

import io.agentlog.agent.config.Config;
import io.agentlog.agent.event.Event;
import io.agentlog.agent.ops.AgentLog;
import io.agentlog.agent.sink.EventRefusedException;
import io.agentlog.agent.sink.ExecutionMerge;
import io.agentlog.agent.sink.ExecutionRow;
import io.agentlog.agent.sink.Sink;
import io.agentlog.agent.sink.SinkUnavailableException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Writes executions, their progress and routing decisions to PostgreSQL. A batch is one
 * transaction: events are joined per execution, sorted by ID so that writers never deadlock, and
 * sent as one statement a table. Writing a batch again changes nothing.
 *
 * <p>The first write opens the pool and looks at the schema; so does the first after an error that
 * a change of the schema may cause or cure.
 */
public final class PostgresSink implements Sink {
  private static final Comparator<Event.Progress> PROGRESS_ORDER =
      Comparator.<Event.Progress, UUID>comparing(
              event -> event.header().executionId(), ExecutionMerge.UUID_ORDER)
          .thenComparingInt(event -> event.header().seq());
  private static final Comparator<Event.RoutingDecision> DECISION_ORDER =
      Comparator.comparing(Event.RoutingDecision::id, ExecutionMerge.UUID_ORDER);

  private final PostgresTarget target;
  private final ConnectionPool pool;
  private final Migrations migrations;
  private boolean schemaReady;

  /** Reads the settings {@code postgres.*}; does nothing else. */
  public PostgresSink(Config config) {
    target = PostgresTarget.of(config);
    pool = new ConnectionPool(target);
    migrations = new Migrations(target);
  }

  @Override
  public String name() {
    return "postgres";
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
  public void write(List<Event> events) throws SinkUnavailableException, EventRefusedException {
    if (!target.isUsable()) {
      throw new SinkUnavailableException(
          "agentlog.postgres.url is not usable: it must read jdbc:postgresql://HOST:PORT/DATABASE",
          null);
    }
    Batch batch = batchOf(events);
    try (Connection connection = pool.borrow()) {
      write(batch, connection);
    } catch (SQLException e) {
      boolean migrating = !schemaReady;
      if (SqlStates.isSchemaError(e)) {
        schemaReady = false;
      }
      EventRefusedException refusal = migrating ? null : SqlStates.refusal(e);
      if (refusal != null) {
        throw refusal;
      }
      throw SqlStates.outage(e, target, migrating);
    } catch (RuntimeException e) { // Of the pool or the driver; its message may quote settings.
      throw new SinkUnavailableException(
          "the agent can't use %s (%s): check agentlog.postgres.client and the URL's parameters"
              .formatted(target, e.getClass().getSimpleName()),
          e);
    }
  }

  @Override
  public void close() {
    try {
      pool.close();
    } catch (RuntimeException e) {
      AgentLog.debug("postgres", "closing the pool: " + e.getClass().getSimpleName());
    }
  }

  /**
   * An event that can't be made a row is parked: as a failure of ours it would hold up the rest.
   */
  private static Batch batchOf(List<Event> events) throws EventRefusedException {
    try {
      return Batch.of(events);
    } catch (RuntimeException e) { // Its message may quote the event.
      String type = e.getClass().getSimpleName();
      throw new EventRefusedException(type, "the event can't be made a row: " + type, e);
    }
  }

  private void write(Batch batch, Connection connection)
      throws SQLException, SinkUnavailableException {
    try {
      if (!schemaReady) {
        migrations.prepare(connection);
        schemaReady = true;
      }
      Tables.EXECUTIONS.execute(connection, batch.rows);
      Tables.PROGRESS.execute(connection, batch.progress);
      Tables.DECISIONS.execute(connection, batch.decisions);
      connection.commit();
    } catch (SQLException e) {
      if (SqlStates.isReadOnly(e)) {
        pool.evict(connection); // After a failover the next one may reach the new primary.
      }
      throw e;
    }
  }

  /** Events by table, each in the order of its key. */
  private record Batch(
      List<ExecutionRow> rows,
      List<Event.Progress> progress,
      List<Event.RoutingDecision> decisions) {
    static Batch of(List<Event> events) {
      Map<UUID, ExecutionRow> rows = new HashMap<>();
      List<Event.Progress> progress = new ArrayList<>();
      List<Event.RoutingDecision> decisions = new ArrayList<>();
      for (Event event : events) {
        ExecutionRow row = ExecutionMerge.of(event);
        rows.merge(row.executionId(), row, ExecutionMerge::merge);
        if (event instanceof Event.Progress stage) {
          progress.add(stage);
        } else if (event instanceof Event.RoutingDecision decision) {
          decisions.add(decision);
        }
      }
      List<ExecutionRow> sorted = new ArrayList<>(rows.values());
      sorted.sort(Comparator.comparing(ExecutionRow::executionId, ExecutionMerge.UUID_ORDER));
      progress.sort(PROGRESS_ORDER);
      decisions.sort(DECISION_ORDER);
      return new Batch(sorted, progress, decisions);
    }
  }
}
