-- Parameter: the sweeper's own instance_id. Repeated while it returns 2000.
WITH gone AS (
  SELECT i.instance_id, i.renewed_at FROM agent_instances i
  WHERE i.lease_until < now() - interval '1 minute'
    AND EXISTS (SELECT 1 FROM agent_instances me WHERE me.instance_id = ?
                AND me.lease_until > now() AND me.since < now() - interval '2 minutes')
), lost AS (
  SELECT l.execution_id, GREATEST(l.started_at, g.renewed_at) AS ended_at
  FROM agent_execution_logs l JOIN gone g ON g.instance_id = l.instance_id
  WHERE l.status = 'in_progress'
  LIMIT 2000 FOR UPDATE OF l SKIP LOCKED
)
UPDATE agent_execution_logs t SET
  seen = t.seen | 32, status = 'failed', completed_at = lost.ended_at,
  duration_us = (extract(epoch FROM lost.ended_at - t.started_at) * 1000000)::bigint,
  duration_ms = LEAST(floor(extract(epoch FROM lost.ended_at - t.started_at) * 1000), 2147483647)::integer,
  error_type = 'ExecutionAbandoned', error_message = 'instance gone: its lease was not renewed',
  quality_score = NULL, updated_at = now()
FROM lost WHERE t.execution_id = lost.execution_id
