-- Prompts with their instructions, file operations and used knowledge. Made where an event of them comes first, so that a
-- database without the whole trace has none of it. It may run again at any time. No checks and no foreign keys.

CREATE TABLE IF NOT EXISTS agent_prompts (id uuid PRIMARY KEY);
ALTER TABLE agent_prompts
  ADD COLUMN IF NOT EXISTS correlation_id uuid,
  ADD COLUMN IF NOT EXISTS session_id uuid,
  ADD COLUMN IF NOT EXISTS execution_id uuid,
  ADD COLUMN IF NOT EXISTS seq integer,
  ADD COLUMN IF NOT EXISTS agent_name text,
  ADD COLUMN IF NOT EXISTS user_prompt text,
  ADD COLUMN IF NOT EXISTS user_prompt_hash text,
  ADD COLUMN IF NOT EXISTS user_prompt_length integer,
  ADD COLUMN IF NOT EXISTS agent_instructions text,
  ADD COLUMN IF NOT EXISTS agent_instructions_hash text,
  ADD COLUMN IF NOT EXISTS agent_instructions_length integer,
  ADD COLUMN IF NOT EXISTS metadata jsonb,
  ADD COLUMN IF NOT EXISTS created_at timestamptz;

-- Each text of instructions once, under its hash. last_seen_at is by the clock of the database, and up to an hour behind.
CREATE TABLE IF NOT EXISTS agent_prompt_texts (sha256 text PRIMARY KEY);
ALTER TABLE agent_prompt_texts
  ADD COLUMN IF NOT EXISTS text text,
  ADD COLUMN IF NOT EXISTS length integer,
  ADD COLUMN IF NOT EXISTS first_seen_at timestamptz,
  ADD COLUMN IF NOT EXISTS last_seen_at timestamptz DEFAULT now();

CREATE TABLE IF NOT EXISTS agent_file_operations (id uuid PRIMARY KEY);
ALTER TABLE agent_file_operations
  ADD COLUMN IF NOT EXISTS correlation_id uuid,
  ADD COLUMN IF NOT EXISTS execution_id uuid,
  ADD COLUMN IF NOT EXISTS seq integer,
  ADD COLUMN IF NOT EXISTS agent_name text,
  ADD COLUMN IF NOT EXISTS operation_type text,
  ADD COLUMN IF NOT EXISTS file_path text,
  ADD COLUMN IF NOT EXISTS file_path_hash text,
  ADD COLUMN IF NOT EXISTS file_name text,
  ADD COLUMN IF NOT EXISTS file_extension text,
  ADD COLUMN IF NOT EXISTS file_size_bytes bigint,
  ADD COLUMN IF NOT EXISTS content_hash_before text,
  ADD COLUMN IF NOT EXISTS content_hash_after text,
  ADD COLUMN IF NOT EXISTS content_changed boolean,
  ADD COLUMN IF NOT EXISTS tool_name text,
  ADD COLUMN IF NOT EXISTS operation_params jsonb,
  ADD COLUMN IF NOT EXISTS success boolean,
  ADD COLUMN IF NOT EXISTS error_message text,
  ADD COLUMN IF NOT EXISTS bytes_read bigint,
  ADD COLUMN IF NOT EXISTS bytes_written bigint,
  ADD COLUMN IF NOT EXISTS duration_ms integer,
  ADD COLUMN IF NOT EXISTS metadata jsonb,
  ADD COLUMN IF NOT EXISTS created_at timestamptz;

CREATE TABLE IF NOT EXISTS agent_intelligence_usage (id uuid PRIMARY KEY);
ALTER TABLE agent_intelligence_usage
  ADD COLUMN IF NOT EXISTS correlation_id uuid,
  ADD COLUMN IF NOT EXISTS execution_id uuid,
  ADD COLUMN IF NOT EXISTS seq integer,
  ADD COLUMN IF NOT EXISTS agent_name text,
  ADD COLUMN IF NOT EXISTS intelligence_type text,
  ADD COLUMN IF NOT EXISTS intelligence_source text,
  ADD COLUMN IF NOT EXISTS intelligence_id uuid,
  ADD COLUMN IF NOT EXISTS intelligence_name text,
  ADD COLUMN IF NOT EXISTS collection_name text,
  ADD COLUMN IF NOT EXISTS usage_context text,
  ADD COLUMN IF NOT EXISTS confidence_score numeric(5,4),
  ADD COLUMN IF NOT EXISTS intelligence_summary text,
  ADD COLUMN IF NOT EXISTS query_used text,
  ADD COLUMN IF NOT EXISTS query_time_ms integer,
  ADD COLUMN IF NOT EXISTS query_results_rank integer,
  ADD COLUMN IF NOT EXISTS was_applied boolean,
  ADD COLUMN IF NOT EXISTS contributed_to_success boolean,
  ADD COLUMN IF NOT EXISTS quality_impact numeric(5,4),
  ADD COLUMN IF NOT EXISTS metadata jsonb,
  ADD COLUMN IF NOT EXISTS created_at timestamptz;

CREATE INDEX IF NOT EXISTS agent_prompts_execution ON agent_prompts (execution_id);
CREATE INDEX IF NOT EXISTS agent_prompts_hash ON agent_prompts (user_prompt_hash);
CREATE INDEX IF NOT EXISTS agent_prompts_instructions ON agent_prompts (agent_instructions_hash, agent_name);
CREATE INDEX IF NOT EXISTS agent_prompts_versions ON agent_prompts (agent_name, agent_instructions_hash, created_at);
CREATE INDEX IF NOT EXISTS agent_file_operations_execution ON agent_file_operations (execution_id);
CREATE INDEX IF NOT EXISTS agent_file_operations_path ON agent_file_operations (file_path_hash, created_at);
CREATE INDEX IF NOT EXISTS agent_intelligence_usage_execution ON agent_intelligence_usage (execution_id);
