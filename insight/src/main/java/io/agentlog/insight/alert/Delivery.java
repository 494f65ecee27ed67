package io.agentlog.insight.alert;

import static java.util.Objects.requireNonNull;

import io.agentlog.config.Config;
import io.agentlog.insight.rollup.Problems;
import io.agentlog.insight.rollup.Sql;
import io.agentlog.insight.rules.Channel;
import io.agentlog.insight.rules.Rules;
import io.agentlog.log.AgentLog;
import io.agentlog.postgres.TableTransactions;
import io.agentlog.postgres.TableTransactions.Transaction;
import io.agentlog.sink.SinkUnavailableException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Tells channels what the outbox has for them.
 *
 * <p>A message is claimed in one transaction, sent in none, and marked in a third step. Who dies
 * between leaves a claim that ends by itself, and the message is sent again with the same delivery
 * ID. Messages of an incident go to a channel in their order; a channel that is slow delays the
 * others by one answer at most.
 *
 * <p>Not thread-safe but for the counters: one thread.
 */
final class Delivery implements AutoCloseable {
  /** Messages that are sent at the same time. */
  static final int MESSAGES_MAX = 32;

  private static final String AREA = "alerts";
  private static final Duration STATEMENT_MAX = Duration.ofSeconds(20);
  private static final int RACES_MAX = 20;

  /** Clocks that differ by more are worth a line. */
  private static final Duration CLOCKS_APART = Duration.ofMinutes(1);

  private final TableTransactions transactions;
  private final AlertTimes times;
  private final Sender sender;
  private final Set<String> failing = new HashSet<>();
  private final Set<String> apart = new HashSet<>();
  private final AtomicLong delivered = new AtomicLong();
  private final AtomicLong failures = new AtomicLong();
  private final AtomicLong undeliverable = new AtomicLong();

  /** Does no I/O. */
  Delivery(Config config, AlertTimes times, Sender sender) {
    this.transactions = new TableTransactions(config, "agentlog-insight");
    this.times = times;
    this.sender = sender;
  }

  private static final Sender.Result NO_CHANNEL =
      new Sender.Result(false, "the rules file has no channel of this name any more");

  private record Sending(
      Outbox.Claimed row, @Nullable Channel channel, Sender.@Nullable Sent sent) {}

  /**
   * A message that was tried.
   *
   * @param result null for one that was repeated to an Alertmanager, which its channel is no more
   */
  private record Done(Outbox.Claimed row, Sender.@Nullable Result result) {}

  /**
   * Sends what is due.
   *
   * @return how many messages it tried
   * @throws SinkUnavailableException if the database can't be used; the message says what to do
   */
  int step(Rules rules) throws SinkUnavailableException, InterruptedException {
    List<Outbox.Claimed> rows = claim();
    List<Sending> sending = new ArrayList<>();
    for (Outbox.Claimed row : rows) {
      Channel channel = channel(rules, row.channel());
      sending.add(
          new Sending(
              row,
              channel,
              channel == null || isOver(row, channel)
                  ? null
                  : sender.send(requests(channel, row.message(), row.delivery()))));
    }
    List<Done> done = new ArrayList<>();
    for (Sending one : sending) {
      Sender.Sent sent = one.sent;
      Sender.@Nullable Result unsent = one.channel == null ? NO_CHANNEL : null;
      done.add(new Done(one.row, sent == null ? unsent : sent.await()));
    }
    if (!done.isEmpty()) {
      mark(done);
    }
    return rows.size();
  }

  private static boolean isOver(Outbox.Claimed row, Channel channel) {
    return row.repeatUntil() != null
        && row.wasTaken()
        && channel.type() != Channel.Type.ALERTMANAGER;
  }

  private List<HttpRequest> requests(Channel channel, Message message, UUID delivery) {
    return Posts.of(channel, message, delivery, uri -> clock(channel, uri), times.endsAfter());
  }

  private Instant clock(Channel channel, URI address) {
    Duration ahead = sender.ahead(address);
    if (ahead.abs().compareTo(CLOCKS_APART) <= 0) {
      return Instant.now();
    }
    if (apart.add(channel.name())) {
      AgentLog.warn(
          AREA,
          "the clock of channel %s is %s s %s this machine's: its own time is used for it. Set one of the clocks"
              .formatted(
                  channel.name(),
                  Long.toString(ahead.abs().toSeconds()),
                  ahead.isNegative() ? "behind" : "ahead of"));
    }
    return Instant.now().plus(ahead);
  }

