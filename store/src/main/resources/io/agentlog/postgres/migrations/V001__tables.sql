-- The tables and what an existing table of the Python logger lacks. It may run again at any time: it adds what is missing,
-- changes no type, drops nothing and touches no view. A column's default is a constant, so no table is rewritten.
-- No foreign keys: an execution starts before its decision exists, and events arrive in any order.

CREATE TABLE IF NOT EXISTS agent_execution_logs (execution_id uuid PRIMARY KEY);
ALTER TABLE agent_execution_logs
  ADD COLUMN IF NOT EXISTS correlation_id uuid,
  ADD COLUMN IF NOT EXISTS session_id uuid,
  ADD COLUMN IF NOT EXISTS agent_name text,
  ADD COLUMN IF NOT EXISTS user_prompt text,
  ADD COLUMN IF NOT EXISTS status text,
  ADD COLUMN IF NOT EXISTS started_at timestamptz,
  ADD COLUMN IF NOT EXISTS completed_at timestamptz,
  ADD COLUMN IF NOT EXISTS duration_ms integer,
  ADD COLUMN IF NOT EXISTS quality_score numeric(5,4),
  ADD COLUMN IF NOT EXISTS error_message text,
  ADD COLUMN IF NOT EXISTS error_type text,
  ADD COLUMN IF NOT EXISTS metadata jsonb,
  ADD COLUMN IF NOT EXISTS project_path text,
  ADD COLUMN IF NOT EXISTS project_name text,
  ADD COLUMN IF NOT EXISTS claude_session_id text,
  ADD COLUMN IF NOT EXISTS terminal_id text,
  ADD COLUMN IF NOT EXISTS parent_execution_id uuid,
  ADD COLUMN IF NOT EXISTS instance_id uuid,
  ADD COLUMN IF NOT EXISTS routing_decision_id uuid,
  ADD COLUMN IF NOT EXISTS duration_us bigint,
  ADD COLUMN IF NOT EXISTS user_prompt_sha256 text,
  ADD COLUMN IF NOT EXISTS user_prompt_length integer,
  ADD COLUMN IF NOT EXISTS trace_id text,
  ADD COLUMN IF NOT EXISTS span_id text,
  ADD COLUMN IF NOT EXISTS seen smallint NOT NULL DEFAULT 0,
  ADD COLUMN IF NOT EXISTS progress_seq integer NOT NULL DEFAULT 0,
  ADD COLUMN IF NOT EXISTS created_at timestamptz NOT NULL DEFAULT now(),
  ADD COLUMN IF NOT EXISTS updated_at timestamptz NOT NULL DEFAULT now();
CREATE INDEX IF NOT EXISTS agent_execution_logs_correlation ON agent_execution_logs (correlation_id);
CREATE INDEX IF NOT EXISTS agent_execution_logs_agent ON agent_execution_logs (agent_name, started_at);
CREATE INDEX IF NOT EXISTS agent_execution_logs_started ON agent_execution_logs (started_at);
CREATE INDEX IF NOT EXISTS agent_execution_logs_running ON agent_execution_logs (instance_id, started_at) WHERE status = 'in_progress';
CREATE INDEX IF NOT EXISTS agent_execution_logs_failed ON agent_execution_logs (started_at) WHERE status = 'failed';

CREATE TABLE IF NOT EXISTS agent_execution_progress (execution_id uuid, seq integer, PRIMARY KEY (execution_id, seq));
ALTER TABLE agent_execution_progress
  ADD COLUMN IF NOT EXISTS stage text,
  ADD COLUMN IF NOT EXISTS percent smallint,
  ADD COLUMN IF NOT EXISTS occurred_at timestamptz,
  ADD COLUMN IF NOT EXISTS metadata jsonb;

CREATE TABLE IF NOT EXISTS agent_routing_decisions (id uuid PRIMARY KEY);
ALTER TABLE agent_routing_decisions
  ADD COLUMN IF NOT EXISTS correlation_id uuid,
  ADD COLUMN IF NOT EXISTS session_id uuid,
  ADD COLUMN IF NOT EXISTS user_request text,
  ADD COLUMN IF NOT EXISTS user_request_hash text,
  ADD COLUMN IF NOT EXISTS selected_agent text,
  ADD COLUMN IF NOT EXISTS confidence_score numeric(5,4),
  ADD COLUMN IF NOT EXISTS routing_strategy text,
  ADD COLUMN IF NOT EXISTS trigger_confidence numeric(5,4),
  ADD COLUMN IF NOT EXISTS context_confidence numeric(5,4),
  ADD COLUMN IF NOT EXISTS capability_confidence numeric(5,4),
  ADD COLUMN IF NOT EXISTS historical_confidence numeric(5,4),
  ADD COLUMN IF NOT EXISTS alternatives jsonb,
  ADD COLUMN IF NOT EXISTS reasoning text,
  ADD COLUMN IF NOT EXISTS routing_time_ms integer,
  ADD COLUMN IF NOT EXISTS cache_hit boolean,
  ADD COLUMN IF NOT EXISTS created_at timestamptz NOT NULL DEFAULT now();
CREATE INDEX IF NOT EXISTS agent_routing_decisions_correlation ON agent_routing_decisions (correlation_id);

-- since: start of the unbroken run of renewals; renewed_at: the last moment the instance was known to live.
CREATE TABLE IF NOT EXISTS agent_instances (instance_id uuid PRIMARY KEY);
ALTER TABLE agent_instances
  ADD COLUMN IF NOT EXISTS service text,
  ADD COLUMN IF NOT EXISTS since timestamptz NOT NULL DEFAULT now(),
  ADD COLUMN IF NOT EXISTS renewed_at timestamptz NOT NULL DEFAULT now(),
  ADD COLUMN IF NOT EXISTS lease_until timestamptz NOT NULL DEFAULT now();
