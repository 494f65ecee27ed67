-- Alerts: where each stands, what became of it, and what the channels are told. Names of agents, types of errors and figures, but
-- no prompt and no message of the application. Neither addresses nor secrets of channels: those stay in the rules file.

-- Where each alert stands. An alert is a rule and what it is about: an agent, an instance, a type of error. Two alerts
-- come without a rule: 'blind' (looks could see nothing for some time) and 'rules-invalid' (the rules file has mistakes).
CREATE TABLE IF NOT EXISTS agent_insight_alerts (
  fingerprint text PRIMARY KEY,        -- SHA-256 of rule and labels, 64 hexadecimal digits: with another limit it is the same alert
  rule text NOT NULL,                  -- name in the rules file, or 'blind', 'rules-invalid'
  kind text NOT NULL,                  -- of the rule, such as failure-rate; of the two without a rule their name
  rule_hash text NOT NULL,             -- SHA-256 of what the rule said at the last look; '' without a rule
  labels jsonb NOT NULL,               -- what it is about, such as {"agent": "router"}: names and texts
  rule_labels jsonb NOT NULL,          -- labels that the rule adds, such as {"severity": "page"}
  channels text[] NOT NULL,            -- names of the channels that are told
  state text NOT NULL,                 -- learning, inactive, pending, firing, recovering, resolved
  since timestamptz NOT NULL,          -- when it came into the state
  worse_looks integer NOT NULL,        -- how many looks in a row were worse
  incident_id uuid,                    -- the incident, or the last one; null before the first
  started_at timestamptz,              -- when the incident began to fire
  ended_at timestamptz,                -- when it was resolved; null while it goes on
  back_since timestamptz,              -- since when the value is back; null if it is not
  unknown_since timestamptz,           -- since when looks could see nothing; null if the last one could
  told text,                           -- what the channels were told last of the incident: firing, resolved; null: nothing yet
  notified_at timestamptz,             -- when a message was last made
  muted boolean NOT NULL,              -- messages are held back: a mute of the rules file holds
  last_look timestamptz NOT NULL,
  verdict text NOT NULL,               -- of the last look: learning, fine, worse, back, unknown
  evidence jsonb);                     -- of the last look that saw something

-- Each change of a state, for ever. A row is never changed. A gap (state 'gap', fingerprint and rule '') is a time
-- without looks, since no dashboard with rules was running: what began and ended in it is not known.
CREATE TABLE IF NOT EXISTS agent_insight_alert_events (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- in the order of the changes
  at timestamptz NOT NULL,             -- time of the look; of a gap its end
  fingerprint text NOT NULL,           -- agent_insight_alerts.fingerprint
  rule text NOT NULL,
  rule_hash text NOT NULL,             -- SHA-256 of what the rule said then
  labels jsonb NOT NULL,
  incident_id uuid,                    -- of the incident that the change belongs to
  state_before text,                   -- null for a gap
  since timestamptz NOT NULL,          -- since when it was in state_before; of a gap its begin
  state text NOT NULL,                 -- learning, inactive, pending, firing, recovering, resolved, gap
  reason text,                         -- why, if no look was the reason: 'rule removed', 'nothing to look at'
  evidence jsonb);                     -- of the look
CREATE INDEX IF NOT EXISTS agent_insight_alert_events_fingerprint ON agent_insight_alert_events (fingerprint, id);
CREATE INDEX IF NOT EXISTS agent_insight_alert_events_at ON agent_insight_alert_events (at);
CREATE INDEX IF NOT EXISTS agent_insight_alert_events_incident ON agent_insight_alert_events (incident_id, id)
  WHERE incident_id IS NOT NULL;

-- Messages of incidents, one row for each channel. A row leaves 30 days after it was made, if it is done.
CREATE TABLE IF NOT EXISTS agent_insight_outbox (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- the order within an incident and channel
  delivery_id uuid NOT NULL,           -- the same in each attempt: a receiver can drop what it has
  incident_id uuid NOT NULL,
  fingerprint text NOT NULL,           -- agent_insight_alerts.fingerprint
  channel text NOT NULL,               -- name in the rules file
  kind text NOT NULL,                  -- firing, resolved, reminder
  payload jsonb NOT NULL,              -- the message, the same for all types of channels
  created_at timestamptz NOT NULL,
  attempts integer NOT NULL,           -- how often it was sent, or tried to
  next_at timestamptz,                 -- when it is sent next; null: it is done
  repeat_until timestamptz,            -- sent again every minute until then, for Alertmanager; null: once
  claimed_until timestamptz,           -- until then a dashboard is sending it; null: none is
  delivered_at timestamptz,            -- when the channel first took it; null and next_at null: undeliverable
  last_error text);                    -- why the last attempt failed; null if it did not
CREATE INDEX IF NOT EXISTS agent_insight_outbox_next ON agent_insight_outbox (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS agent_insight_outbox_incident ON agent_insight_outbox (incident_id, id);
CREATE INDEX IF NOT EXISTS agent_insight_outbox_created ON agent_insight_outbox (created_at);

-- How many events JVMs had lost at the last look of a rule that watches it; one that lost none has no row.
CREATE TABLE IF NOT EXISTS agent_insight_losses (
  instance_id uuid PRIMARY KEY,
  dropped bigint NOT NULL,             -- not recorded
  parked bigint NOT NULL,              -- refused by a sink, and kept aside
  undecodable bigint NOT NULL);        -- unreadable
