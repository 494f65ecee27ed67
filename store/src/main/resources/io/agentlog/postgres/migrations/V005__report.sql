-- What the agent of a JVM says of itself. Null for JVMs of an older agentlog.

ALTER TABLE agent_instances ADD COLUMN IF NOT EXISTS report jsonb;
