package io.agentlog.insight.figures;

import io.agentlog.insight.evaluate.Finding;
import io.agentlog.insight.page.Format;
import io.agentlog.insight.page.InstancesPage;
import io.agentlog.insight.query.Database;
import io.agentlog.insight.query.ReportReader;
import io.agentlog.insight.rollup.Sql;
import io.agentlog.insight.rules.Condition;
import io.agentlog.postgres.TableTransactions.Transaction;
import io.agentlog.sink.SinkUnavailableException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * JVMs that lost events since the look before, and sinks that are down, from what the agents say of
 * themselves. The counts of the look before are in a table, since another program may have looked,
 * or none for some time. The first look of all only learns. One thread.
 */
final class LostEvents {
  static final int INSTANCES_MAX = 1_000;

  /** Events that came after the end of their execution are no loss. */
  private static final String AFTER_END = "after_end";

  /** Key of the time of the look before. */
  private static final String KEY = "losses";

  // The last report of a JVM that has shut down since the look before counts, too. One that writes
  // to Kafka alone has a lease without an end and no report here.
  static final String STATEMENT =
      """
      SELECT i.instance_id, left(i.service, 200) AS service, now() AS at,
             CASE WHEN length(to_jsonb(i) ->> 'report') <= 100000 THEN to_jsonb(i) ->> 'report' END AS report,
             s.cursor AS looked_at, coalesce(k.dropped, 0) AS dropped, coalesce(k.parked, 0) AS parked,
             coalesce(k.undecodable, 0) AS undecodable
      FROM agent_instances i LEFT JOIN agent_insight_losses k USING (instance_id)
        LEFT JOIN agent_insight_state s ON s.key = 'losses'
      WHERE i.lease_until > least(now(), s.cursor) - interval '10 minutes' AND i.lease_until < 'infinity' ORDER BY i.renewed_at DESC LIMIT ?""";

  private static final String REMEMBER =
      """
      INSERT INTO agent_insight_losses (instance_id, dropped, parked, undecodable) VALUES (?, ?, ?, ?)
      ON CONFLICT (instance_id) DO UPDATE
      SET dropped = EXCLUDED.dropped, parked = EXCLUDED.parked, undecodable = EXCLUDED.undecodable""";

  private static final String LOOKED =
      """
      INSERT INTO agent_insight_state (key, tick, cursor) VALUES (?, 0, ?)
      ON CONFLICT (key) DO UPDATE SET cursor = EXCLUDED.cursor""";

  private static final String PRUNE =
      """
      DELETE FROM agent_insight_losses k
      WHERE NOT EXISTS (SELECT FROM agent_instances i WHERE i.instance_id = k.instance_id)""";

  private final Database database;
  private final ReportReader reports = new ReportReader(false);

  /** Counts of the last look that are others than before; null before a look. */
  private @Nullable Map<UUID, Losses> seen;

  private Map<String, Instant> downSince = new HashMap<>();

  LostEvents(Database database) {
    this.database = database;
  }

  private record Losses(long dropped, long parked, long undecodable) {
    static Losses of(InstancesPage.Report report) {
      long dropped =
          report.dropped().entrySet().stream()
              .filter(cause -> !cause.getKey().equals(AFTER_END))
              .mapToLong(Map.Entry::getValue)
              .sum();
      long parked = 0;
      long undecodable = 0;
      for (InstancesPage.Sink sink : report.sinks()) {
        parked += orZero(sink.parked());
        undecodable += orZero(sink.undecodable());
      }
      return new Losses(dropped, parked, undecodable);
    }

    private static long orZero(@Nullable Long count) {
      return count == null ? 0 : count;
    }

    long total() {
      return dropped + parked + undecodable;
    }

    /** Counts that have fallen are of a JVM with the same ID that began anew. */
    Losses since(Losses earlier) {
      return new Losses(
          Math.max(0, dropped - earlier.dropped),
          Math.max(0, parked - earlier.parked),
          Math.max(0, undecodable - earlier.undecodable));
    }

    String text() {
      List<String> parts = new ArrayList<>();
      add(parts, dropped, "not recorded");
      add(parts, parked, "refused and parked");
      add(parts, undecodable, "unreadable");
      return String.join(", ", parts);
    }