  private static @Nullable Channel channel(Rules rules, String name) {
    return rules.channels().stream()
        .filter(channel -> channel.name().equals(name))
        .findFirst()
        .orElse(null);
  }

  private List<Outbox.Claimed> claim() throws SinkUnavailableException {
    try (Transaction tx = transactions.begin(STATEMENT_MAX)) {
      Instant now = now(tx);
      List<Outbox.Claimed> rows = Outbox.claim(tx, now, now.plus(times.claim()), MESSAGES_MAX);
      tx.commit();
      return rows;
    } catch (SQLException e) {
      if (Problems.isRace(e)) {
        return List.of();
      }
      throw Problems.outage(e, transactions);
    }
  }

  /** Marks all at once, so that the claims of the last don't end while the first are marked. */
  private void mark(List<Done> done) throws SinkUnavailableException {
    for (int i = 1; ; i++) {
      try (Transaction tx = transactions.begin(STATEMENT_MAX)) {
        Instant now = now(tx);
        for (Done one : done) {
          Sender.@Nullable Result result = one.result;
          if (result == null) {
            Outbox.over(tx, one.row);
          } else if (result.taken()) {
            Outbox.taken(tx, one.row, now, result.error(), now.plus(times.refresh()));
          } else {
            Outbox.failed(tx, one.row, String.valueOf(result.error()), next(one.row, now));
          }
        }
        tx.commit();
        done.forEach(one -> count(one.row, one.result, now));
        return;
      } catch (SQLException e) {
        if (!Problems.isRace(e) || i == RACES_MAX) {
          throw Problems.outage(e, transactions);
        }
      }
    }
  }

  private static Instant now(Transaction tx) throws SQLException {
    return requireNonNull(Sql.firstTime(tx, "SELECT now()"), "now");
  }

  /** Returns when a message that was not taken is tried again; null for never. */
  private @Nullable Instant next(Outbox.Claimed row, Instant now) {
    Instant until = row.repeatUntil();
    if (until != null && until.isAfter(now)) {
      return now.plus(times.refresh());
    }
    if (row.wasTaken() || isTooOld(row, now)) {
      return null;
    }
    Duration wait = times.retryMin();
    for (int i = 1; i < row.attempts() && wait.compareTo(times.retryMax()) < 0; i++) {
      wait = wait.multipliedBy(2);
    }
    return now.plus(wait.compareTo(times.retryMax()) < 0 ? wait : times.retryMax());
  }

  private boolean isTooOld(Outbox.Claimed row, Instant now) {
    return row.createdAt().plus(times.giveUpAfter()).isBefore(now);
  }

  private void count(Outbox.Claimed row, Sender.@Nullable Result result, Instant now) {
    if (result == null) {
      return;
    }
    String error = result.error();
    (result.taken() ? delivered : failures).incrementAndGet();
    if (error == null) {
      if (failing.remove(row.channel())) {
        AgentLog.info(AREA, "channel %s takes messages again".formatted(row.channel()));
      }
      return;
    }
    Instant next = result.taken() ? now : next(row, now);
    if (next == null && !row.wasTaken()) {
      undeliverable.incrementAndGet();
      AgentLog.warn(
          AREA,
          "channel %s did not take message %s for %s h (%s): it is not tried again"
              .formatted(
                  row.channel(),
                  row.delivery(),
                  Long.toString(times.giveUpAfter().toHours()),
                  error));
    } else if (failing.add(row.channel())) {
      AgentLog.warn(
          AREA,
          "channel %s takes no messages: %s. Each is kept and tried again for %s h"
              .formatted(row.channel(), error, Long.toString(times.giveUpAfter().toHours())));
    }
  }

  long deliveredCount() {
    return delivered.get();
  }

  long failureCount() {
    return failures.get();
  }

  long undeliverableCount() {
    return undeliverable.get();
  }

  @Override
  public void close() {
    transactions.close();
  }
}
