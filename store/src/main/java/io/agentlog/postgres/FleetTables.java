package io.agentlog.postgres;

import io.agentlog.sink.SinkUnavailableException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Leases of JVMs that write to Kafka alone, and how far the connector has read their topics. Such a
 * JVM's lease has no end, so no JVM with a lease of its own ends its executions because a connector
 * was away. One task, the judge, gives it an end; then the sweep of every lease does the rest.
 *
 * <p>All times are the brokers'; the database's clock is not asked. Each method is a transaction.
 * Not thread-safe: belongs to the sink's thread.
 */
public final class FleetTables {
  static final String PROGRESS = "agent_topic_progress";
  static final String ENDS = "agent_instance_ends";

  private static final String TIME = "timestamptz 'epoch' + ?::bigint * interval '1 millisecond'";

  /** A replayed heartbeat changes nothing. */
  private static final String HEARD =
      """
      INSERT INTO agent_instances AS i (instance_id, service, since, renewed_at, lease_until)
      SELECT h.id, h.service, h.heard, h.heard, 'infinity'
      FROM (SELECT u.id, u.service, timestamptz 'epoch' + u.millis * interval '1 millisecond' AS heard
            FROM ROWS FROM (pg_catalog.unnest(?::uuid[]), pg_catalog.unnest(?::text[]), pg_catalog.unnest(?::bigint[])) AS u(id, service, millis)) h
      ORDER BY h.id
      ON CONFLICT (instance_id) DO UPDATE SET service = EXCLUDED.service,
        since = CASE WHEN i.lease_until = 'infinity' THEN i.since ELSE EXCLUDED.since END,
        renewed_at = EXCLUDED.renewed_at, lease_until = 'infinity'
      WHERE EXCLUDED.renewed_at > i.renewed_at""";

  private static final String ENDED =
      """
      INSERT INTO agent_instance_ends AS e (instance_id, position)
      SELECT u.id, u.position FROM ROWS FROM (pg_catalog.unnest(?::uuid[]), pg_catalog.unnest(?::bigint[])) AS u(id, position)
      WHERE u.position >= 0 ORDER BY u.id
      ON CONFLICT (instance_id) DO UPDATE SET position = EXCLUDED.position""";

  /** A JVM that is heard again has not ended. */
  private static final String NOT_ENDED =
      "DELETE FROM agent_instance_ends e USING ROWS FROM (pg_catalog.unnest(?::uuid[]), pg_catalog.unnest(?::bigint[])) AS u(id, position)"
          + " WHERE e.instance_id = u.id AND u.position < 0";

  private static final String TAKE =
      """
      INSERT INTO agent_topic_progress AS p (topic, partition, judge) VALUES (?, 0, ?)
      ON CONFLICT (topic, partition) DO UPDATE SET judge = EXCLUDED.judge""";

  private static final String READ =
      """
      SELECT position, (extract(epoch FROM since) * 1000)::bigint, (extract(epoch FROM record_time) * 1000)::bigint
      FROM agent_topic_progress WHERE topic = ? AND partition = 0 AND position IS NOT NULL""";

  /** Changes no row for a task that is no longer the judge. */
  private static final String MOVE =
      "UPDATE agent_topic_progress SET position = ?, since = %1$s, record_time = %1$s WHERE topic = ? AND partition = 0 AND judge = ?"
          .formatted(TIME);

  private static final String EXPECT =
      """
      INSERT INTO agent_topic_progress (topic, partition) SELECT ?, g FROM pg_catalog.generate_series(0, ? - 1) AS g
      ON CONFLICT (topic, partition) DO NOTHING""";

  private static final String ADVANCE =
      """
      INSERT INTO agent_topic_progress AS p (topic, partition, record_time, idle_at, idle_position)
      VALUES (?, ?, %1$s, %1$s, ?)
      ON CONFLICT (topic, partition) DO UPDATE SET
        record_time = GREATEST(p.record_time, EXCLUDED.record_time), idle_at = GREATEST(p.idle_at, EXCLUDED.idle_at),
        idle_position = COALESCE(EXCLUDED.idle_position, p.idle_position)"""
          .formatted(TIME);

  /**
   * Ends leases. {@code heard} is the last moment at which a JVM may have been heard: what came
   * before the heartbeats that were read without a gap is not known.
   */
  private static final String JUDGE =
      """
      WITH run AS (
        SELECT since, record_time FROM agent_topic_progress WHERE topic = ? AND partition = 0 AND judge = ?
      ), read AS (
        SELECT COALESCE(GREATEST(record_time, idle_at), '-infinity') AS until, COALESCE(idle_position, -1) AS position
        FROM agent_topic_progress WHERE topic = ANY (?)
      ), judged AS (
        SELECT i.instance_id, e.instance_id IS NOT NULL AS ended
        FROM agent_instances i CROSS JOIN run LEFT JOIN agent_instance_ends e ON e.instance_id = i.instance_id
        WHERE i.lease_until = 'infinity' AND EXISTS (SELECT 1 FROM read)
          AND (run.record_time - GREATEST(i.renewed_at, run.since) > ?::bigint * interval '1 millisecond'
               AND NOT EXISTS (SELECT 1 FROM read
                               WHERE read.until < GREATEST(i.renewed_at, run.since) + ?::bigint * interval '1 millisecond')
            OR e.instance_id IS NOT NULL
               AND NOT EXISTS (SELECT 1 FROM read WHERE read.position <= e.position
                               AND read.until < i.renewed_at + ?::bigint * interval '1 millisecond'))
      ), forgotten AS (
        DELETE FROM agent_instance_ends e USING judged WHERE e.instance_id = judged.instance_id
      )
      UPDATE agent_instances i
      SET lease_until = i.renewed_at + CASE WHEN judged.ended THEN interval '0' ELSE interval '%s seconds' END
      FROM judged WHERE i.instance_id = judged.instance_id"""
          .formatted(InstanceLease.LEASE_SECONDS);

