package io.agentlog.insight.rollup;

import static java.util.Objects.requireNonNull;

import io.agentlog.insight.score.Assessment;
import io.agentlog.insight.score.RuleVersion;
import io.agentlog.insight.statistics.Scales;
import io.agentlog.postgres.TableTransactions.Transaction;
import java.math.BigDecimal;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Rows of {@code agent_insight_scores} for buckets of one level, before they are written. One
 * thread.
 */
final class ScoreCounts {
  private static final String BELOW =
      """
      SELECT b.bucket, s.agent_name, s.rule, s.rule_hash, s.assessed, s.failed, s.warned, s.left_out, s.score_sum,
             array_to_string(s.score_bins, ','), array_to_string(s.score_counts, ',')
      FROM (SELECT v::timestamptz AS bucket, v::timestamptz + ?::interval AS ends FROM unnest(?::text[]) AS v) AS b
      JOIN agent_insight_scores s ON s.level = ?::smallint - 1::int2 AND s.bucket >= b.bucket AND s.bucket < b.ends""";

  private static final String PUT =
      """
      WITH fresh AS MATERIALIZED (
        SELECT ?::smallint AS level, u.bucket::timestamptz AS bucket, u.agent_name, u.rule, u.rule_hash, u.assessed::int AS assessed,
               u.failed::int AS failed, u.warned::int AS warned, u.left_out::int AS left_out, u.score_sum::numeric AS score_sum,
               u.score_bins::smallint[] AS score_bins, u.score_counts::int[] AS score_counts
        FROM unnest(?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[])
          AS u (bucket, agent_name, rule, rule_hash, assessed, failed, warned, left_out, score_sum, score_bins, score_counts)),
      gone AS (
        DELETE FROM agent_insight_scores s
        WHERE s.level = ?::smallint AND s.bucket = ANY (?::text[]::timestamptz[]) AND (?::text[] IS NULL OR s.rule_hash = ANY (?::text[]))
          AND (s.bucket, s.agent_name, s.rule, s.rule_hash) NOT IN (SELECT bucket, agent_name, rule, rule_hash FROM fresh)
        RETURNING s.bucket),
      put AS (
        INSERT INTO agent_insight_scores AS s (level, bucket, agent_name, rule, rule_hash, assessed, failed, warned, left_out, score_sum,
          score_bins, score_counts, computed_at)
        SELECT fresh.*, now() FROM fresh
        ON CONFLICT (level, bucket, agent_name, rule, rule_hash) DO UPDATE SET assessed = EXCLUDED.assessed, failed = EXCLUDED.failed,
          warned = EXCLUDED.warned, left_out = EXCLUDED.left_out, score_sum = EXCLUDED.score_sum, score_bins = EXCLUDED.score_bins,
          score_counts = EXCLUDED.score_counts, computed_at = EXCLUDED.computed_at
        WHERE (s.assessed, s.failed, s.warned, s.left_out, s.score_sum, s.score_bins, s.score_counts)
          IS DISTINCT FROM (EXCLUDED.assessed, EXCLUDED.failed, EXCLUDED.warned, EXCLUDED.left_out, EXCLUDED.score_sum, EXCLUDED.score_bins,
            EXCLUDED.score_counts)
        RETURNING s.bucket)
      SELECT bucket FROM gone UNION SELECT bucket FROM put""";

  private final Level level;
  private final Map<Key, Count> counts = new HashMap<>();

  ScoreCounts(Level level) {
    this.level = level;
  }

  private record Key(Instant bucket, String agent, RuleVersion rule) {
    Key ofOthers() {
      return new Key(bucket, BucketTable.OTHERS, rule);
    }
  }

  private static final class Count {
    private long assessed;
    private long failed;
    private long warned;
    private long leftOut;
    private BigDecimal sum = BigDecimal.ZERO;
    private final TreeMap<Integer, Long> bins = new TreeMap<>();

    void add(Count other) {
      assessed += other.assessed;
      failed += other.failed;
      warned += other.warned;
      leftOut += other.leftOut;
      sum = sum.add(other.sum);
      other.bins.forEach((bin, n) -> bins.merge(bin, n, Long::sum));
    }

    long all() {
      return assessed + leftOut;
    }
  }

