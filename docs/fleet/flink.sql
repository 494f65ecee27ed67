-- Executions a minute and agent, kept up to date on a topic of their own, by Flink SQL. Run it in the SQL client of
-- Flink 2.2 with flink-sql-connector-kafka 5.0.0-2.2, after putting your brokers in the place of kafka:9092 and making
-- the target topic (docs/fleet.md). Each record has the whole figures of a minute and replaces those before it.
--
-- Events arrive at least once, and an end that was concluded may be replaced by the real one. So one end is kept for each
-- execution, by agentlog's own rule, and what had been counted before is taken back. No watermark decides when a minute
-- is complete: events that waited for hours in a JVM are counted where they belong.

SET 'execution.checkpointing.interval' = '10 s';
-- How long an execution and a minute are remembered. Ends older than 20 hours are left out below: without what Flink has
-- forgotten, they would be counted twice or replace a minute's figures by theirs alone.
SET 'table.exec.state.ttl' = '24 h';

CREATE TABLE agent_events (
  event_type STRING,
  schema_version INT,
  execution_id STRING,
  agent_name STRING,
  status STRING,
  completed_at TIMESTAMP_LTZ(6),
  duration_us BIGINT,
  quality_score DECIMAL(38, 20),
  error_type STRING,
  provisional BOOLEAN
) WITH (
  'connector' = 'kafka',
  'topic' = 'agent-execution-logs',
  'properties.bootstrap.servers' = 'kafka:9092',
  'properties.group.id' = 'agentlog-flink',
  'properties.auto.offset.reset' = 'earliest',
  'scan.startup.mode' = 'group-offsets',
  'format' = 'json',
  'json.timestamp-format.standard' = 'ISO-8601',
  'json.ignore-parse-errors' = 'true'
);

CREATE TABLE agent_execution_stats (
  `minute` TIMESTAMP_LTZ(0),
  agent_name STRING,
  executions BIGINT,
  succeeded BIGINT,
  failed BIGINT,
  cancelled BIGINT,
  duration_us BIGINT,
  scored BIGINT,
  quality_sum DECIMAL(38, 4),
  PRIMARY KEY (`minute`, agent_name) NOT ENFORCED
) WITH (
  'connector' = 'upsert-kafka',
  'topic' = 'agent-execution-stats',
  'properties.bootstrap.servers' = 'kafka:9092',
  'key.format' = 'json',
  'key.json.timestamp-format.standard' = 'ISO-8601',
  'value.format' = 'json',
  'value.json.timestamp-format.standard' = 'ISO-8601'
);

-- The real end goes before one by a shutdown, that before one by a JVM's death; of two of a kind the earlier one, which
-- has the shorter duration. The order is one number, descending, on purpose: with an ascending order, or with two columns,
-- Flink 2.2.1 plans as if the first row that comes were never replaced, and counts each end.
CREATE VIEW agent_ends AS
SELECT execution_id, agent_name, status, completed_at, duration_us, quality_score FROM (
  SELECT *, ROW_NUMBER() OVER (PARTITION BY execution_id ORDER BY end_order DESC) AS place FROM (
    SELECT *, CASE WHEN provisional IS NOT TRUE THEN 300000000000000000 WHEN error_type = 'JvmShutdown' THEN 200000000000000000
      ELSE 100000000000000000 END - duration_us AS end_order
    FROM agent_events
    WHERE event_type = 'completed' AND schema_version = 1 AND completed_at > CURRENT_TIMESTAMP - INTERVAL '20' HOUR
  )
) WHERE place = 1;

-- Quality is rounded as in the table of PostgreSQL. The mean is quality_sum / scored, that of the duration duration_us / executions.
INSERT INTO agent_execution_stats
SELECT FLOOR(completed_at TO MINUTE), agent_name, COUNT(*),
  COUNT(*) FILTER (WHERE status = 'success'), COUNT(*) FILTER (WHERE status = 'failed'),
  COUNT(*) FILTER (WHERE status = 'cancelled'), SUM(duration_us), COUNT(quality_score),
  COALESCE(SUM(CAST(quality_score AS DECIMAL(5, 4))), 0)
FROM agent_ends
GROUP BY FLOOR(completed_at TO MINUTE), agent_name;
