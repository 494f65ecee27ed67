package io.agentlog.insight.alert;

import static java.util.Objects.requireNonNull;

import io.agentlog.insight.rollup.Sql;
import io.agentlog.postgres.TableTransactions.Transaction;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Rows of {@code agent_insight_outbox}. */
final class Outbox {
  /** A row that is done leaves so long after it was made. */
  static final Duration KEPT = Duration.ofDays(30);

  /** Later than any message. */
  static final Instant FOREVER = Instant.parse("9999-12-31T00:00:00Z");

  private static final String ADD =
      """
      INSERT INTO agent_insight_outbox
        (delivery_id, incident_id, fingerprint, channel, kind, payload, created_at, attempts, next_at, repeat_until)
      VALUES (?, ?, ?, ?, ?, ?::jsonb, ?, 0, ?, ?::timestamptz)""";

  private static final String END_REPEATS =
      """
      UPDATE agent_insight_outbox
      SET repeat_until = NULL, next_at = CASE WHEN delivered_at IS NULL THEN next_at END
      WHERE fingerprint = ? AND channel = ? AND repeat_until IS NOT NULL AND next_at IS NOT NULL""";

  // A message waits for the earlier ones of its incident: until they are delivered, or nobody tries
  // any more, and while
  // somebody sends one of them.
  private static final String CLAIM =
      """
      UPDATE agent_insight_outbox SET claimed_until = ?, attempts = attempts + 1
      WHERE id IN (
        SELECT o.id FROM agent_insight_outbox o
        WHERE o.next_at <= ? AND (o.claimed_until IS NULL OR o.claimed_until <= ?) AND NOT EXISTS (
          SELECT FROM agent_insight_outbox p
          WHERE p.incident_id = o.incident_id AND p.channel = o.channel AND p.id < o.id
            AND ((p.next_at IS NOT NULL AND p.delivered_at IS NULL) OR p.claimed_until > ?))
        ORDER BY o.next_at, o.id LIMIT ? FOR UPDATE OF o SKIP LOCKED)
      RETURNING id, delivery_id, channel, payload, created_at, attempts, repeat_until, delivered_at IS NOT NULL""";

  private static final String TAKEN =
      """
      UPDATE agent_insight_outbox
      SET claimed_until = NULL, last_error = ?, delivered_at = coalesce(delivered_at, ?),
          next_at = CASE WHEN repeat_until > ? THEN ?::timestamptz END
      WHERE id = ?""";

  private static final String FAILED =
      """
      UPDATE agent_insight_outbox
      SET claimed_until = NULL, last_error = ?,
          next_at = CASE WHEN next_at IS NOT NULL THEN ?::timestamptz END
      WHERE id = ?""";

  private static final String HAS =
      "SELECT 1 FROM agent_insight_outbox WHERE incident_id = ? LIMIT 1";

  private static final String OVER =
      "UPDATE agent_insight_outbox SET claimed_until = NULL, repeat_until = NULL, next_at = NULL WHERE id = ?";

  private Outbox() {}

  /**
   * A message that this program may send.
   *
   * @param attempts this one included
   * @param repeatUntil until when it is told again and again; null if it is told once
   * @param wasTaken whether the channel took it before
   */
  record Claimed(
      long id,
      UUID delivery,
      String channel,
      Message message,
      Instant createdAt,
      int attempts,
      @Nullable Instant repeatUntil,
      boolean wasTaken) {}

  /** Adds a message for a channel that is told once. */
  static void add(Transaction tx, Alert alert, String channel, Message message, Instant now)
      throws SQLException {
    add(tx, alert, channel, message, now, null);
  }

  /**
   * Adds a message for a channel that is told again and again.
   *
   * @param until when that ends; {@link #FOREVER} if a later message ends it
   */
  static void addRepeated(
      Transaction tx, Alert alert, String channel, Message message, Instant now, Instant until)
      throws SQLException {
    endRepeats(tx, alert, channel);
    add(tx, alert, channel, message, now, until);
  }

  /**
   * Ends that a channel is told again and again of an alert, also of an earlier incident: an
   * Alertmanager knows no incidents, and would be told of an end and a begin in turn.
   */
  static void endRepeats(Transaction tx, Alert alert, String channel) throws SQLException {
    Sql.update(tx, END_REPEATS, alert.fingerprint(), channel);
  }

  private static void add(
      Transaction tx,
      Alert alert,
      String channel,
      Message message,
      Instant now,
      @Nullable Instant until)
      throws SQLException {
    UUID delivery = UUID.randomUUID();
    Sql.update(
        tx,
        ADD,
        delivery,
        message.incident(),
        alert.fingerprint(),
        channel,
        AlertRows.name(message.status()),
        message.json(delivery),
        now,
        now,
        until);
  }

  /** Returns whether there is a message of an incident. */
  static boolean has(Transaction tx, UUID incident) throws SQLException {
    return !Sql.list(tx, HAS, row -> row.getInt(1), incident).isEmpty();
  }

  /** Takes messages that are due, for this program alone until a time. */
  static List<Claimed> claim(Transaction tx, Instant now, Instant until, int rowsMax)
      throws SQLException {
    return Sql.list(
        tx,
        CLAIM,
        row ->
            new Claimed(
                row.getLong(1),
                row.getObject(2, UUID.class),
                row.getString(3),
                Message.read(row.getString(4)),
                requireNonNull(Sql.time(row, 5)),
                row.getInt(6),
                Sql.time(row, 7),
                row.getBoolean(8)),
        until,
        now,
        now,
        now,
        rowsMax);
  }

  /**
   * Notes that a channel took a message.
   *
   * @param error of a part of the channel; null without
   * @param again when to tell it again, if it is to be
   */
  static void taken(Transaction tx, Claimed row, Instant now, @Nullable String error, Instant again)
      throws SQLException {
    Sql.update(tx, TAKEN, error, now, now, again, row.id());
  }

  /**
   * Notes that a channel did not take a message.
   *
   * @param next when to try again; null for never
   */
  static void failed(Transaction tx, Claimed row, String error, @Nullable Instant next)
      throws SQLException {
    Sql.update(tx, FAILED, error, next, row.id());
  }

  /** Notes that a message is not told again any more. */
  static void over(Transaction tx, Claimed row) throws SQLException {
    Sql.update(tx, OVER, row.id());
  }

  /** Removes rows that are done and old. */
  static void prune(Transaction tx, Instant now) throws SQLException {
    Sql.update(
        tx,
        "DELETE FROM agent_insight_outbox WHERE created_at < ? AND next_at IS NULL",
        now.minus(KEPT));
  }
}