  private final PostgresTarget target;
  private final ConnectionPool pool;
  private final Migrations migrations;
  private boolean isReady;

  /** Does no I/O. */
  FleetTables(PostgresTarget target, ConnectionPool pool, DoubleSupplier random) {
    this.target = target;
    this.pool = pool;
    this.migrations = new Migrations(target, Track.FLEET, System::nanoTime, random);
  }

  /**
   * Makes a task the judge, in place of any other.
   *
   * @param topic of heartbeats
   * @return what the last judge has read; null if there was none
   */
  public @Nullable ReadHeartbeats takeOver(String topic, UUID judge)
      throws SinkUnavailableException {
    return run(connection -> {
          try (PreparedStatement statement = connection.prepareStatement(TAKE)) {
            statement.setString(1, topic);
            statement.setObject(2, judge);
            statement.executeUpdate();
          }
          return Optional.ofNullable(read(connection, topic));
        })
        .orElse(null);
  }

  /** Returns what the judge has read; null if there was none. */
  public @Nullable ReadHeartbeats readHeartbeats(String topic) throws SinkUnavailableException {
    return run(connection -> Optional.ofNullable(read(connection, topic))).orElse(null);
  }

  /**
   * Notes heartbeats.
   *
   * @param read where the judge is after them
   * @param heard in the order of the topic
   * @param partitionCounts of topics of events, as JVMs know them
   * @return false if another task is the judge; then nothing is noted
   */
  public boolean heard(
      String topic,
      UUID judge,
      ReadHeartbeats read,
      List<HeardInstance> heard,
      Map<String, Integer> partitionCounts)
      throws SinkUnavailableException {
    Map<UUID, HeardInstance> last = new LinkedHashMap<>();
    heard.forEach(instance -> last.put(instance.instanceId(), instance));
    Object[] ids = last.keySet().toArray();
    return run(
        connection -> {
          if (!move(connection, topic, judge, read)) {
            return false;
          }
          Collection<HeardInstance> instances = last.values();
          Object[] ends = instances.stream().map(HeardInstance::endOffset).toArray();
          Object[] services = instances.stream().map(HeardInstance::service).toArray();
          Object[] millis = instances.stream().map(HeardInstance::heardMillis).toArray();
          if (ids.length > 0) {
            update(
                connection,
                HEARD,
                array("uuid", ids),
                array("text", services),
                array("bigint", millis));
            update(connection, ENDED, array("uuid", ids), array("bigint", ends));
            update(connection, NOT_ENDED, array("uuid", ids), array("bigint", ends));
          }
          for (Map.Entry<String, Integer> count : partitionCounts.entrySet()) {
            update(connection, EXPECT, value(count.getKey()), value(count.getValue()));
          }
          return true;
        });
  }

  /** Notes how far partitions have been read. A replay takes nothing back. */
  public void advance(Collection<TopicProgress> progress) throws SinkUnavailableException {
    run(
        connection -> {
          for (TopicProgress one : progress) {
            update(
                connection,
                ADVANCE,
                value(one.topic()),
                value(one.partition()),
                value(one.recordMillis()),
                value(one.idleMillis()),
                value(one.idleOffset()));
          }
          return true;
        });
  }

  /**
   * Ends the leases of JVMs that are gone.
   *
   * @param eventTopics topics that the connector reads events from
   * @param silenceMillis longest silence of a JVM that lives
   * @param tailMillis how far the partitions must have been read after a JVM was heard last
   * @return how many are gone; 0 if another task is the judge
   */
  public int judge(
      String topic, UUID judge, Collection<String> eventTopics, long silenceMillis, long tailMillis)
      throws SinkUnavailableException {
    return run(
        connection ->
            update(
                connection,
                JUDGE,
                value(topic),
                value(judge),
                array("text", eventTopics.toArray()),
                value(silenceMillis),
                value(tailMillis),
                value(tailMillis)));
  }

  private static boolean move(Connection connection, String topic, UUID judge, ReadHeartbeats read)
      throws SQLException {
    int count =
        update(
            connection,
            MOVE,
            value(read.nextOffset()),
            value(read.sinceMillis()),
            value(read.lastMillis()),
            value(topic),
            value(judge));
    return count > 0;
  }

  private static @Nullable ReadHeartbeats read(Connection connection, String topic)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(READ)) {
      statement.setString(1, topic);
      try (ResultSet row = statement.executeQuery()) {
        return row.next()
            ? new ReadHeartbeats(row.getLong(1), row.getLong(2), row.getLong(3))
            : null;
      }
    }
  }

  private <T> T run(Work<T> work) throws SinkUnavailableException {
    try (Connection connection = pool.borrow()) {
      if (!isReady) {
        migrations.prepare(connection);
        isReady = true;
      }
      StatementLimit.begin(connection);
      T result = work.on(connection);
      connection.commit();
      return result;
    } catch (SQLException e) {
      isReady &= !SqlStates.isSchemaError(e);
      throw SqlStates.outage(e, target, false);
    }
  }

  private static int update(Connection connection, String sql, Parameter... parameters)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < parameters.length; i++) {
        parameters[i].set(connection, statement, i + 1);
      }
      return statement.executeUpdate();
    }
  }

  private static Parameter value(@Nullable Object value) {
    return (connection, statement, index) -> statement.setObject(index, value);
  }

  private static Parameter array(String type, @Nullable Object[] values) {
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
}
