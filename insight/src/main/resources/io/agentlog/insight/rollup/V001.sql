-- Tables of the dashboard, in the schema of agent_execution_logs. They hold hashes, counts, IDs, and names of agents and
-- projects, but no prompt and no message. All of these can be dropped: what the agent's rows still say is computed again.
-- level: 1 a minute, 2 an hour, 3 a day. bucket: when it begins, in UTC. Names are '' where the row has none; of a name
-- with more than 512 bytes they hold 100 characters, '...' and 32 hexadecimal digits of its SHA-256. At most 1,000 pairs of agent
-- and project have rows in a bucket; the rest is one row, of agent and project '(others)'. A score that is not from 0 to 1 is none.

-- Executions by the time of their end (completed_at). Minutes are kept for 48 hours, hours for 90 days, days for ever.
-- A provisional end (agent_execution_logs.seen & 56 <> 0) is counted in provisional and nowhere else.
CREATE TABLE IF NOT EXISTS agent_insight_rollup (
  level smallint NOT NULL,
  bucket timestamptz NOT NULL,
  agent_name text NOT NULL,
  project_name text NOT NULL,
  ended integer NOT NULL,              -- real ends, of any status
  succeeded integer NOT NULL,          -- of ended: success
  failed integer NOT NULL,             -- of ended: failed
  cancelled integer NOT NULL,          -- of ended: cancelled
  provisional integer NOT NULL,        -- ends that a real end may still replace; not in ended
  roots integer NOT NULL,              -- of ended: without parent_execution_id, so one for each request
  roots_failed integer NOT NULL,       -- of failed: without parent_execution_id
  duration_us numeric NOT NULL,        -- sum of the durations that the bins count, microseconds
  duration_bins integer[] NOT NULL,    -- ascending; a duration of d microseconds is in bin floor(ln(d) / ln(1.01 / 0.99)), 0 µs in bin 0
  duration_counts integer[] NOT NULL,  -- real ends with a duration in each of duration_bins
  quality_n integer NOT NULL,          -- of ended: with a quality score
  quality_sum numeric NOT NULL,        -- sum of the scores
  quality_bins smallint[] NOT NULL,    -- ascending; a score s is in bin floor(s * 200), 1 in bin 199
  quality_counts integer[] NOT NULL,   -- scores in each of quality_bins
  computed_at timestamptz NOT NULL,    -- when the row last changed; agent_insight_state says how old the figures are
  PRIMARY KEY (level, bucket, agent_name, project_name));

-- Failed executions by the time of their end, in groups. Minutes are kept for 48 hours, hours for 90 days; there are no days.
-- A group is an agent, a project, a type of error and a message in which numbers, UUIDs, hexadecimal and quoted parts are
-- replaced. At most 1,000 groups of a bucket have rows; the rest is one row: agent, project and type '(others)', fingerprint ''.
CREATE TABLE IF NOT EXISTS agent_insight_errors (
  level smallint NOT NULL,
  bucket timestamptz NOT NULL,
  agent_name text NOT NULL,
  project_name text NOT NULL,
  error_type text NOT NULL,
  fingerprint text NOT NULL,           -- the first 32 hexadecimal digits of the SHA-256 of the message with parts replaced
  n integer NOT NULL,                  -- failed executions, provisional ones included
  provisional integer NOT NULL,        -- of n: ended by another JVM (ExecutionAbandoned)
  first_seen timestamptz NOT NULL,     -- the earliest completed_at
  last_seen timestamptz NOT NULL,      -- the latest
  example uuid NOT NULL,               -- execution_id of the latest; its row has the message
  PRIMARY KEY (level, bucket, agent_name, project_name, error_type, fingerprint));

