-- Views over the details, each made only where its name is free, as those of the executions. Children are counted before
-- they are joined, and joined by execution_id, so that no row is counted twice.

CREATE VIEW v_agentlog_prompts AS
SELECT p.id, p.execution_id, p.correlation_id, p.session_id, p.agent_name, p.created_at,
       p.user_prompt, p.user_prompt_hash, p.user_prompt_length,
       COALESCE(p.agent_instructions, t.text) AS agent_instructions, p.agent_instructions_hash,
       p.agent_instructions_length, p.metadata
FROM agent_prompts p LEFT JOIN agent_prompt_texts t ON t.sha256 = p.agent_instructions_hash;
COMMENT ON VIEW v_agentlog_prompts IS 'agentlog: prompts with the text of their instructions';

CREATE VIEW v_agentlog_prompt_versions AS
WITH used AS (
  SELECT DISTINCT p.agent_name, p.agent_instructions_hash AS sha256, p.execution_id
  FROM agent_prompts p WHERE p.agent_instructions_hash IS NOT NULL
), seen AS (
  SELECT p.agent_name, p.agent_instructions_hash AS sha256, min(p.created_at) AS first_seen, max(p.created_at) AS last_seen
  FROM agent_prompts p WHERE p.agent_instructions_hash IS NOT NULL GROUP BY 1, 2
), ended AS (
  SELECT u.agent_name, u.sha256, count(*) AS executions,
         round(100.0 * count(*) FILTER (WHERE e.status = 'success')
               / NULLIF(count(*) FILTER (WHERE e.status <> 'in_progress'), 0), 2) AS success_percent,
         round(avg(e.quality_score), 4) AS quality, round(avg(e.duration_ms)) AS duration_ms
  FROM used u LEFT JOIN agent_execution_logs e ON e.execution_id = u.execution_id
  GROUP BY 1, 2
)
SELECT s.agent_name, dense_rank() OVER (PARTITION BY s.agent_name ORDER BY s.first_seen, s.sha256) AS version,
       s.sha256, s.first_seen, s.last_seen, n.executions, n.success_percent, n.quality, n.duration_ms, t.text
FROM seen s JOIN ended n ON n.agent_name = s.agent_name AND n.sha256 = s.sha256
LEFT JOIN agent_prompt_texts t ON t.sha256 = s.sha256
ORDER BY s.agent_name, 2;
COMMENT ON VIEW v_agentlog_prompt_versions IS 'agentlog: versions of the instructions of each agent, and how their executions ended';

CREATE VIEW v_agentlog_execution_trace AS
SELECT e.execution_id, e.parent_execution_id, e.correlation_id, e.session_id, e.agent_name, e.status, e.quality_score,
       e.started_at, e.completed_at, e.duration_ms,
       p.prompts, p.instructions, f.file_operations, f.files, f.files_read, f.files_modified, f.contents_changed,
       i.intelligence_items, i.intelligence_applied, i.quality_impact
FROM agent_execution_logs e
LEFT JOIN LATERAL (
  SELECT count(*) AS prompts, count(DISTINCT c.agent_instructions_hash) AS instructions
  FROM agent_prompts c WHERE c.execution_id = e.execution_id) p ON true
LEFT JOIN LATERAL (
  SELECT count(*) AS file_operations, count(DISTINCT c.file_path_hash) AS files,
         count(DISTINCT c.file_path_hash) FILTER (WHERE c.operation_type = 'read') AS files_read,
         count(DISTINCT c.file_path_hash) FILTER (WHERE c.operation_type IN ('create', 'write', 'edit', 'delete')) AS files_modified,
         count(*) FILTER (WHERE c.content_changed) AS contents_changed
  FROM agent_file_operations c WHERE c.execution_id = e.execution_id) f ON true
LEFT JOIN LATERAL (
  SELECT count(*) AS intelligence_items, count(*) FILTER (WHERE c.was_applied) AS intelligence_applied,
         avg(c.quality_impact) FILTER (WHERE c.was_applied) AS quality_impact
  FROM agent_intelligence_usage c WHERE c.execution_id = e.execution_id) i ON true;
COMMENT ON VIEW v_agentlog_execution_trace IS 'agentlog: executions with the numbers of their details, each counted once';

CREATE VIEW v_agentlog_file_history AS
SELECT c.file_path_hash, max(c.file_path) AS file_path, count(*) AS operations,
       count(DISTINCT c.agent_name) AS agents, count(DISTINCT c.execution_id) AS executions,
       count(*) FILTER (WHERE c.operation_type = 'read') AS reads,
       count(*) FILTER (WHERE c.operation_type IN ('create', 'write', 'edit')) AS writes,
       count(*) FILTER (WHERE c.operation_type = 'delete') AS deletes,
       count(*) FILTER (WHERE c.content_changed) AS changes,
       count(DISTINCT c.content_hash_after) AS contents,
       min(c.created_at) AS first_operation, max(c.created_at) AS last_operation
FROM agent_file_operations c GROUP BY c.file_path_hash;
COMMENT ON VIEW v_agentlog_file_history IS 'agentlog: what was done to each file, by the hash of its path';

CREATE VIEW v_agentlog_intelligence AS
SELECT c.intelligence_type, COALESCE(c.metadata ->> 'intelligence_source', c.intelligence_source) AS intelligence_source,
       c.collection_name, c.intelligence_name, count(*) AS retrieved,
       count(*) FILTER (WHERE c.was_applied) AS applied,
       round(100.0 * count(*) FILTER (WHERE c.was_applied) / count(*), 2) AS applied_percent,
       count(*) FILTER (WHERE c.contributed_to_success) AS contributed,
       round(avg(c.confidence_score), 4) AS confidence,
       round(avg(c.quality_impact) FILTER (WHERE c.was_applied), 4) AS quality_impact,
       count(DISTINCT c.execution_id) AS executions, count(DISTINCT c.agent_name) AS agents
FROM agent_intelligence_usage c GROUP BY 1, 2, 3, 4;
COMMENT ON VIEW v_agentlog_intelligence IS 'agentlog: how often each item of knowledge was retrieved and applied';

CREATE VIEW v_agentlog_traceability_summary AS
WITH p AS (
  SELECT c.agent_name, count(*) AS prompts FROM agent_prompts c GROUP BY 1
), f AS (
  SELECT c.agent_name, count(*) AS file_operations, count(DISTINCT c.file_path_hash) AS files,
         round(avg(c.duration_ms)) AS file_operation_ms FROM agent_file_operations c GROUP BY 1
), i AS (
  SELECT c.agent_name, count(*) AS intelligence_items, count(*) FILTER (WHERE c.was_applied) AS intelligence_applied
  FROM agent_intelligence_usage c GROUP BY 1
), e AS (
  SELECT c.agent_name, count(*) AS executions FROM agent_execution_logs c GROUP BY 1
)
SELECT e.agent_name, e.executions, COALESCE(p.prompts, 0) AS prompts, COALESCE(f.file_operations, 0) AS file_operations,
       COALESCE(f.files, 0) AS files, f.file_operation_ms, COALESCE(i.intelligence_items, 0) AS intelligence_items,
       COALESCE(i.intelligence_applied, 0) AS intelligence_applied
FROM e LEFT JOIN p ON p.agent_name = e.agent_name LEFT JOIN f ON f.agent_name = e.agent_name
LEFT JOIN i ON i.agent_name = e.agent_name;
COMMENT ON VIEW v_agentlog_traceability_summary IS 'agentlog: executions and details by agent, each counted once';
