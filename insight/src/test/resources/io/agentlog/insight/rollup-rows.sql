-- Fills the tables of the trends from all of the agent's rows, in the plainest way.
TRUNCATE agent_insight_rollup, agent_insight_errors, agent_insight_decisions, agent_insight_prompts, agent_insight_state;

CREATE TEMP TABLE ends AS
SELECT execution_id, completed_at, coalesce(agent_name, '') AS agent, coalesce(project_name, '') AS project, status, parent_execution_id,
       coalesce(duration_us, duration_ms * 1000::bigint) AS us, quality_score AS q, seen & 56 <> 0 AS provisional,
       coalesce(error_type, '') AS error_type, user_prompt_sha256, routing_decision_id,
       substr(md5(regexp_replace(coalesce(error_message, ''), '[0-9a-f]*[0-9][0-9a-f-]*|"[^"]*"|''[^'']*''', '#', 'g')), 1, 32) AS fingerprint
FROM agent_execution_logs WHERE completed_at IS NOT NULL;

CREATE TEMP TABLE levels (level smallint, unit text, kept interval);
INSERT INTO levels VALUES (1, 'minute', interval '48 hours'), (2, 'hour', interval '90 days'), (3, 'day', interval '1000 days');

INSERT INTO agent_insight_rollup
SELECT l.level, l.bucket, agent, project, count(*) FILTER (WHERE NOT provisional), count(*) FILTER (WHERE NOT provisional AND status = 'success'),
  count(*) FILTER (WHERE NOT provisional AND status = 'failed'), count(*) FILTER (WHERE NOT provisional AND status = 'cancelled'),
  count(*) FILTER (WHERE provisional), count(*) FILTER (WHERE NOT provisional AND parent_execution_id IS NULL),
  count(*) FILTER (WHERE NOT provisional AND parent_execution_id IS NULL AND status = 'failed'),
  coalesce(sum(us) FILTER (WHERE NOT provisional), 0), '{}', '{}', count(q) FILTER (WHERE NOT provisional),
  coalesce(sum(q) FILTER (WHERE NOT provisional), 0), '{}', '{}', now()
FROM ends, LATERAL (SELECT level, date_trunc(unit, completed_at, 'UTC') AS bucket FROM levels WHERE completed_at > now() - kept) AS l
GROUP BY 1, 2, 3, 4;

UPDATE agent_insight_rollup r SET duration_bins = b.bins, duration_counts = b.counts
FROM (SELECT level, bucket, agent, project, array_agg(bin ORDER BY bin) AS bins, array_agg(n ORDER BY bin) AS counts
      FROM (SELECT l.level, l.bucket, agent, project, floor(ln(greatest(us, 1)) / ln(1.01 / 0.99))::int AS bin, count(*)::int AS n
            FROM ends, LATERAL (SELECT level, date_trunc(unit, completed_at, 'UTC') AS bucket FROM levels WHERE completed_at > now() - kept) AS l
            WHERE NOT provisional AND us IS NOT NULL GROUP BY 1, 2, 3, 4, 5) AS counted GROUP BY 1, 2, 3, 4) AS b
WHERE r.level = b.level AND r.bucket = b.bucket AND r.agent_name = b.agent AND r.project_name = b.project;

UPDATE agent_insight_rollup r SET quality_bins = b.bins, quality_counts = b.counts
FROM (SELECT level, bucket, agent, project, array_agg(bin ORDER BY bin) AS bins, array_agg(n ORDER BY bin) AS counts
      FROM (SELECT l.level, l.bucket, agent, project, least(199, floor(q * 200))::smallint AS bin, count(*)::int AS n
            FROM ends, LATERAL (SELECT level, date_trunc(unit, completed_at, 'UTC') AS bucket FROM levels WHERE completed_at > now() - kept) AS l
            WHERE NOT provisional AND q IS NOT NULL GROUP BY 1, 2, 3, 4, 5) AS counted GROUP BY 1, 2, 3, 4) AS b
WHERE r.level = b.level AND r.bucket = b.bucket AND r.agent_name = b.agent AND r.project_name = b.project;

