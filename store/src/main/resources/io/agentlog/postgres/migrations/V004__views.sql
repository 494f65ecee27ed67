-- Views over the tables, each made only where its name is free, whoever has it. One that can't be made, on a table of the
-- Python logger with other types, say, is left out with a warning: rows are written all the same. Nothing here is read by
-- agentlog, so each may be changed or dropped. A database that has run version 2 has them already.
-- Version 2 made the views by a block that called functions by their bare names, which whoever may create in a schema of
-- the search path could replace. Here statements alone do it, and nothing but pg_catalog is searched while they run.

CREATE VIEW active_agents AS
SELECT e.execution_id, e.correlation_id, e.agent_name, e.started_at,
       (extract(epoch FROM now() - e.started_at) * 1000)::bigint AS running_ms,
       e.metadata -> 'progress' ->> 'stage' AS stage,
       e.metadata -> 'progress' ->> 'percent' AS percent,
       e.instance_id, e.project_name
FROM agent_execution_logs e WHERE e.status = 'in_progress'
ORDER BY e.started_at DESC;
COMMENT ON VIEW active_agents IS 'agentlog: executions in progress, the latest first';

CREATE VIEW stuck_agents AS
SELECT e.execution_id, e.correlation_id, e.agent_name, e.started_at,
       (extract(epoch FROM now() - e.started_at) * 1000)::bigint AS running_ms,
       e.metadata -> 'progress' ->> 'stage' AS stage,
       e.instance_id, i.service, i.lease_until,
       CASE WHEN i.lease_until < now() THEN 'lease ran out' ELSE 'over an hour' END AS reason
FROM agent_execution_logs e LEFT JOIN agent_instances i ON i.instance_id = e.instance_id
WHERE e.status = 'in_progress' AND (i.lease_until < now() OR e.started_at < now() - interval '1 hour')
ORDER BY e.started_at;
COMMENT ON VIEW stuck_agents IS 'agentlog: executions in progress for over an hour, or of a JVM whose lease ran out';

CREATE VIEW agent_completion_stats_24h AS
SELECT e.agent_name, count(*) AS executions,
       count(*) FILTER (WHERE e.status = 'success') AS succeeded,
       count(*) FILTER (WHERE e.status = 'failed') AS failed,
       count(*) FILTER (WHERE e.status = 'cancelled') AS cancelled,
       count(*) FILTER (WHERE e.status = 'in_progress') AS in_progress,
       round(100.0 * count(*) FILTER (WHERE e.status = 'success')
             / NULLIF(count(*) FILTER (WHERE e.status <> 'in_progress'), 0), 2) AS success_percent,
       round(avg(e.duration_ms)) AS duration_ms
FROM agent_execution_logs e WHERE e.started_at > now() - interval '24 hours'
GROUP BY e.agent_name ORDER BY e.agent_name;
COMMENT ON VIEW agent_completion_stats_24h IS 'agentlog: how the executions of the last 24 hours ended, by agent';

CREATE VIEW agent_completion_stats_7d AS
SELECT e.agent_name, count(*) AS executions,
       count(*) FILTER (WHERE e.status = 'success') AS succeeded,
       count(*) FILTER (WHERE e.status = 'failed') AS failed,
       count(*) FILTER (WHERE e.status = 'cancelled') AS cancelled,
       count(*) FILTER (WHERE e.status = 'in_progress') AS in_progress,
       round(100.0 * count(*) FILTER (WHERE e.status = 'success')
             / NULLIF(count(*) FILTER (WHERE e.status <> 'in_progress'), 0), 2) AS success_percent,
       round(avg(e.duration_ms)) AS duration_ms
FROM agent_execution_logs e WHERE e.started_at > now() - interval '7 days'
GROUP BY e.agent_name ORDER BY e.agent_name;
COMMENT ON VIEW agent_completion_stats_7d IS 'agentlog: how the executions of the last 7 days ended, by agent';

