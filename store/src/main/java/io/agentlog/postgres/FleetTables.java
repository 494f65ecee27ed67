package io.agentlog.postgres;

import static io.agentlog.postgres.Statements.array;
import static io.agentlog.postgres.Statements.query;
import static io.agentlog.postgres.Statements.update;
import static io.agentlog.postgres.Statements.value;

import io.agentlog.log.AgentLog;
import io.agentlog.sink.SinkUnavailableException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Leases of a fleet: JVMs that write to Kafka alone, and how far its connector has read their
 * topics. Such a JVM's lease has no end, so no JVM with a lease of its own ends its executions
 * because a connector was away. One task, the judge, gives it an end; then the sweep of every lease
 * does the rest. A fleet ends the leases of its own JVMs alone.
 *
 * <p>All times are the brokers'; the database's clock is not asked. Each method is a transaction.
 * Where the tables are missing, or a right on them, they are looked for again a minute later. A row
 * that another session has locked is waited for shortly, and tried again ever more seldom: a
 * session whose host has lost power keeps its locks until the server ends it. Not thread-safe:
 * belongs to the sink's thread.
 */
public final class FleetTables {
  static final String PROGRESS = "agent_fleet_progress";
  static final String INSTANCES = "agent_fleet_instances";

  /** JVMs whose leases one statement ends; a task judges every few seconds. */
  static final int JUDGED_MAX = 10_000;

