-- Calls of models, made where an event of one comes first, as the other details. The key is that of the event.

CREATE TABLE IF NOT EXISTS agent_model_calls (execution_id uuid, seq integer, PRIMARY KEY (execution_id, seq));
ALTER TABLE agent_model_calls
  ADD COLUMN IF NOT EXISTS root_execution_id uuid,
  ADD COLUMN IF NOT EXISTS correlation_id uuid,
  ADD COLUMN IF NOT EXISTS agent_name text,
  ADD COLUMN IF NOT EXISTS framework text,
  ADD COLUMN IF NOT EXISTS provider text,
  ADD COLUMN IF NOT EXISTS request_model text,
  ADD COLUMN IF NOT EXISTS response_model text,
  ADD COLUMN IF NOT EXISTS operation text,
  ADD COLUMN IF NOT EXISTS streaming boolean,
  ADD COLUMN IF NOT EXISTS started_at timestamptz,
  ADD COLUMN IF NOT EXISTS duration_us bigint,
  ADD COLUMN IF NOT EXISTS first_token_us bigint,
  ADD COLUMN IF NOT EXISTS input_tokens bigint,
  ADD COLUMN IF NOT EXISTS output_tokens bigint,
  ADD COLUMN IF NOT EXISTS cache_read_tokens bigint,
  ADD COLUMN IF NOT EXISTS cache_write_tokens bigint,
  ADD COLUMN IF NOT EXISTS reasoning_tokens bigint,
  ADD COLUMN IF NOT EXISTS finish_reason text,
  ADD COLUMN IF NOT EXISTS error_type text,
  ADD COLUMN IF NOT EXISTS error_message text,
  ADD COLUMN IF NOT EXISTS cost numeric(18,9),
  ADD COLUMN IF NOT EXISTS cost_currency character(3),
  ADD COLUMN IF NOT EXISTS price_version text,
  ADD COLUMN IF NOT EXISTS metadata jsonb,
  ADD COLUMN IF NOT EXISTS created_at timestamptz;
CREATE INDEX IF NOT EXISTS agent_model_calls_model ON agent_model_calls (response_model, started_at);
CREATE INDEX IF NOT EXISTS agent_model_calls_started ON agent_model_calls (started_at);

-- A call that only handed on to another one has no tokens and is not counted.
CREATE VIEW v_agentlog_usage_by_day AS
SELECT date_trunc('day', c.started_at) AS day, c.agent_name, COALESCE(c.response_model, c.request_model) AS model,
       count(*) AS calls, count(*) FILTER (WHERE c.error_type IS NOT NULL) AS failed,
       count(DISTINCT c.execution_id) AS executions, round(avg(c.duration_us) / 1000) AS duration_ms,
       sum(c.input_tokens) AS input_tokens, sum(c.output_tokens) AS output_tokens,
       sum(c.cache_read_tokens) AS cache_read_tokens, sum(c.cache_write_tokens) AS cache_write_tokens,
       sum(c.reasoning_tokens) AS reasoning_tokens,
       CASE WHEN count(DISTINCT c.cost_currency) = 1 THEN sum(c.cost) END AS cost,
       CASE WHEN count(DISTINCT c.cost_currency) = 1 THEN min(c.cost_currency) END AS cost_currency,
       count(*) FILTER (WHERE c.cost IS NULL AND COALESCE(c.input_tokens, c.output_tokens) IS NOT NULL) AS unpriced
FROM agent_model_calls c WHERE (c.metadata ->> 'delegated') IS DISTINCT FROM 'true'
GROUP BY 1, 2, 3;
COMMENT ON VIEW v_agentlog_usage_by_day IS 'agentlog: calls of models, tokens and cost, by day, agent and model';