CREATE VIEW agent_performance AS
SELECT e.agent_name, count(*) AS executions,
       round(percentile_cont(0.5) WITHIN GROUP (ORDER BY e.duration_ms)) AS p50_ms,
       round(percentile_cont(0.95) WITHIN GROUP (ORDER BY e.duration_ms)) AS p95_ms,
       round(percentile_cont(0.99) WITHIN GROUP (ORDER BY e.duration_ms)) AS p99_ms,
       round(100.0 * count(*) FILTER (WHERE e.status = 'failed') / count(*), 2) AS failed_percent,
       round(avg(e.quality_score), 4) AS quality
FROM agent_execution_logs e
WHERE e.started_at > now() - interval '7 days' AND e.status <> 'in_progress'
GROUP BY e.agent_name ORDER BY e.agent_name;
COMMENT ON VIEW agent_performance IS 'agentlog: durations, failures and quality of the last 7 days, by agent';

CREATE VIEW recent_agent_errors AS
SELECT e.started_at, e.agent_name, e.error_type, e.error_message, e.duration_ms,
       e.execution_id, e.correlation_id, e.project_name
FROM agent_execution_logs e WHERE e.status = 'failed'
ORDER BY e.started_at DESC LIMIT 100;
COMMENT ON VIEW recent_agent_errors IS 'agentlog: the latest hundred failures';

CREATE VIEW agent_daily_trend AS
SELECT date_trunc('day', e.started_at) AS day, count(*) AS executions,
       count(*) FILTER (WHERE e.status = 'failed') AS failed,
       count(*) FILTER (WHERE e.status = 'cancelled') AS cancelled,
       round(avg(e.duration_ms)) AS duration_ms,
       round(avg(e.quality_score), 4) AS quality
FROM agent_execution_logs e WHERE e.started_at > now() - interval '30 days'
GROUP BY 1 ORDER BY 1 DESC;
COMMENT ON VIEW agent_daily_trend IS 'agentlog: executions of the last 30 days, by day';

CREATE VIEW agent_quality_ranking AS
SELECT rank() OVER (ORDER BY avg(e.quality_score) DESC) AS place, e.agent_name,
       round(avg(e.quality_score), 4) AS quality, min(e.quality_score) AS least,
       count(*) AS scored
FROM agent_execution_logs e
WHERE e.started_at > now() - interval '7 days' AND e.quality_score IS NOT NULL
GROUP BY e.agent_name ORDER BY 1, 2;
COMMENT ON VIEW agent_quality_ranking IS 'agentlog: agents by the mean quality of the last 7 days, the best first';

CREATE VIEW agent_summary AS
SELECT count(*) AS executions, count(DISTINCT e.agent_name) AS agents,
       count(*) FILTER (WHERE e.status = 'failed') AS failed,
       count(*) FILTER (WHERE e.status = 'cancelled') AS cancelled,
       round(avg(e.duration_ms)) AS duration_ms, round(avg(e.quality_score), 4) AS quality,
       (SELECT count(*) FROM agent_execution_logs r WHERE r.status = 'in_progress') AS active
FROM agent_execution_logs e WHERE e.started_at > now() - interval '24 hours';
COMMENT ON VIEW agent_summary IS 'agentlog: one row, the last 24 hours and what runs now';

CREATE VIEW agent_trace AS
SELECT e.correlation_id, e.started_at AS occurred_at, 'started' AS event, e.agent_name,
       NULL::text AS detail, e.execution_id, e.parent_execution_id
FROM agent_execution_logs e
UNION ALL
SELECT e.correlation_id, p.occurred_at, 'progress', e.agent_name,
       concat_ws(' ', p.stage, p.percent || '%'), e.execution_id, e.parent_execution_id
FROM agent_execution_logs e JOIN agent_execution_progress p ON p.execution_id = e.execution_id
UNION ALL
SELECT d.correlation_id, d.created_at, 'decision', d.selected_agent,
       concat_ws(' ', d.confidence_score::text, d.reasoning), NULL, NULL
FROM agent_routing_decisions d
UNION ALL
SELECT e.correlation_id, e.completed_at, e.status, e.agent_name,
       concat_ws(': ', e.error_type, e.error_message), e.execution_id, e.parent_execution_id
FROM agent_execution_logs e WHERE e.completed_at IS NOT NULL;
COMMENT ON VIEW agent_trace IS 'agentlog: what happened in a request, to be asked for by correlation_id and ordered by occurred_at';