  private final String fleet;
  private final String heartbeats;
  private final PostgresTarget target;
  private final ConnectionPool pool;
  private final Migrations migrations;
  private final FleetPause pause;
  private final FleetSigns signsOfLife;
  private final FleetJudgement judgement;
  private final StatementLimit judgeLimit = new StatementLimit(JUDGED_MAX);
  private final LongSupplier nanoTime;
  private boolean isReady;

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
    this.signsOfLife = new FleetSigns(fleet);
    this.judgement = new FleetJudgement(fleet, heartbeats);
    this.pause = new FleetPause(nanoTime);
    this.migrations = new Migrations(target, Track.FLEET, nanoTime, random);
  }

  /**
   * Makes a task the judge, in place of any other, also of one that reads another topic of
   * heartbeats. What that one has read without a gap counts no longer, nor do offsets of another
   * topic.
   *
   * @return how far it has read; null if there was none
   */
  public @Nullable HeartbeatPosition takeOver(UUID judge) throws SinkUnavailableException {
    return run(connection -> {
          if (update(connection, FleetSql.TAKE_FROM_OTHERS, value(fleet), value(heartbeats)) > 0) {
            forgetOffsets(connection);
          }
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
    signsOfLife.forgetRefused();
    return run(
        connection -> {
          if (!move(connection, judge, read)) {
            return false;
          }
          if (isTopicNew) {
            forgetOffsets(connection);
          }
          if (!last.isEmpty()) {
            signsOfLife.hear(connection, List.copyOf(last.values()), read.lastMillis());
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
   * Returns why the database refused heartbeats in the last call of {@link #heard}, by the ID of
   * their JVM; the text has no values. Where such a JVM was noted before, it is only known to live.
   */
  public Map<UUID, String> refused() {
    return signsOfLife.refused();
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
   * are, in milliseconds; of those that are gone, with the end of their lease. Those that said that
   * they ended are left out.
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
   * nothing. A JVM that was taken for gone lives again by one that is later than the end of its
   * lease, unless it said that it ended.
   *
   * @param signs times in milliseconds
   */
  public void renew(Map<UUID, Long> signs) throws SinkUnavailableException {
    run(connection -> signsOfLife.renew(connection, signs));
  }

  /**
   * Ends the leases of JVMs that are gone, of {@link #JUDGED_MAX} at most: the next call ends those
   * of the others. A statement that takes too long has ended none, and the next takes fewer.
   *
   * @param eventTopics topics that the connector reads events from
   * @param silenceMillis longest silence of a JVM that lives
   * @param tailMillis how far the partitions must have been read after a JVM was heard last
   * @return how many are gone; 0 if another task is the judge
   */
  public int judge(UUID judge, Collection<String> eventTopics, long silenceMillis, long tailMillis)
      throws SinkUnavailableException {
    int rows = judgeLimit.rows();
    long begunNanos = nanoTime.getAsLong();
    int count;
    try {
      count =
          run(
              connection ->
                  judgement.judge(connection, judge, eventTopics, silenceMillis, tailMillis, rows));
    } catch (SinkUnavailableException e) {
      if (isCancelled(e) && judgeLimit.shrink()) {
        return 0;
      }
      throw e;
    }
    judgeLimit.ended(nanoTime.getAsLong() - begunNanos);
    if (count > 0) {
      forgetGone();
    }
    return count;
  }

  /**
   * Returns the partition that keeps silent JVMs from being judged; null if none does. Parameters
   * as of {@link #judge}.
   */
  public @Nullable ShutGate shut(
      UUID judge, Collection<String> eventTopics, long silenceMillis, long tailMillis)
      throws SinkUnavailableException {
    return run(connection ->
            Optional.ofNullable(
                judgement.shut(connection, judge, eventTopics, silenceMillis, tailMillis)))
        .orElse(null);
  }

  /**
   * Looks for JVMs whose leases have no end and which nobody judges, as no fleet that does has
   * heard them: they were noted by a fleet that is gone, or by none. Also forgets JVMs of this
   * fleet whose leases were removed.
   *
   * @param silenceMillis how long before the judge's last heartbeat they must have been heard last
   * @return how many there are; 0 if another task is the judge
   */
  public long orphanCount(UUID judge, long silenceMillis) throws SinkUnavailableException {
    forgetGone();
    return run(connection -> judgement.orphanCount(connection, judge, silenceMillis));
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

  private void forgetOffsets(Connection connection) throws SQLException {
    update(connection, FleetSql.FORGET_IDLE, value(fleet));
    update(connection, FleetSql.FORGET_ENDS, value(fleet));
  }

  /** Rows that stay do no harm, so a failure holds up nothing. */
  private void forgetGone() {
    try {
      int count = run(judgement::forgetGone);
      AgentLog.debug("postgres", "rows of %s removed: %s".formatted(INSTANCES, count));
    } catch (SinkUnavailableException e) {
      AgentLog.debug("postgres", "rows of %s stay: %s".formatted(INSTANCES, e.getMessage()));
    }
  }

  private static boolean isCancelled(SinkUnavailableException thrown) {
    return thrown.getCause() instanceof SQLException cause && SqlStates.isCancelled(cause);
  }

  private <T> T run(Work<T> work) throws SinkUnavailableException {
    String why = pause.why();
    if (why != null) {
      throw new SinkUnavailableException(why, null);
    }
    try (Connection connection = pool.borrow()) {
      if (!isReady) {
        prepare(connection);
      }
      StatementLimit.beginOfFleet(connection);
      T result = work.on(connection);
      connection.commit();
      pause.used();
      return result;
    } catch (SQLException e) {
      SinkUnavailableException outage =
          isReady && SqlStates.isCancelled(e) ? tooSlow(e) : SqlStates.outage(e, target, !isReady);
      if (SqlStates.isSchemaError(e)) {
        refuse(String.valueOf(outage.getMessage()));
      } else if (SqlStates.isLocked(e)) {
        pause.locked(String.valueOf(outage.getMessage()));
      }
      throw outage;
    }
  }

  private SinkUnavailableException tooSlow(SQLException thrown) {
    return new SinkUnavailableException(
        "a statement on the fleet's tables at %s took longer than the %s s that agentlog gives a statement: look what slows the database down"
            .formatted(target, StatementLimit.MILLIS_MAX / 1_000),
        thrown);
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
    pause.refused(why);
  }

  /** Statements of one transaction. */
  private interface Work<T> {
    T on(Connection connection) throws SQLException;
  }
}
