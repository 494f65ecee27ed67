package io.agentlog.insight.figures;

import io.agentlog.insight.evaluate.Finding;
import io.agentlog.insight.page.Format;
import io.agentlog.insight.page.InstancesPage;
import io.agentlog.insight.query.Database;
import io.agentlog.insight.query.ReportReader;
import io.agentlog.insight.rules.Condition;
import io.agentlog.sink.SinkUnavailableException;
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
 * themselves. The first look only learns. One thread.
 */
final class LostEvents {
  static final int INSTANCES_MAX = 1_000;

  /** Events that came after the end of their execution are no loss. */
  private static final String AFTER_END = "after_end";

  // The last report of a JVM that has shut down counts, too.
  static final String STATEMENT =
      """
      SELECT i.instance_id, left(i.service, 200) AS service, now() AS at,
             CASE WHEN length(to_jsonb(i) ->> 'report') <= 100000 THEN to_jsonb(i) ->> 'report' END AS report
      FROM agent_instances i WHERE i.lease_until > now() - interval '10 minutes' ORDER BY i.renewed_at DESC LIMIT ?""";

  private final Database database;
  private final ReportReader reports = new ReportReader(false);
  private @Nullable Map<UUID, Losses> before;
  private Map<String, Instant> downSince = new HashMap<>();
  private Instant lookedAt = Instant.EPOCH;

  LostEvents(Database database) {
    this.database = database;
  }

  private record Losses(long dropped, long parked, long undecodable) {
    static final Losses NONE = new Losses(0, 0, 0);

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
      UUID id, String service, Instant at, InstancesPage.@Nullable Report report) {}

  List<Finding> find(Condition.Dropped condition) throws SinkUnavailableException {
    List<Instance> instances =
        database.list(
            STATEMENT,
            row ->
                new Instance(
                    Rows.id(row, "instance_id"),
                    Rows.text(row, "service"),
                    Rows.time(row, "at"),
                    reports.read(row.getString("report"))),
            INSTANCES_MAX);
    List<Finding> findings = new ArrayList<>();
    Map<UUID, Losses> now = new HashMap<>();
    Map<String, Instant> stillDown = new HashMap<>();
    for (Instance instance : instances) {
      InstancesPage.Report report = instance.report;
      if (report != null) { // An older agent says nothing, so nothing is known.
        Losses losses = Losses.of(report);
        now.put(instance.id, losses);
        if (before != null) {
          Losses more = losses.since(before.getOrDefault(instance.id, Losses.NONE));
          if (more.total() > 0) {
            findings.add(lost(instance, more));
          }
        }
        for (InstancesPage.Sink sink : report.sinks()) {
          if (Boolean.TRUE.equals(sink.down())) {
            down(instance, sink, condition.after(), stillDown, findings);
          }
        }
      }
    }
    before = now;
    downSince = stillDown;
    lookedAt = instances.isEmpty() ? lookedAt : instances.get(0).at;
    return findings;
  }

  private Finding lost(Instance instance, Losses more) {
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
