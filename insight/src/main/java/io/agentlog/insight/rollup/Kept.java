package io.agentlog.insight.rollup;

import io.agentlog.insight.score.Assessment;
import io.agentlog.insight.score.RuleVersion;
import io.agentlog.json.JsonWriter;
import io.agentlog.postgres.TableTransactions.Transaction;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/**
 * Rows of {@code agent_insight_assessments}, before they are written: executions that did not pass.
 * One thread.
 */
final class Kept {
  /** Rows of a minute and rule: those with the lowest IDs, so that the same are kept each time. */
  static final int ROWS_MAX = 1_000;

  private static final String GONE =
      """
      DELETE FROM agent_insight_assessments a
      USING (SELECT v::timestamptz AS bucket, v::timestamptz + ?::interval AS ends FROM unnest(?::text[]) AS v) AS b
      WHERE a.completed_at >= b.bucket AND a.completed_at < b.ends AND a.rule_hash = ANY (?::text[])
        AND (a.execution_id, a.rule, a.rule_hash) NOT IN (
          SELECT u.execution_id::uuid, u.rule, u.rule_hash FROM unnest(?::text[], ?::text[], ?::text[]) AS u (execution_id, rule, rule_hash))""";

  private static final String PUT =
      """
      INSERT INTO agent_insight_assessments AS a (execution_id, rule, rule_hash, agent_name, completed_at, verdict, score, detail, assessed_at)
      SELECT u.execution_id::uuid, u.rule, u.rule_hash, u.agent_name, u.completed_at::timestamptz, u.verdict, u.score::numeric, u.detail::jsonb, now()
      FROM unnest(?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[])
        AS u (execution_id, rule, rule_hash, agent_name, completed_at, verdict, score, detail)
      ON CONFLICT (execution_id, rule, rule_hash) DO UPDATE SET agent_name = EXCLUDED.agent_name, completed_at = EXCLUDED.completed_at,
        verdict = EXCLUDED.verdict, score = EXCLUDED.score, detail = EXCLUDED.detail, assessed_at = EXCLUDED.assessed_at
      WHERE (a.agent_name, a.completed_at, a.verdict, a.score, a.detail)
        IS DISTINCT FROM (EXCLUDED.agent_name, EXCLUDED.completed_at, EXCLUDED.verdict, EXCLUDED.score, EXCLUDED.detail)""";

  private final Map<Group, TreeMap<String, Row>> rows = new HashMap<>();

  private record Group(Instant minute, RuleVersion rule) {}

  private record Row(String id, String agent, Instant completedAt, Assessment assessment) {
    String verdict() {
      return assessment.result() == Assessment.Result.FAIL ? "fail" : "warn";
    }
  }

  /** Takes an execution that did not pass. */
  void add(UUID id, String agent, Instant completedAt, Assessment assessment) {
    Group group = new Group(Level.MINUTE.floor(completedAt), assessment.rule());
    TreeMap<String, Row> ofGroup = rows.computeIfAbsent(group, g -> new TreeMap<>());
    if (ofGroup.size() >= ROWS_MAX) {
      if (ofGroup.lastKey().compareTo(id.toString()) <= 0) {
        return;
      }
      ofGroup.pollLastEntry();
    }
    ofGroup.put(id.toString(), new Row(id.toString(), agent, completedAt, assessment));
  }

  /** Writes the rows of buckets, as far as they belong to some rules. */
  void put(Transaction tx, Level level, Collection<Instant> buckets, List<String> hashes)
      throws SQLException {
    List<Row> all = new ArrayList<>();
    rows.values().forEach(ofGroup -> all.addAll(ofGroup.values()));
    List<String> ids = all.stream().map(Row::id).toList();
    List<String> rules = all.stream().map(row -> row.assessment.rule().rule()).toList();
    List<String> versions = all.stream().map(row -> row.assessment.rule().hash()).toList();
    Sql.update(tx, GONE, level.interval(), buckets, hashes, ids, rules, versions);
    Sql.update(
        tx,
        PUT,
        ids,
        rules,
        versions,
        all.stream().map(Row::agent).toList(),
        all.stream().map(Row::completedAt).toList(),
        all.stream().map(Row::verdict).toList(),
        all.stream().map(row -> row.assessment.score()).toList(),
        all.stream().map(row -> JsonWriter.write(row.assessment.detail())).toList());
  }
}
