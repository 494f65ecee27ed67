-- How far a connector has read the topics of JVMs that write to Kafka alone. Made by the connector alone.
--
-- Of a partition of events: record_time is the broker's time of its last record; idle_at and idle_position are the
-- heartbeat that was known before the partition was found to have no further record. Of the topic of heartbeats: position
-- is the next record, record_time the last one's time, since the begin of what was read without a gap, judge the task.
--
-- agent_instance_ends: JVMs that said that they ended, and at which record, until their events have been read.

CREATE TABLE IF NOT EXISTS agent_topic_progress (topic text, partition integer, PRIMARY KEY (topic, partition));
ALTER TABLE agent_topic_progress
  ADD COLUMN IF NOT EXISTS position bigint,
  ADD COLUMN IF NOT EXISTS record_time timestamptz,
  ADD COLUMN IF NOT EXISTS idle_at timestamptz,
  ADD COLUMN IF NOT EXISTS idle_position bigint,
  ADD COLUMN IF NOT EXISTS since timestamptz,
  ADD COLUMN IF NOT EXISTS judge uuid;
CREATE TABLE IF NOT EXISTS agent_instance_ends (instance_id uuid PRIMARY KEY);
ALTER TABLE agent_instance_ends
  ADD COLUMN IF NOT EXISTS position bigint;