INSERT INTO agent_insight_errors (level, bucket, agent_name, project_name, error_type, fingerprint, n, provisional, first_seen, last_seen, example)
SELECT l.level, l.bucket, agent, project, error_type, fingerprint, count(*), count(*) FILTER (WHERE provisional), min(completed_at),
  max(completed_at), (array_agg(execution_id ORDER BY completed_at DESC))[1]
FROM ends, LATERAL (SELECT level, date_trunc(unit, completed_at, 'UTC') AS bucket FROM levels WHERE level < 3 AND completed_at > now() - kept) AS l
WHERE status = 'failed' GROUP BY 1, 2, 3, 4, 5, 6;

INSERT INTO agent_insight_prompts
SELECT date_trunc('day', completed_at, 'UTC'), user_prompt_sha256, agent, project, count(*), count(*) FILTER (WHERE status = 'success'),
  count(*) FILTER (WHERE status = 'failed'), count(*) FILTER (WHERE status = 'cancelled'), min(completed_at), max(completed_at),
  count(q), coalesce(sum(q), 0), min(q), max(q), count(us), coalesce(sum(us), 0), min(us), max(us), count(DISTINCT d.selected_agent),
  (array_agg(execution_id ORDER BY completed_at DESC))[1:20], now()
FROM ends LEFT JOIN agent_routing_decisions d ON d.id = ends.routing_decision_id
WHERE NOT provisional AND user_prompt_sha256 IS NOT NULL GROUP BY 1, 2, 3, 4 HAVING count(*) > 1;

CREATE TEMP TABLE outcomes AS
SELECT d.*, o.status, o.quality_score AS q, o.seen & 56 <> 0 AS provisional, o.execution_id AS outcome
FROM agent_routing_decisions d
LEFT JOIN LATERAL (
  SELECT * FROM (
    (SELECT 1 AS place, e.* FROM agent_execution_logs e WHERE e.correlation_id = d.correlation_id AND e.agent_name = d.selected_agent
       AND e.started_at >= d.created_at AND e.started_at <= d.created_at + interval '1 hour' ORDER BY e.started_at LIMIT 1)
    UNION ALL
    (SELECT 2, e.* FROM agent_execution_logs e WHERE e.correlation_id = d.correlation_id AND e.routing_decision_id = d.id LIMIT 1)) AS both_
  ORDER BY place LIMIT 1) AS o ON true;

INSERT INTO agent_insight_decisions
SELECT level, date_trunc(unit, created_at, 'UTC'), coalesce(routing_strategy, ''), coalesce(selected_agent, ''),
  coalesce(least(99, floor(confidence_score * 100)), -1), count(*), count(*) FILTER (WHERE counts), count(*) FILTER (WHERE counts AND good),
  coalesce(sum(confidence_score) FILTER (WHERE counts), 0), coalesce(sum(confidence_score ^ 2) FILTER (WHERE counts), 0),
  coalesce(sum(confidence_score) FILTER (WHERE counts AND good), 0), count(q) FILTER (WHERE counts), coalesce(sum(q) FILTER (WHERE counts), 0),
  coalesce(sum(confidence_score) FILTER (WHERE counts AND q IS NOT NULL), 0),
  count(*) FILTER (WHERE outcome IS NULL), count(*) FILTER (WHERE status = 'in_progress'),
  count(*) FILTER (WHERE status = 'cancelled' AND NOT provisional), count(*) FILTER (WHERE provisional),
  count(trigger_confidence), coalesce(sum(trigger_confidence), 0), count(context_confidence), coalesce(sum(context_confidence), 0),
  count(capability_confidence), coalesce(sum(capability_confidence), 0), count(historical_confidence), coalesce(sum(historical_confidence), 0), now()
FROM (SELECT *, status IN ('success', 'failed') AND NOT provisional AS counts, status = 'success' AS good FROM outcomes) AS o, levels
WHERE level > 1 AND created_at > now() - kept GROUP BY 1, 2, 3, 4, 5;

INSERT INTO agent_insight_state (key, tick, cursor) VALUES ('rollup', 1, now()), ('decisions', 1, now()), ('prompts', 1, now());
DROP TABLE ends, levels, outcomes;
