package io.agentlog.insight.figures;

import io.agentlog.insight.evaluate.Finding;
import io.agentlog.insight.query.Database;
import io.agentlog.insight.rules.AgentNames;
import io.agentlog.insight.rules.Condition;
import io.agentlog.insight.rules.Texts;
import io.agentlog.sink.SinkUnavailableException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Groups of errors that were not seen for long. While the history is shorter than a week, or is
 * still being computed, nothing is new. One thread.
 */
final class NewErrors {
  /** Groups that are looked at, the most frequent. */
  static final int GROUPS_MAX = 500;

  private static final Duration HISTORY_MIN = Duration.ofDays(7);

  /** How long it is remembered that a group was seen before. */
  private static final Duration KNOWN_KEPT = Duration.ofHours(1);

  static final String HISTORY =
      """
      SELECT now() AS now, (SELECT min(bucket) FROM agent_insight_rollup WHERE level = 3) AS since,
             EXISTS (SELECT FROM agent_insight_dirty WHERE duty = 'rollup' AND ends - begins >= interval '1 hour') AS is_incomplete""";

  // How an execution ended whose JVM was gone is no error of its own.
  static final String GROUPS =
      """
      SELECT agent_name, error_type, fingerprint, sum(n - provisional) AS n, min(first_seen) AS since,
             array_to_string(array_agg(example ORDER BY last_seen DESC), ',') AS examples
      FROM agent_insight_errors
      WHERE level = 1 AND bucket >= ? AND fingerprint <> '' AND error_type NOT IN ('JvmShutdown', 'ExecutionAbandoned')
        AND agent_name LIKE ANY (?::text[])
      GROUP BY 1, 2, 3 HAVING sum(n - provisional) >= ? ORDER BY n DESC LIMIT ?""";

  static final String SEEN =
      """
      SELECT k.place FROM unnest(?::text[], ?::text[], ?::text[]) WITH ORDINALITY AS k (agent, type, fingerprint, place)
      WHERE EXISTS (SELECT FROM agent_insight_errors e WHERE e.level = 2 AND e.bucket >= ? AND e.bucket < ?
                      AND e.agent_name = k.agent AND e.error_type = k.type AND e.fingerprint = k.fingerprint)""";

  private final Database database;
  private final Set<Key> known = new HashSet<>();
  private Instant knownSince = Instant.EPOCH;

  NewErrors(Database database) {
    this.database = database;
  }

  private record Key(String agent, String type, String fingerprint) {}

  private record Group(Key key, long n, @Nullable Instant since, List<UUID> examples) {}

  private record History(Instant now, @Nullable Instant since, boolean isIncomplete) {}

  List<Finding> find(Condition.NewError condition, List<String> agents)
      throws SinkUnavailableException {
    History history =
        database
            .list(
                HISTORY,
                row ->
                    new History(
                        Rows.time(row, "now"),
                        Rows.timeOrNull(row, "since"),
                        row.getBoolean("is_incomplete")))
            .get(0);
    Instant from = history.now.minus(condition.window());
    Instant least = from.minus(min(condition.unseen(), HISTORY_MIN));
    if (history.isIncomplete || history.since == null || history.since.isAfter(least)) {
      return List.of();
    }
    if (!history.now.isBefore(knownSince.plus(KNOWN_KEPT))) {
      known.clear();
      knownSince = history.now;
    }
    List<Group> groups = new ArrayList<>();
    for (Group group : groups(from, condition.minCount(), agents)) {
      if (AgentNames.match(agents, group.key.agent) && !known.contains(group.key)) {
        groups.add(group);
      }
    }
    if (groups.isEmpty()) {
      return List.of();
    }
    groups.removeAll(seen(groups, from.minus(condition.unseen()), from));
    return findings(groups, condition);
  }

  private static Duration min(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  private List<Group> groups(Instant from, int minCount, List<String> agents)
      throws SinkUnavailableException {
    return database.list(
        GROUPS,
        row ->
            new Group(
                new Key(
                    row.getString("agent_name"),
                    row.getString("error_type"),
                    row.getString("fingerprint")),
                row.getLong("n"),
                Rows.timeOrNull(row, "since"),
                Rows.ids(row, "examples")),
        from.truncatedTo(ChronoUnit.MINUTES),
        AgentNames.like(agents),
        minCount,
        GROUPS_MAX);
  }

  /**
   * Returns groups that were seen before; an hour that is partly within the window is not asked.
   */
  private List<Group> seen(List<Group> groups, Instant from, Instant to)
      throws SinkUnavailableException {
    List<Integer> places =
        database.list(
            SEEN,
            row -> row.getInt("place"),
            groups.stream().map(group -> group.key.agent).toArray(String[]::new),
            groups.stream().map(group -> group.key.type).toArray(String[]::new),
            groups.stream().map(group -> group.key.fingerprint).toArray(String[]::new),
            from.truncatedTo(ChronoUnit.HOURS),
            to.truncatedTo(ChronoUnit.HOURS));
    List<Group> seen = places.stream().map(place -> groups.get(place - 1)).toList();
    seen.forEach(group -> known.add(group.key));
    return seen;
  }

  private static List<Finding> findings(List<Group> groups, Condition.NewError condition) {
    Map<String, List<Group>> byType = new TreeMap<>();
    for (Group group : groups) {
      byType
          .computeIfAbsent(group.key.agent + "\n" + group.key.type, key -> new ArrayList<>())
          .add(group);
    }
    List<Finding> findings = new ArrayList<>();
    for (List<Group> ofType : byType.values()) {
      Key key = ofType.get(0).key;
      long n = ofType.stream().mapToLong(Group::n).sum();
      String kinds = ofType.size() == 1 ? "" : " with " + ofType.size() + " different messages";
      findings.add(
          new Finding(
              Map.of("agent", key.agent, "error_type", key.type),
              "%s: %s %s in the last %s%s; not seen for %s before"
                  .formatted(
                      key.agent,
                      Long.toString(n),
                      key.type,
                      Texts.of(condition.window()),
                      kinds,
                      Texts.of(condition.unseen())),
              ofType.get(0).since,
              n,
              n,
              n,
              "count",
              condition.minCount() - 1.0,
              ofType.stream()
                  .flatMap(group -> group.examples.stream())
                  .limit(RowFindings.EXAMPLES_MAX)
                  .toList()));
    }
    return findings;
  }
}
