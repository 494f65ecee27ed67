package io.agentlog.postgres;

/** The statements of {@link FleetTables}. All times are milliseconds of the brokers' clocks. */
final class FleetSql {
  private static final String TIME = "timestamptz 'epoch' + %s::bigint * interval '1 millisecond'";
  private static final String PARAMETER = TIME.formatted("?");
  private static final String MILLIS = "(extract(epoch FROM %s) * 1000)::bigint";

  /** Up to where a partition has been read; null if it never was. */
  private static final String UNTIL = "GREATEST(p.record_time, p.idle_at)";

  /** JVMs of a fleet whose lease has no end. */
  private static final String LEASED =
      "agent_fleet_instances f JOIN agent_instances i ON i.instance_id = f.instance_id AND i.lease_until = 'infinity'";

  /**
   * A heartbeat that is not later than the last one is a replay, and changes nothing. An event may
   * have been a later sign of life, by another broker's clock. {@code noted_at} is the last
   * heartbeat of any JVM when this one was noted: of events before that nobody has kept a sign. Its
   * lease is read as a value, because with {@code EXISTS} the server reads the leases of all JVMs.
   */
  static final String HEARD =
      """
      WITH h AS (
        SELECT u.id, u.service, %s AS heard, u.position
        FROM ROWS FROM (pg_catalog.unnest(?::uuid[]), pg_catalog.unnest(?::text[]), pg_catalog.unnest(?::bigint[]),
                        pg_catalog.unnest(?::bigint[])) AS u(id, service, millis, position)
      ), news AS (
        INSERT INTO agent_fleet_instances AS f (instance_id, fleet, noted_at, heard_at, end_position)
        SELECT h.id, ?, %s, h.heard, CASE WHEN h.position >= 0 THEN h.position END FROM h ORDER BY h.id
        ON CONFLICT (instance_id) DO UPDATE
        SET fleet = EXCLUDED.fleet, heard_at = EXCLUDED.heard_at, end_position = EXCLUDED.end_position,
          noted_at = CASE WHEN f.fleet = EXCLUDED.fleet AND f.end_position IS NULL
            AND (SELECT i.lease_until FROM agent_instances i WHERE i.instance_id = f.instance_id) = 'infinity'
            THEN f.noted_at ELSE EXCLUDED.noted_at END
        WHERE f.heard_at IS NULL OR EXCLUDED.heard_at > f.heard_at
        RETURNING f.instance_id
      )
      INSERT INTO agent_instances AS i (instance_id, service, since, renewed_at, lease_until)
      SELECT h.id, h.service, h.heard, h.heard, 'infinity' FROM h JOIN news n ON n.instance_id = h.id ORDER BY h.id
      ON CONFLICT (instance_id) DO UPDATE SET service = EXCLUDED.service,
        since = CASE WHEN i.lease_until = 'infinity' THEN i.since ELSE EXCLUDED.since END,
        renewed_at = GREATEST(i.renewed_at, EXCLUDED.renewed_at), lease_until = 'infinity'"""
          .formatted(TIME.formatted("u.millis"), PARAMETER);

  /** The judge counts this time as one at which the JVM was heard. */
  static final String NOTE_LIFE =
      "UPDATE agent_fleet_instances SET noted_at = GREATEST(noted_at, %s) WHERE instance_id = ? AND fleet = ?"
          .formatted(PARAMETER);

  /** A judge that reads another topic of heartbeats; its offsets are none of this one's. */
  static final String TAKE_FROM_OTHERS =
      "UPDATE agent_fleet_progress SET judge = NULL, since = NULL, position = NULL WHERE fleet = ? AND topic <> ? AND judge IS NOT NULL";

  /** A new judge has read nothing yet, whatever the one before it has. */
  static final String TAKE =
      """
      INSERT INTO agent_fleet_progress AS p (fleet, topic, partition, judge) VALUES (?, ?, 0, ?)
      ON CONFLICT (fleet, topic, partition) DO UPDATE SET judge = EXCLUDED.judge, since = NULL""";

  static final String POSITION =
      "SELECT position, %s FROM agent_fleet_progress WHERE fleet = ? AND topic = ? AND partition = 0 AND position IS NOT NULL"
          .formatted(MILLIS.formatted("record_time"));

  /** Waits for a judge who is about to forget what belongs to a former topic. */
  static final String POSITION_LOCKED = POSITION + " FOR SHARE";

  /** Changes no row for a task that is no longer the judge. */
  static final String MOVE =
      "UPDATE agent_fleet_progress SET position = ?, since = %1$s, record_time = %1$s WHERE fleet = ? AND topic = ? AND partition = 0 AND judge = ?"
          .formatted(PARAMETER);