-- Routing decisions and what became of them, by the time of the decision: hours (level 2) are kept for 90 days, days (level 3)
-- for ever. The outcome of a decision is the first execution of selected_agent with its correlation ID that started within an hour
-- after it, otherwise the execution that decided. Computed again for 48 hours.
CREATE TABLE IF NOT EXISTS agent_insight_decisions (
  level smallint NOT NULL,
  bucket timestamptz NOT NULL,
  strategy text NOT NULL,
  selected_agent text NOT NULL,
  bin smallint NOT NULL,               -- floor(confidence_score * 100), 1 in bin 99; -1 without a confidence from 0 to 1
  decisions integer NOT NULL,          -- all: n and those left out
  n integer NOT NULL,                  -- with an outcome that counts: a real end, success or failed
  succeeded integer NOT NULL,          -- of n: success
  confidence_sum numeric NOT NULL,     -- over n
  confidence_sq_sum numeric NOT NULL,  -- sum of the squares, over n. Brier score: (sq_sum - 2 * succeeded_sum + succeeded) / n
  confidence_succeeded_sum numeric NOT NULL, -- over succeeded
  quality_n integer NOT NULL,          -- of n: the outcome has a quality score
  quality_sum numeric NOT NULL,
  confidence_quality_sum numeric NOT NULL,   -- confidences over quality_n
  left_no_outcome integer NOT NULL,    -- left out: no execution is known
  left_running integer NOT NULL,       -- left out: the execution has not ended
  left_cancelled integer NOT NULL,     -- left out: cancelled, or of a status that is neither success nor failed
  left_provisional integer NOT NULL,   -- left out: the end is provisional
  trigger_n integer NOT NULL, trigger_sum numeric NOT NULL,         -- components of the confidence, over decisions that have them
  context_n integer NOT NULL, context_sum numeric NOT NULL,
  capability_n integer NOT NULL, capability_sum numeric NOT NULL,
  historical_n integer NOT NULL, historical_sum numeric NOT NULL,
  computed_at timestamptz NOT NULL,
  PRIMARY KEY (level, bucket, strategy, selected_agent, bin));

-- Prompts that one agent had at least twice in a day (UTC, by completed_at): the 1,000 most frequent of each day, for ever.
CREATE TABLE IF NOT EXISTS agent_insight_prompts (
  bucket timestamptz NOT NULL,         -- the day
  prompt_sha256 text NOT NULL,         -- agent_execution_logs.user_prompt_sha256
  agent_name text NOT NULL,
  project_name text NOT NULL,
  times integer NOT NULL,              -- real ends
  succeeded integer NOT NULL,
  failed integer NOT NULL,
  cancelled integer NOT NULL,
  first_seen timestamptz NOT NULL,     -- the earliest completed_at
  last_seen timestamptz NOT NULL,
  quality_n integer NOT NULL, quality_sum numeric NOT NULL, quality_min numeric, quality_max numeric,
  duration_n integer NOT NULL, duration_us numeric NOT NULL, duration_us_min bigint, duration_us_max bigint,
  routes integer NOT NULL,             -- different agents that the executions' first decisions selected; 0 without decisions
  examples uuid[] NOT NULL,            -- execution_id of the latest, 20 at most
  computed_at timestamptz NOT NULL,
  PRIMARY KEY (bucket, prompt_sha256, agent_name, project_name));
CREATE INDEX IF NOT EXISTS agent_insight_prompts_sha256 ON agent_insight_prompts (prompt_sha256);

-- Executions that were counted although their row may still change: the end is provisional, or the start has not come.
-- They are looked at every minute; one that has changed makes both minutes be computed again, and leaves.
CREATE TABLE IF NOT EXISTS agent_insight_provisional (
  execution_id uuid PRIMARY KEY,
  minute timestamptz NOT NULL,         -- in which it was counted
  seen smallint NOT NULL);             -- agent_execution_logs.seen, when it was counted
CREATE INDEX IF NOT EXISTS agent_insight_provisional_minute ON agent_insight_provisional (minute);

-- Times that are still to be computed: the history at first, later what was missed. The newest come first.
CREATE TABLE IF NOT EXISTS agent_insight_dirty (
  duty text NOT NULL,                  -- rollup, days, decisions or prompts
  begins timestamptz NOT NULL,         -- a whole minute
  ends timestamptz NOT NULL);          -- exclusive

-- How far each duty is. cursor of 'rollup' is the time of its last tick, so the figures are as old as that.
CREATE TABLE IF NOT EXISTS agent_insight_state (
  key text PRIMARY KEY,
  tick bigint NOT NULL DEFAULT 0,      -- how often the duty has run
  cursor timestamptz);                 -- when it last ran, or how far it has come
