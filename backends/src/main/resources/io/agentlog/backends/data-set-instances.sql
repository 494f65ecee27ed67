-- The JVMs of the last hour with what their agents say of themselves, and the one that is gone. One has a broker that is down, one
-- has dropped events, and one is of an agentlog that says nothing.
WITH p AS (
  SELECT ?::timestamptz AS at
), jvm AS (
  SELECT e.instance_id, min(e.project_name) || '-service' AS service, min(e.started_at) AS since, count(*) AS executions,
         count(*) FILTER (WHERE status = 'in_progress') AS running, row_number() OVER (ORDER BY e.instance_id) AS no
  FROM agent_execution_logs e, p
  WHERE e.started_at > p.at - interval '1 hour' AND e.instance_id <> md5('gone')::uuid GROUP BY e.instance_id
)
INSERT INTO agent_instances (instance_id, service, since, renewed_at, lease_until, report)
SELECT instance_id, service, since, now(), now() + interval '1 day',
       CASE WHEN no <> 3 THEN jsonb_build_object(
         'reported_at', now(), 'version', CASE WHEN no = 4 THEN '0.1.0' ELSE '0.2.0' END, 'host', service || '-' || substr(md5(no::text), 1, 5),
         'pid', 1, 'started_at', since - interval '2 s', 'stopped', false, 'running', running,
         'counters', jsonb_build_object('executions_started', executions, 'events_recorded', executions * 4, 'outside_execution', no % 3,
           'value_cut', no * 7 % 5, 'withheld', 0, 'suppressed', 0),
         'dropped', CASE WHEN no = 5 THEN jsonb_build_object('journal_full', 1204) ELSE '{}' END, 'deferred', 0,
         'sinks', jsonb_build_array(
           jsonb_build_object('name', 'postgres', 'target', 'db.internal:5432/agents', 'state', 'up', 'failures_in_a_row', 0,
             'delivered', executions * 4, 'pending', 0, 'parked', CASE WHEN no = 6 THEN 3 ELSE 0 END, 'undecodable', 0, 'lag_ms', 0),
           CASE WHEN no = 2 THEN jsonb_build_object('name', 'kafka', 'target', 'kafka.internal:9092 agent-execution-logs', 'state', 'down',
               'failures_in_a_row', 41, 'delivered', executions * 3, 'pending', executions, 'parked', 0, 'undecodable', 0, 'lag_ms', 272000,
               'last_error', 'the brokers kafka.internal:9092 can''t be reached (TimeoutException)')
             ELSE jsonb_build_object('name', 'kafka', 'target', 'kafka.internal:9092 agent-execution-logs', 'state', 'up', 'failures_in_a_row', 0,
               'delivered', executions * 4, 'pending', no % 2, 'parked', 0, 'undecodable', 0, 'lag_ms', no % 2 * 12) END)) END
FROM jvm
UNION ALL
SELECT md5('gone')::uuid, 'support-service', at - interval '2 days', at - interval '150 minutes', at - interval '149 minutes', NULL FROM p
ON CONFLICT DO NOTHING
