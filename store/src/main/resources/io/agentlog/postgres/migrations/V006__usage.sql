-- What an execution has used by its own calls of models and tools, and the execution at the top of its calls. The columns
-- from model to usage_seq are one group, written together; usage_seq is the seq of the event they came with, 0 without one.
-- The index has an entry for executions that another one called, and for no other.

ALTER TABLE agent_execution_logs
  ADD COLUMN IF NOT EXISTS root_execution_id uuid,
  ADD COLUMN IF NOT EXISTS model text,
  ADD COLUMN IF NOT EXISTS model_calls integer,
  ADD COLUMN IF NOT EXISTS tool_calls integer,
  ADD COLUMN IF NOT EXISTS input_tokens bigint,
  ADD COLUMN IF NOT EXISTS output_tokens bigint,
  ADD COLUMN IF NOT EXISTS cache_read_tokens bigint,
  ADD COLUMN IF NOT EXISTS cache_write_tokens bigint,
  ADD COLUMN IF NOT EXISTS reasoning_tokens bigint,
  ADD COLUMN IF NOT EXISTS cost numeric(18,9),
  ADD COLUMN IF NOT EXISTS cost_currency character(3),
  ADD COLUMN IF NOT EXISTS usage_seq integer NOT NULL DEFAULT 0;
CREATE INDEX IF NOT EXISTS agent_execution_logs_root ON agent_execution_logs (root_execution_id)
  WHERE root_execution_id <> execution_id;

CREATE VIEW v_agentlog_tree_usage AS
SELECT r.execution_id AS root_execution_id, r.correlation_id, r.agent_name, r.status, r.started_at, r.duration_ms,
       u.executions, u.model_calls, u.tool_calls, u.input_tokens, u.output_tokens, u.cache_read_tokens, u.cache_write_tokens,
       u.reasoning_tokens, u.cost, u.cost_currency
FROM agent_execution_logs r CROSS JOIN LATERAL (
  SELECT count(*) AS executions, sum(n.model_calls) AS model_calls, sum(n.tool_calls) AS tool_calls,
         sum(n.input_tokens) AS input_tokens, sum(n.output_tokens) AS output_tokens,
         sum(n.cache_read_tokens) AS cache_read_tokens, sum(n.cache_write_tokens) AS cache_write_tokens,
         sum(n.reasoning_tokens) AS reasoning_tokens,
         CASE WHEN count(DISTINCT n.cost_currency) = 1 THEN sum(n.cost) END AS cost,
         CASE WHEN count(DISTINCT n.cost_currency) = 1 THEN min(n.cost_currency) END AS cost_currency
  FROM (SELECT r.model_calls, r.tool_calls, r.input_tokens, r.output_tokens, r.cache_read_tokens, r.cache_write_tokens,
               r.reasoning_tokens, r.cost, r.cost_currency
        UNION ALL
        SELECT c.model_calls, c.tool_calls, c.input_tokens, c.output_tokens, c.cache_read_tokens, c.cache_write_tokens,
               c.reasoning_tokens, c.cost, c.cost_currency
        FROM agent_execution_logs c
        WHERE c.root_execution_id = r.execution_id AND c.root_execution_id <> c.execution_id) n) u
WHERE r.root_execution_id = r.execution_id;
COMMENT ON VIEW v_agentlog_tree_usage IS 'agentlog: executions that no other one called, with all that they and those below them used';