  /** Offsets of a topic of heartbeats that is no longer there, or no longer the fleet's. */
  static final String FORGET_IDLE =
      "UPDATE agent_fleet_progress SET idle_position = NULL WHERE fleet = ? AND idle_position IS NOT NULL";

  static final String FORGET_ENDS =
      "UPDATE agent_fleet_instances SET end_position = NULL WHERE fleet = ? AND end_position IS NOT NULL";

  static final String EXPECT =
      """
      INSERT INTO agent_fleet_progress (fleet, topic, partition)
      SELECT ?, ?, g FROM pg_catalog.generate_series(0, ? - 1) AS g ON CONFLICT (fleet, topic, partition) DO NOTHING""";

  /** The last parameter is the offset up to which heartbeats have been read: none is beyond it. */
  static final String ADVANCE =
      """
      INSERT INTO agent_fleet_progress AS p (fleet, topic, partition, record_time, idle_at, idle_position)
      SELECT ?, u.topic, u.partition, %s, %s, CASE WHEN u.position <= ?::bigint THEN u.position END
      FROM ROWS FROM (pg_catalog.unnest(?::text[]), pg_catalog.unnest(?::integer[]), pg_catalog.unnest(?::bigint[]),
                      pg_catalog.unnest(?::bigint[]), pg_catalog.unnest(?::bigint[])) AS u(topic, partition, millis, idle, position)
      ORDER BY u.topic, u.partition
      ON CONFLICT (fleet, topic, partition) DO UPDATE SET
        record_time = GREATEST(p.record_time, EXCLUDED.record_time), idle_at = GREATEST(p.idle_at, EXCLUDED.idle_at),
        idle_position = COALESCE(EXCLUDED.idle_position, p.idle_position)"""
          .formatted(TIME.formatted("u.millis"), TIME.formatted("u.idle"));

  static final String TOPICS = "SELECT DISTINCT topic FROM agent_fleet_progress WHERE fleet = ?";

  /**
   * A JVM that said that it ended gives no further sign of life. One that is gone is there for a
   * day, until its lease is removed; a sign counts if it is later than its lease.
   */
  static final String SILENT =
      """
      SELECT i.instance_id, %s FROM agent_fleet_instances f JOIN agent_instances i ON i.instance_id = f.instance_id
      WHERE f.fleet = ? AND f.end_position IS NULL AND (i.lease_until < 'infinity' OR i.renewed_at < %s)"""
          .formatted(
              MILLIS.formatted(
                  "CASE WHEN i.lease_until < 'infinity' THEN i.lease_until ELSE i.renewed_at END"),
              PARAMETER);

  /** Locks in the order of the IDs, as every task does. */
  static final String RENEW =
      """
      WITH h AS (
        SELECT u.id, %s AS heard
        FROM ROWS FROM (pg_catalog.unnest(?::uuid[]), pg_catalog.unnest(?::bigint[])) AS u(id, millis)
      ), locked AS (
        SELECT i.instance_id, h.heard
        FROM agent_instances i JOIN h ON h.id = i.instance_id JOIN agent_fleet_instances f ON f.instance_id = i.instance_id
        WHERE f.fleet = ? AND i.renewed_at < h.heard
          AND (i.lease_until = 'infinity' OR f.end_position IS NULL AND i.lease_until < h.heard)
        ORDER BY i.instance_id FOR NO KEY UPDATE OF i
      )
      UPDATE agent_instances i
      SET renewed_at = l.heard, since = CASE WHEN i.lease_until = 'infinity' THEN i.since ELSE l.heard END,
        lease_until = 'infinity'
      FROM locked l WHERE i.instance_id = l.instance_id AND i.renewed_at < l.heard"""
          .formatted(TIME.formatted("u.millis"));