    private static void add(List<String> parts, long count, String what) {
      if (count > 0) {
        parts.add(count + " " + what);
      }
    }
  }

  private record Instance(
      UUID id,
      String service,
      Instant at,
      InstancesPage.@Nullable Report report,
      @Nullable Instant lookedAt,
      Losses before) {}

  List<Finding> find(Condition.Dropped condition) throws SinkUnavailableException {
    seen = null;
    List<Instance> instances =
        database.list(
            STATEMENT,
            row ->
                new Instance(
                    Rows.id(row, "instance_id"),
                    Rows.text(row, "service"),
                    Rows.time(row, "at"),
                    reports.read(row.getString("report")),
                    Rows.timeOrNull(row, "looked_at"),
                    new Losses(
                        row.getLong("dropped"), row.getLong("parked"), row.getLong("undecodable"))),
            INSTANCES_MAX);
    List<Finding> findings = new ArrayList<>();
    Map<UUID, Losses> now = new HashMap<>();
    Map<String, Instant> stillDown = new HashMap<>();
    for (Instance instance : instances) {
      InstancesPage.Report report = instance.report;
      if (report != null) { // An older agent says nothing, so nothing is known.
        Losses losses = Losses.of(report);
        if (!losses.equals(instance.before)) {
          now.put(instance.id, losses);
        }
        Losses more = losses.since(instance.before);
        if (instance.lookedAt != null && more.total() > 0) {
          findings.add(lost(instance, more, instance.lookedAt));
        }
        for (InstancesPage.Sink sink : report.sinks()) {
          if (Boolean.TRUE.equals(sink.down())) {
            down(instance, sink, condition.after(), stillDown, findings);
          }
        }
      }
    }
    seen = now;
    downSince = stillDown;
    return findings;
  }

  /** Writes what the last look has seen, once. */
  void remember(Transaction tx, Instant at) throws SQLException {
    Map<UUID, Losses> counts = seen;
    if (counts == null) {
      return;
    }
    for (Map.Entry<UUID, Losses> each : counts.entrySet()) {
      Losses losses = each.getValue();
      Sql.update(tx, REMEMBER, each.getKey(), losses.dropped, losses.parked, losses.undecodable);
    }
    Sql.update(tx, LOOKED, KEY, at);
    seen = null;
  }

  static void prune(Transaction tx) throws SQLException {
    Sql.update(tx, PRUNE);
  }

  private static Finding lost(Instance instance, Losses more, Instant lookedAt) {
    return new Finding(
        Map.of("service", instance.service, "instance", instance.id.toString()),
        "%s: its JVM lost %s since %s: %s"
            .formatted(
                instance.service,
                Rows.count(more.total(), "event", "events"),
                Format.age(Duration.between(lookedAt, instance.at)) + " ago",
                more.text()),
        lookedAt,
        more.total(),
        more.total(),
        more.total(),
        "count",
        0.0,
        List.of());
  }

  private void down(
      Instance instance,
      InstancesPage.Sink sink,
      Duration after,
      Map<String, Instant> stillDown,
      List<Finding> findings) {
    String key = instance.id + " " + sink.name();
    Instant seen = downSince.getOrDefault(key, instance.at);
    stillDown.put(key, seen);
    Long lag = sink.lagMillis();
    Instant oldest = lag == null ? instance.at : instance.at.minusMillis(lag);
    Instant since = oldest.isBefore(seen) ? oldest : seen;
    Duration down = Duration.between(since, instance.at);
    if (down.compareTo(after) >= 0) {
      findings.add(
          new Finding(
              Map.of(
                  "service", instance.service,
                  "instance", instance.id.toString(),
                  "sink", sink.name()),
              "%s: its sink %s has been down for %s; %s wait"
                  .formatted(
                      instance.service,
                      sink.name(),
                      Format.age(down),
                      sink.pending() == null ? "events" : sink.pending() + " events"),
              since,
              1,
              1,
              Rows.micros(down),
              "us",
              (double) Rows.micros(after),
              List.of()));
    }
  }
}
