package io.agentlog.postgres;

import io.agentlog.sink.SinkUnavailableException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Leases of a fleet: JVMs that write to Kafka alone, and how far its connector has read their
 * topics. Such a JVM's lease has no end, so no JVM with a lease of its own ends its executions
 * because a connector was away. One task, the judge, gives it an end; then the sweep of every lease
 * does the rest. A fleet ends the leases of its own JVMs alone.
 *
 * <p>All times are the brokers'; the database's clock is not asked. Each method is a transaction.
 * Where the tables are missing, or a right on them, they are looked for again a minute later. Not
 * thread-safe: belongs to the sink's thread.
 */
public final class FleetTables {
  static final String PROGRESS = "agent_fleet_progress";
  static final String INSTANCES = "agent_fleet_instances";

  /** Time after which tables that can't be used are tried again. */
  static final long RETRY_NANOS = TimeUnit.MINUTES.toNanos(1);

  private final String fleet;
  private final String heartbeats;
  private final PostgresTarget target;
  private final ConnectionPool pool;
  private final Migrations migrations;
  private final LongSupplier nanoTime;
  private boolean isReady;
  private @Nullable String refusal;
  private long refusedNanos;

  /** Does no I/O; {@code heartbeats} is the topic of the fleet's heartbeats. */
  FleetTables(
      String fleet,
      String heartbeats,
      PostgresTarget target,
      ConnectionPool pool,
      LongSupplier nanoTime,
      DoubleSupplier random) {
    this.fleet = fleet;
    this.heartbeats = heartbeats;
    this.target = target;
    this.pool = pool;
    this.nanoTime = nanoTime;
    this.migrations = new Migrations(target, Track.FLEET, nanoTime, random);
  }

  /**
   * Makes a task the judge, in place of any other. What that one has read without a gap counts no
   * longer.
   *
   * @return how far it has read; null if there was none
   */
  public @Nullable HeartbeatPosition takeOver(UUID judge) throws SinkUnavailableException {
    return run(connection -> {
          update(connection, FleetSql.TAKE, value(fleet), value(heartbeats), value(judge));
          return Optional.ofNullable(position(connection, FleetSql.POSITION));
        })
        .orElse(null);
  }

  /** Returns how far the judge has read; null if there was none. */
  public @Nullable HeartbeatPosition position() throws SinkUnavailableException {
    return run(connection -> Optional.ofNullable(position(connection, FleetSql.POSITION)))
        .orElse(null);
  }

  /**
   * Notes heartbeats.
   *
   * @param read where the judge is after them
   * @param heard in the order of the topic
   * @param partitionCounts of topics of events, as JVMs know them
   * @param isTopicNew true if the topic was made anew, so that offsets which were noted before are
   *     those of another; they are forgotten
   * @return false if another task is the judge; then nothing is noted
   */
  public boolean heard(
      UUID judge,
      ReadHeartbeats read,
      List<HeardInstance> heard,
      Map<String, Integer> partitionCounts,
      boolean isTopicNew)
      throws SinkUnavailableException {
    Map<UUID, HeardInstance> last = new LinkedHashMap<>();
    heard.forEach(instance -> last.put(instance.instanceId(), instance));
    return run(
        connection -> {
          if (!move(connection, judge, read)) {
            return false;
          }
          if (isTopicNew) {
            update(connection, FleetSql.FORGET_IDLE, value(fleet));
            update(connection, FleetSql.FORGET_ENDS, value(fleet));
          }
          if (!last.isEmpty()) {
            Collection<HeardInstance> instances = last.values();
            update(
                connection,
                FleetSql.HEARD,
                array("uuid", instances, HeardInstance::instanceId),
                array("text", instances, HeardInstance::service),
                array("bigint", instances, HeardInstance::heardMillis),
                array("bigint", instances, HeardInstance::endOffset),
                value(fleet),
                value(read.lastMillis()));
          }
          for (Map.Entry<String, Integer> count : partitionCounts.entrySet()) {
            update(
                connection,
                FleetSql.EXPECT,
                value(fleet),
                value(count.getKey()),
                value(count.getValue()));
          }
          return true;
        });
  }

  /**
   * Notes how far partitions have been read. A replay takes nothing back.
   *
   * @param progress each partition once
   */
  public void advance(Collection<TopicProgress> progress) throws SinkUnavailableException {
    if (progress.isEmpty()) {
      return;
    }
    run(
        connection -> {
          HeartbeatPosition position = position(connection, FleetSql.POSITION_LOCKED);
          return update(
              connection,
              FleetSql.ADVANCE,
              value(fleet),
              value(position == null ? -1 : position.nextOffset()),
              array("text", progress, TopicProgress::topic),
              array("integer", progress, TopicProgress::partition),
              array("bigint", progress, TopicProgress::recordMillis),
              array("bigint", progress, TopicProgress::idleMillis),
              array("bigint", progress, TopicProgress::idleOffset));
        });
  }

  /** Returns the topics of which a partition was noted, also that of heartbeats. */
  public List<String> topics() throws SinkUnavailableException {
    return run(
        connection -> {
          List<String> topics = new ArrayList<>();
          query(connection, FleetSql.TOPICS, row -> topics.add(row.getString(1)), value(fleet));
          return topics;
        });
  }

  /**
   * Returns the JVMs that are not known to have lived at a time, with the last time at which they
   * are, in milliseconds; those that said that they ended, or are gone, are left out.
   */
  public Map<UUID, Long> silentSince(long millis) throws SinkUnavailableException {
    return run(
        connection -> {
          Map<UUID, Long> silent = new HashMap<>();
          query(
              connection,
              FleetSql.SILENT,
              row -> silent.put(row.getObject(1, UUID.class), row.getLong(2)),
              value(fleet),
              value(millis));
          return silent;
        });
  }

