-- JVMs that write to Kafka alone, and how far a connector has read their topics. Both belong to a fleet: the connector's
-- setting instances.fleet.
--
-- agent_fleet_progress, of a partition of events: record_time is the broker's time of its last record; idle_at and
-- idle_position are the heartbeat that was known before the partition was found to have no further record. Of the topic of
-- heartbeats: position is the next record, record_time the last one's time, since the begin of what the judge has read
-- without a gap, judge the task.
--
-- agent_fleet_instances: a JVM that was heard, by which fleet, the broker's time of its last heartbeat, and the offset of
-- that heartbeat if the JVM said there that it ended. noted_at is the last heartbeat of any JVM that had been read when this
-- JVM was noted.

CREATE TABLE IF NOT EXISTS agent_fleet_progress (fleet text, topic text, partition integer, PRIMARY KEY (fleet, topic, partition));
ALTER TABLE agent_fleet_progress
  ADD COLUMN IF NOT EXISTS position bigint,
  ADD COLUMN IF NOT EXISTS record_time timestamptz,
  ADD COLUMN IF NOT EXISTS idle_at timestamptz,
  ADD COLUMN IF NOT EXISTS idle_position bigint,
  ADD COLUMN IF NOT EXISTS since timestamptz,
  ADD COLUMN IF NOT EXISTS judge uuid;
CREATE TABLE IF NOT EXISTS agent_fleet_instances (instance_id uuid PRIMARY KEY);
ALTER TABLE agent_fleet_instances
  ADD COLUMN IF NOT EXISTS fleet text,
  ADD COLUMN IF NOT EXISTS noted_at timestamptz,
  ADD COLUMN IF NOT EXISTS heard_at timestamptz,
  ADD COLUMN IF NOT EXISTS end_position bigint;
