-- What rules say of the made executions: stages of two agents, one of them by two versions of its declaration, and scores of one.
CREATE FUNCTION pg_temp.sums(agent text, rule text, hash text, hours int4range, assessed int, failed int, warned int, score numeric) RETURNS void LANGUAGE sql AS $$
  INSERT INTO agent_insight_scores (level, bucket, agent_name, rule, rule_hash, assessed, failed, warned, left_out, score_sum, score_bins, score_counts,
    computed_at)
  SELECT level, date_trunc(unit, now()) - h * interval '1 hour', agent, rule, hash, assessed, failed, warned, 1, assessed * score,
    ARRAY[floor(200 * score)::smallint], ARRAY[assessed], now()
  FROM generate_series(lower(hours), upper(hours) - 1) AS h, (VALUES (2, 'hour')) AS l (level, unit) $$;
SELECT pg_temp.sums('support-router', 'pattern', repeat('a1', 32), '[12,24)', 40, 1, 0, 0.98),
       pg_temp.sums('support-router', 'pattern', repeat('b2', 32), '[0,12)', 42, 6, 0, 0.91),
       pg_temp.sums('billing-router', 'pattern', repeat('c3', 32), '[0,24)', 30, 0, 0, 1),
       pg_temp.sums('billing-router', 'good', repeat('d4', 32), '[0,24)', 30, 1, 3, 0.86);

INSERT INTO agent_insight_assessments (execution_id, rule, rule_hash, agent_name, completed_at, verdict, score, detail, assessed_at)
SELECT execution_id, 'pattern', repeat('b2', 32), agent_name, completed_at, 'fail', 0.75,
  jsonb_build_object('kind', 'missing', 'step', 2, 'text', CASE WHEN n % 3 = 0 THEN 'after retrieve-context expected choose-agent, was compose-answer'
    ELSE 'after validate expected retrieve-context, was the end' END), now()
FROM (SELECT *, row_number() OVER (ORDER BY execution_id) AS n FROM agent_execution_logs
      WHERE agent_name = 'support-router' AND completed_at > now() - interval '12 h' ORDER BY completed_at DESC LIMIT 40) AS latest;
INSERT INTO agent_insight_assessments (execution_id, rule, rule_hash, agent_name, completed_at, verdict, score, detail, assessed_at)
SELECT execution_id, 'good', repeat('d4', 32), agent_name, completed_at, 'warn', 0.6, '{"no-error": 1, "latency": 0.4, "application": 0.8}', now()
FROM agent_execution_logs WHERE agent_name = 'billing-router' AND completed_at > now() - interval '12 h' ORDER BY completed_at DESC LIMIT 10;