  /**
   * Notes signs of life other than heartbeats. One that is older than what is known changes
   * nothing, nor does one of a JVM that is gone.
   *
   * @param signs times in milliseconds
   */
  public void renew(Map<UUID, Long> signs) throws SinkUnavailableException {
    run(
        connection ->
            update(
                connection,
                FleetSql.RENEW,
                array("uuid", signs.entrySet(), Map.Entry::getKey),
                array("bigint", signs.entrySet(), Map.Entry::getValue)));
  }

  /**
   * Ends the leases of JVMs that are gone.
   *
   * @param eventTopics topics that the connector reads events from
   * @param silenceMillis longest silence of a JVM that lives
   * @param tailMillis how far the partitions must have been read after a JVM was heard last
   * @return how many are gone; 0 if another task is the judge
   */
  public int judge(UUID judge, Collection<String> eventTopics, long silenceMillis, long tailMillis)
      throws SinkUnavailableException {
    return run(
        connection -> {
          int count =
              update(
                  connection,
                  FleetSql.JUDGE,
                  value(fleet),
                  value(heartbeats),
                  value(judge),
                  value(fleet),
                  array("text", eventTopics, topic -> topic),
                  value(fleet),
                  value(silenceMillis),
                  value(tailMillis),
                  value(tailMillis));
          if (count > 0) {
            forgetGone(connection);
          }
          return count;
        });
  }

  /**
   * Returns the partition that keeps silent JVMs from being judged; null if none does. Parameters
   * as of {@link #judge}.
   */
  public @Nullable ShutGate shut(
      UUID judge, Collection<String> eventTopics, long silenceMillis, long tailMillis)
      throws SinkUnavailableException {
    return run(connection -> {
          List<ShutGate> found = new ArrayList<>();
          query(
              connection,
              FleetSql.SHUT,
              row -> {
                Long until = row.getObject(3, Long.class);
                found.add(new ShutGate(row.getString(1), row.getInt(2), until, row.getLong(4)));
              },
              value(fleet),
              value(heartbeats),
              value(judge),
              value(fleet),
              value(silenceMillis),
              value(fleet),
              array("text", eventTopics, topic -> topic),
              value(tailMillis));
          return found.stream().findFirst();
        })
        .orElse(null);
  }

  private boolean move(Connection connection, UUID judge, ReadHeartbeats read) throws SQLException {
    int count =
        update(
            connection,
            FleetSql.MOVE,
            value(read.nextOffset()),
            value(read.sinceMillis()),
            value(read.lastMillis()),
            value(fleet),
            value(heartbeats),
            value(judge));
    return count > 0;
  }

  private @Nullable HeartbeatPosition position(Connection connection, String sql)
      throws SQLException {
    List<HeartbeatPosition> found = new ArrayList<>();
    query(
        connection,
        sql,
        row -> found.add(new HeartbeatPosition(row.getLong(1), row.getLong(2))),
        value(fleet),
        value(heartbeats));
    return found.isEmpty() ? null : found.get(0);
  }

  private void forgetGone(Connection connection) throws SQLException {
    List<Boolean> may = new ArrayList<>();
    query(connection, FleetSql.MAY_FORGET, row -> may.add(row.getBoolean(1)));
    if (may.contains(true)) {
      update(connection, FleetSql.FORGET_GONE, value(fleet));
    }
  }

  private <T> T run(Work<T> work) throws SinkUnavailableException {
    String known = refusal;
    if (known != null && nanoTime.getAsLong() - refusedNanos < RETRY_NANOS) {
      throw new SinkUnavailableException(known, null);
    }
    refusal = null;
    try (Connection connection = pool.borrow()) {
      if (!isReady) {
        prepare(connection);
      }
      StatementLimit.begin(connection);
      T result = work.on(connection);
      connection.commit();
      return result;
    } catch (SQLException e) {
      SinkUnavailableException outage = SqlStates.outage(e, target, !isReady);
      if (SqlStates.isSchemaError(e)) {
        refuse(String.valueOf(outage.getMessage()));
      }
      throw outage;
    }
  }

  private void prepare(Connection connection) throws SQLException, SinkUnavailableException {
    try {
      migrations.prepare(connection);
      isReady = true;
    } catch (SinkUnavailableException e) {
      refuse(String.valueOf(e.getMessage()));
      throw e;
    }
  }

  private void refuse(String why) {
    isReady = false;
    refusal = why;
    refusedNanos = nanoTime.getAsLong();
  }

  private static int update(Connection connection, String sql, Parameter... parameters)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      set(connection, statement, parameters);
      return statement.executeUpdate();
    }
  }

  private static void query(
      Connection connection, String sql, RowReader reader, Parameter... parameters)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      set(connection, statement, parameters);
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          reader.read(rows);
        }
      }
    }
  }

  private static void set(
      Connection connection, PreparedStatement statement, Parameter... parameters)
      throws SQLException {
    for (int i = 0; i < parameters.length; i++) {
      parameters[i].set(connection, statement, i + 1);
    }
  }

  private static Parameter value(Object value) {
    return (connection, statement, index) -> statement.setObject(index, value);
  }

  private static <E> Parameter array(
      String type, Collection<E> elements, Function<E, @Nullable Object> value) {
    @Nullable Object[] values = elements.stream().map(value).toArray();
    return (connection, statement, index) ->
        statement.setArray(index, connection.createArrayOf(type, values));
  }

  /** Statements of one transaction. */
  private interface Work<T> {
    T on(Connection connection) throws SQLException;
  }

  /** A parameter of a statement. */
  private interface Parameter {
    void set(Connection connection, PreparedStatement statement, int index) throws SQLException;
  }

  private interface RowReader {
    void read(ResultSet row) throws SQLException;
  }
}