  /**
   * Ends leases, of some JVMs at a time. The latest of {@code renewed_at}, {@code noted_at} and
   * {@code since} is the last moment at which a JVM may have been heard: what came before the
   * heartbeats that were read without a gap is not known. Locks in the order of the IDs.
   *
   * <p>The partitions are looked at once, and not for each JVM, since 100,000 may have ended
   * together: {@code untils} has how far all partitions have been read of which {@code
   * idle_position} is no further than that of {@code positions} at the same place.
   */
  static final String JUDGE =
      """
      WITH run AS (
        SELECT since, record_time FROM agent_fleet_progress WHERE fleet = ? AND topic = ? AND partition = 0 AND judge = ?
      ), step AS (
        SELECT r.position, min(min(r.until)) OVER (ORDER BY r.position) AS until
        FROM (SELECT COALESCE(%1$s, '-infinity') AS until, COALESCE(p.idle_position, -1) AS position
              FROM agent_fleet_progress p WHERE p.fleet = ? AND p.topic = ANY (?)) r
        GROUP BY r.position
      ), read AS (
        SELECT min(until) AS until, array_agg(position ORDER BY position) AS positions,
          array_agg(until ORDER BY position) AS untils FROM step
      ), judged AS (
        SELECT i.instance_id, i.renewed_at, f.end_position IS NOT NULL AS ended
        FROM %2$s CROSS JOIN run CROSS JOIN read
        WHERE f.fleet = ? AND read.until IS NOT NULL
          AND (run.since IS NOT NULL
               AND run.record_time - GREATEST(i.renewed_at, f.noted_at, run.since) > ?::bigint * interval '1 millisecond'
               AND read.until >= GREATEST(i.renewed_at, f.noted_at, run.since) + ?::bigint * interval '1 millisecond'
            OR f.end_position IS NOT NULL
               AND COALESCE(read.untils[pg_catalog.width_bucket(f.end_position, read.positions)]
                            >= i.renewed_at + ?::bigint * interval '1 millisecond', true))
        ORDER BY i.instance_id LIMIT ? FOR NO KEY UPDATE OF i
      )
      UPDATE agent_instances i
      SET lease_until = i.renewed_at + CASE WHEN judged.ended THEN interval '0' ELSE interval '%3$s seconds' END
      FROM judged WHERE i.instance_id = judged.instance_id AND i.renewed_at = judged.renewed_at"""
          .formatted(UNTIL, LEASED, InstanceLease.LEASE_SECONDS);

  /**
   * The partition that is furthest behind of those that keep the JVM which is silent for longest;
   * one row without a partition if there is none at all.
   */
  static final String SHUT =
      """
      WITH run AS (
        SELECT since, record_time FROM agent_fleet_progress WHERE fleet = ? AND topic = ? AND partition = 0 AND judge = ?
      ), waiting AS (
        SELECT count(*) AS count, min(GREATEST(i.renewed_at, f.noted_at, run.since)) AS heard
        FROM %2$s CROSS JOIN run
        WHERE f.fleet = ? AND run.since IS NOT NULL
          AND run.record_time - GREATEST(i.renewed_at, f.noted_at, run.since) > ?::bigint * interval '1 millisecond'
      ), read AS (
        SELECT p.topic, p.partition, %1$s AS until FROM agent_fleet_progress p WHERE p.fleet = ? AND p.topic = ANY (?)
      )
      SELECT r.topic, r.partition, %3$s, w.count, %4$s FROM waiting w LEFT JOIN read r ON true
      WHERE w.count > 0 AND COALESCE(r.until, '-infinity') < w.heard + ?::bigint * interval '1 millisecond'
      ORDER BY r.until NULLS FIRST, r.topic, r.partition LIMIT 1"""
          .formatted(UNTIL, LEASED, MILLIS.formatted("r.until"), MILLIS.formatted("w.heard"));

  /** A fleet whose judge goes on looks after its JVMs itself. */
  static final String ORPHANS =
      """
      WITH run AS (
        SELECT record_time FROM agent_fleet_progress WHERE fleet = ? AND topic = ? AND partition = 0 AND judge = ?
      )
      SELECT count(*) FROM agent_instances i CROSS JOIN run LEFT JOIN agent_fleet_instances f ON f.instance_id = i.instance_id
      WHERE i.lease_until = 'infinity' AND i.renewed_at < run.record_time - ?::bigint * interval '1 millisecond'
        AND NOT EXISTS (SELECT 1 FROM agent_fleet_progress p
                        WHERE p.fleet = f.fleet AND p.judge IS NOT NULL
                          AND p.record_time > run.record_time - ?::bigint * interval '1 millisecond')
        AND f.fleet IS DISTINCT FROM ?""";

  static final String MAY_FORGET =
      "SELECT pg_catalog.has_table_privilege(pg_catalog.to_regclass('agent_fleet_instances')::oid, 'DELETE')";

  /** Removes some of the JVMs whose leases were removed; one that is locked stays. */
  static final String FORGET_GONE =
      """
      DELETE FROM agent_fleet_instances WHERE instance_id IN (
        SELECT f.instance_id FROM agent_fleet_instances f
        WHERE f.fleet = ? AND NOT EXISTS (SELECT 1 FROM agent_instances i WHERE i.instance_id = f.instance_id)
        LIMIT ? FOR UPDATE OF f SKIP LOCKED)""";

  private FleetSql() {}
}