  /** Counts an execution. */
  void add(Instant bucket, String agent, Assessment assessment) {
    Count count = count(new Key(bucket, agent, assessment.rule()));
    switch (assessment.result()) {
      case LEFT_OUT -> {
        count.leftOut++;
        return;
      }
      case FAIL -> count.failed++;
      case WARN -> count.warned++;
      case PASS -> {}
    }
    count.assessed++;
    count.sum = count.sum.add(BigDecimal.valueOf(assessment.score()));
    count.bins.merge(Scales.qualityBin(assessment.score()), 1L, Long::sum);
  }

  private Count count(Key key) {
    return counts.computeIfAbsent(key, k -> new Count());
  }

  /** Sums up the level below. */
  static ScoreCounts sum(Transaction tx, Level level, Collection<Instant> buckets)
      throws SQLException {
    ScoreCounts sums = new ScoreCounts(level);
    Sql.each(
        tx,
        BELOW,
        row -> {
          RuleVersion rule = new RuleVersion(row.getString(3), row.getString(4));
          Count count =
              sums.count(new Key(requireNonNull(Sql.time(row, 1)), row.getString(2), rule));
          count.assessed += row.getLong(5);
          count.failed += row.getLong(6);
          count.warned += row.getLong(7);
          count.leftOut += row.getLong(8);
          count.sum = count.sum.add(row.getBigDecimal(9));
          String[] bins = row.getString(10).split(",", -1);
          String[] times = row.getString(11).split(",", -1);
          for (int i = 0; i < bins.length && !bins[i].isEmpty(); i++) {
            count.bins.merge(Integer.valueOf(bins[i]), Long.valueOf(times[i]), Long::sum);
          }
        },
        level.interval(),
        buckets,
        level.code);
    return sums;
  }

  /**
   * Writes the buckets.
   *
   * @param hashes of the rules that were counted; rows of others stay. Null for all
   * @return the buckets that have changed
   */
  NavigableSet<Instant> put(
      Transaction tx, Collection<Instant> buckets, @Nullable List<String> hashes)
      throws SQLException {
    if (buckets.isEmpty()) {
      return new TreeSet<>();
    }
    List<Map.Entry<Key, Count>> rows = rows();
    return new TreeSet<>(
        Sql.list(
            tx,
            PUT,
            row -> requireNonNull(Sql.time(row, 1)),
            level.code,
            rows.stream().map(row -> row.getKey().bucket).toList(),
            rows.stream().map(row -> row.getKey().agent).toList(),
            rows.stream().map(row -> row.getKey().rule.rule()).toList(),
            rows.stream().map(row -> row.getKey().rule.hash()).toList(),
            rows.stream().map(row -> row.getValue().assessed).toList(),
            rows.stream().map(row -> row.getValue().failed).toList(),
            rows.stream().map(row -> row.getValue().warned).toList(),
            rows.stream().map(row -> row.getValue().leftOut).toList(),
            rows.stream().map(row -> row.getValue().sum.toPlainString()).toList(),
            rows.stream().map(row -> array(row.getValue().bins.keySet())).toList(),
            rows.stream().map(row -> array(row.getValue().bins.values())).toList(),
            level.code,
            buckets,
            hashes,
            hashes));
  }

  private static String array(Collection<? extends Number> numbers) {
    return "{" + String.join(",", numbers.stream().map(Number::toString).toList()) + "}";
  }

  /** Returns at most so many rows a bucket as it may have; the rest is added up. */
  private List<Map.Entry<Key, Count>> rows() {
    Map<Instant, List<Map.Entry<Key, Count>>> byBucket = new TreeMap<>();
    counts
        .entrySet()
        .forEach(
            entry ->
                byBucket
                    .computeIfAbsent(entry.getKey().bucket, bucket -> new ArrayList<>())
                    .add(entry));
    Map<Key, Count> kept = new HashMap<>();
    for (List<Map.Entry<Key, Count>> ofBucket : byBucket.values()) {
      ofBucket.sort(
          Comparator.comparing(
                  (Map.Entry<Key, Count> entry) -> entry.getKey().agent.equals(BucketTable.OTHERS))
              .thenComparing(entry -> -entry.getValue().all())
              .thenComparing(entry -> entry.getKey().agent)
              .thenComparing(entry -> entry.getKey().rule.rule())
              .thenComparing(entry -> entry.getKey().rule.hash()));
      for (int i = 0; i < ofBucket.size(); i++) {
        Key key = ofBucket.get(i).getKey();
        kept.computeIfAbsent(i < BucketTable.ROWS_MAX ? key : key.ofOthers(), k -> new Count())
            .add(ofBucket.get(i).getValue());
      }
    }
    return List.copyOf(kept.entrySet());
  }
}
