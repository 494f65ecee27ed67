-- What patterns and score rules of the rules file say about executions. No prompt and no message; detail has names of stages.
-- rule: the name of a score rule; 'pattern' for a declaration of stages. rule_hash: SHA-256 of what the rule says, so figures
-- of two versions of a rule are never mixed.

-- Executions that did not pass, by the time of their end: at most 1,000 of a minute and rule, for 90 days. Those that passed
-- have no row, because their rows can be asked again.
CREATE TABLE IF NOT EXISTS agent_insight_assessments (
  execution_id uuid NOT NULL,
  rule text NOT NULL,
  rule_hash text NOT NULL,
  agent_name text NOT NULL,
  completed_at timestamptz NOT NULL,
  verdict text NOT NULL,               -- fail or warn
  score numeric(5,4) NOT NULL,
  detail jsonb NOT NULL,               -- kind, text and step of the first deviation; for a score rule, each score by its source
  assessed_at timestamptz NOT NULL,
  PRIMARY KEY (execution_id, rule, rule_hash));
CREATE INDEX IF NOT EXISTS agent_insight_assessments_completed ON agent_insight_assessments (completed_at);
CREATE INDEX IF NOT EXISTS agent_insight_assessments_agent ON agent_insight_assessments (agent_name, completed_at);

-- All assessed executions by the time of their end, counted. level, bucket, names, (others) and how long rows are kept: as in
-- agent_insight_rollup.
CREATE TABLE IF NOT EXISTS agent_insight_scores (
  level smallint NOT NULL,
  bucket timestamptz NOT NULL,
  agent_name text NOT NULL,
  rule text NOT NULL,
  rule_hash text NOT NULL,
  assessed integer NOT NULL,
  failed integer NOT NULL,             -- of assessed: verdict fail
  warned integer NOT NULL,             -- of assessed: verdict warn
  left_out integer NOT NULL,           -- not assessed: a provisional end, a JVM that dropped events meanwhile, no score that applies
  score_sum numeric NOT NULL,          -- over assessed
  score_bins smallint[] NOT NULL,      -- ascending; a score s is in bin floor(s * 200), 1 in bin 199
  score_counts integer[] NOT NULL,     -- scores in each of score_bins
  computed_at timestamptz NOT NULL,    -- when the row last changed
  PRIMARY KEY (level, bucket, agent_name, rule, rule_hash));

-- Which JVM reported how many dropped events, and when: the events of its executions are not complete between the report with
-- the lower number and the one with the higher. For 2 days.
CREATE TABLE IF NOT EXISTS agent_insight_drops (
  instance_id uuid NOT NULL,
  dropped bigint NOT NULL,             -- since the start of the JVM; events that came after the end of their execution don't count
  first_reported timestamptz NOT NULL,
  last_reported timestamptz NOT NULL,
  PRIMARY KEY (instance_id, dropped));

-- Executions that a judge was chosen to score. No row has what the judge was sent or what it explained.
CREATE TABLE IF NOT EXISTS agent_insight_judged (
  execution_id uuid NOT NULL,
  rule_hash text NOT NULL,
  completed_at timestamptz NOT NULL,
  asked_at timestamptz,                -- null until the judge is asked
  answers integer NOT NULL DEFAULT 0,
  score numeric(5,4),                  -- the median of the answers; null without any
  PRIMARY KEY (execution_id, rule_hash));
CREATE INDEX IF NOT EXISTS agent_insight_judged_open ON agent_insight_judged (completed_at) WHERE asked_at IS NULL;
CREATE INDEX IF NOT EXISTS agent_insight_judged_asked ON agent_insight_judged (asked_at);
