-- History in ClickHouse, read from the topics of agentlog by the server itself: no process between the two. Run the file
-- in the database of your choice, after putting your brokers in the place of kafka:9092, which stands in it twice:
--   clickhouse-client --database agents --multiquery < clickhouse.sql
--
-- Events arrive at least once and in any order. Each aggregate below gives the same row for any order and any number of
-- repetitions, by the rules of agentlog's own merge (docs/schema.md, "How events become a row").
--
--   topics -> agent_events_queue -> agent_events_in -> agent_events            each event once, for 90 days
--                    |                        '-------> agent_execution_state  states of executions, for 90 days
--                    '-> agent_events_refused                                  what could not be read, for 14 days
--
-- Query the views: agent_execution_logs, agent_execution_progress, agent_routing_decisions, agent_model_calls, whose columns
-- are named as in PostgreSQL, and agent_executions_lost. Name a range of started_at, and the agent if you know it: both lead the sort key.

-- Events come in here: from the queue below, or by an INSERT of a file of the file sink. The table keeps nothing.
CREATE TABLE agent_events_in (
  event_type LowCardinality(String), schema_version UInt16, execution_id UUID, seq UInt32, timestamp DateTime64(6, 'UTC'),
  status LowCardinality(String), agent_name LowCardinality(String), correlation_id UUID, session_id UUID, instance_id UUID,
  started_at DateTime64(6, 'UTC'),
  -- started
  user_prompt Nullable(String), user_prompt_length Nullable(UInt32), user_prompt_sha256 Nullable(String),
  project_path Nullable(String), project_name Nullable(String), claude_session_id Nullable(String), terminal_id Nullable(String),
  parent_execution_id Nullable(UUID), root_execution_id Nullable(UUID), trace_id Nullable(String), span_id Nullable(String),
  kind Nullable(String),
  -- routing_decision
  routing_decision_id Nullable(UUID), user_request Nullable(String), user_request_hash Nullable(String),
  selected_agent Nullable(String), confidence_score Nullable(Float64), routing_strategy Nullable(String),
  trigger_confidence Nullable(Float64), context_confidence Nullable(Float64), capability_confidence Nullable(Float64),
  historical_confidence Nullable(Float64), alternatives Nullable(String), reasoning Nullable(String),
  routing_time_ms Nullable(UInt32), cache_hit Nullable(Bool),
  -- completed; durations and errors also of model_call
  completed_at Nullable(DateTime64(6, 'UTC')), duration_ms Nullable(UInt32), duration_us Nullable(UInt64),
  quality_score Nullable(Float64), error_type Nullable(String), error_message Nullable(String), provisional Nullable(Bool),
  -- model_call
  framework LowCardinality(Nullable(String)), provider LowCardinality(Nullable(String)), request_model LowCardinality(Nullable(String)),
  response_model LowCardinality(Nullable(String)), streaming Nullable(Bool), call_started_at Nullable(DateTime64(6, 'UTC')),
  first_token_us Nullable(UInt64), input_tokens Nullable(UInt64), output_tokens Nullable(UInt64), cache_read_tokens Nullable(UInt64),
  cache_write_tokens Nullable(UInt64), reasoning_tokens Nullable(UInt64), cost Nullable(Decimal(18, 9)),
  cost_currency LowCardinality(Nullable(String)), price_version LowCardinality(Nullable(String)),
  finish_reason LowCardinality(Nullable(String)),
  -- progress, completed and model_call. No model_calls: the event has no totals.
  totals Tuple(model Nullable(String), model_calls Nullable(UInt32), tool_calls Nullable(UInt32), input_tokens Nullable(UInt64),
    output_tokens Nullable(UInt64), cache_read_tokens Nullable(UInt64), cache_write_tokens Nullable(UInt64),
    reasoning_tokens Nullable(UInt64), cost Nullable(Decimal(18, 9)), cost_currency Nullable(String)),
  metadata Nullable(String)
) ENGINE = Null;

-- Each event once. It holds prompts. The table merges repetitions in the background, so query it with FINAL. A day is
-- written as a number because a clock that is far off gives days that the type Date has not.
CREATE TABLE agent_events AS agent_events_in
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMMDD(started_at)
ORDER BY (agent_name, started_at, execution_id, seq)
TTL toDateTime(started_at) + INTERVAL 90 DAY
SETTINGS ttl_only_drop_parts = 1;

CREATE MATERIALIZED VIEW agent_events_mv TO agent_events AS SELECT * FROM agent_events_in;

-- One row for each execution, once all its parts are merged. The key is on every event and the same for the life of an
-- execution. A UUID never leads a key: ClickHouse sorts UUIDs by their second half.
CREATE TABLE agent_execution_state (
  agent_name LowCardinality(String), started_at DateTime64(6, 'UTC'), execution_id UUID,
  correlation_id SimpleAggregateFunction(any, UUID), session_id SimpleAggregateFunction(any, UUID),
  instance_id SimpleAggregateFunction(any, UUID),
  user_prompt SimpleAggregateFunction(any, Nullable(String)), user_prompt_length SimpleAggregateFunction(any, Nullable(UInt32)),
  user_prompt_sha256 SimpleAggregateFunction(any, Nullable(String)), project_path SimpleAggregateFunction(any, Nullable(String)),
  project_name SimpleAggregateFunction(any, Nullable(String)), claude_session_id SimpleAggregateFunction(any, Nullable(String)),
  terminal_id SimpleAggregateFunction(any, Nullable(String)), parent_execution_id SimpleAggregateFunction(any, Nullable(UUID)),
  root_execution_id SimpleAggregateFunction(any, Nullable(UUID)), trace_id SimpleAggregateFunction(any, Nullable(String)),
  span_id SimpleAggregateFunction(any, Nullable(String)), kind SimpleAggregateFunction(any, Nullable(String)),
  start_metadata SimpleAggregateFunction(any, Nullable(String)),
  routing_decision_id SimpleAggregateFunction(min, Nullable(String)), -- As text, which sorts as PostgreSQL sorts UUIDs.
  -- A bit for each kind of event: 1 started, 2 progress, 4 a real end, 8 an end by shutdown, 16 an end by an adopted journal.
  seen SimpleAggregateFunction(groupBitOr, UInt8),
  progress_seq SimpleAggregateFunction(max, UInt32), usage_seq SimpleAggregateFunction(max, UInt32),
  progress AggregateFunction(argMax, Nullable(String), UInt32), -- By progress_seq.
  latest_metadata AggregateFunction(argMax, Nullable(String), Tuple(UInt8, UInt32)), -- By (really completed, progress_seq).
  -- What was used, of the event with the highest seq that has totals. Nothing is added up, because an event may come twice.
  usage AggregateFunction(argMax, Tuple(model Nullable(String), model_calls Nullable(UInt32), tool_calls Nullable(UInt32),
    input_tokens Nullable(UInt64), output_tokens Nullable(UInt64), cache_read_tokens Nullable(UInt64),
    cache_write_tokens Nullable(UInt64), reasoning_tokens Nullable(UInt64), cost Nullable(Decimal(18, 9)),
    cost_currency Nullable(String)), UInt32),
  -- The end with the smallest bit, of these the earliest; 255 is none. Its columns stay together, nulls included.
  ending AggregateFunction(argMin, Tuple(status String, completed_at Nullable(DateTime64(6, 'UTC')), duration_ms Nullable(UInt32),
    duration_us Nullable(UInt64), error_type Nullable(String), error_message Nullable(String), quality_score Nullable(Float64)),
    Tuple(UInt8, Nullable(DateTime64(6, 'UTC')))),
  INDEX execution_id execution_id TYPE bloom_filter(0.01)
) ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMMDD(started_at)
ORDER BY (agent_name, started_at, execution_id)
TTL toDateTime(started_at) + INTERVAL 90 DAY
SETTINGS ttl_only_drop_parts = 1;

CREATE MATERIALIZED VIEW agent_execution_mv TO agent_execution_state AS
WITH
  q.event_type = 'started' AS is_start, q.event_type = 'progress' AS is_progress, q.event_type = 'completed' AS is_end,
  multiIf(NOT is_end, 255, NOT ifNull(q.provisional, false), 4, ifNull(q.error_type, '') = 'JvmShutdown', 8, 16) AS rank,
  if(is_progress, q.seq, 0) AS stage_seq,
  if(isNull(q.totals.model_calls), 0, q.seq) AS totals_seq
SELECT
  q.agent_name AS agent_name, q.started_at AS started_at, q.execution_id AS execution_id,
  any(q.correlation_id) AS correlation_id, any(q.session_id) AS session_id, any(q.instance_id) AS instance_id,
  any(q.user_prompt) AS user_prompt, any(q.user_prompt_length) AS user_prompt_length,
  any(q.user_prompt_sha256) AS user_prompt_sha256, any(q.project_path) AS project_path, any(q.project_name) AS project_name,
  any(q.claude_session_id) AS claude_session_id, any(q.terminal_id) AS terminal_id,
  any(q.parent_execution_id) AS parent_execution_id,
  -- An outermost execution leaves its root out, because it is its own.
  anyIf(if(isNull(q.root_execution_id) AND isNull(q.parent_execution_id), q.execution_id, q.root_execution_id), is_start) AS root_execution_id,
  any(q.trace_id) AS trace_id, any(q.span_id) AS span_id, any(q.kind) AS kind,
  anyIf(q.metadata, is_start) AS start_metadata,
  min(toString(q.routing_decision_id)) AS routing_decision_id,
  groupBitOr(toUInt8(multiIf(is_start, 1, is_progress, 2, is_end, rank, 0))) AS seen,
  max(toUInt32(stage_seq)) AS progress_seq, max(toUInt32(totals_seq)) AS usage_seq,
  argMaxState(if(is_progress, JSONExtractRaw(ifNull(q.metadata, ''), 'progress'), NULL), toUInt32(stage_seq)) AS progress,
  argMaxState(if(is_progress OR rank = 4, q.metadata, NULL), (toUInt8(rank = 4), toUInt32(stage_seq))) AS latest_metadata,
  argMaxState(q.totals, toUInt32(totals_seq)) AS usage,
  argMinState(CAST((q.status, q.completed_at, if(is_end, q.duration_ms, NULL), if(is_end, q.duration_us, NULL),
      if(is_end, q.error_type, NULL), if(is_end, q.error_message, NULL), q.quality_score),
    'Tuple(status String, completed_at Nullable(DateTime64(6, \'UTC\')), duration_ms Nullable(UInt32), duration_us Nullable(UInt64), error_type Nullable(String), error_message Nullable(String), quality_score Nullable(Float64))'),
    (toUInt8(rank), q.completed_at)) AS ending
FROM agent_events_in AS q
WHERE q.event_type IN ('started', 'progress', 'routing_decision', 'completed') OR q.totals.model_calls IS NOT NULL
GROUP BY agent_name, started_at, execution_id;

-- As the table of PostgreSQL, without created_at and updated_at. Scores are rounded as PostgreSQL rounds numeric(5,4).
-- metadata is text: an end's entries go before those of the latest stage, and those before the start's.
CREATE VIEW agent_execution_logs AS
WITH
  x -> if(abs(x) < 9.99995, sign(x) * floor(abs(toDecimal128OrNull(toString(x), 20)) + toDecimal128('0.00005', 20), 4), NULL) AS score,
  json -> CAST(JSONExtractKeysAndValuesRaw(ifNull(json, '{}')), 'Map(String, String)') AS entries,
  mapUpdate(mapUpdate(entries(start_metadata_), entries(metadata_)), if(isNull(progress_), map(), map('progress', assumeNotNull(progress_)))) AS merged
SELECT
  execution_id, correlation_id_ AS correlation_id, session_id_ AS session_id, agent_name, user_prompt_ AS user_prompt,
  end_.status AS status, started_at, end_.completed_at AS completed_at, end_.duration_ms AS duration_ms,
  end_.duration_us AS duration_us, CAST(score(end_.quality_score), 'Nullable(Decimal(5, 4))') AS quality_score,
  end_.error_type AS error_type, end_.error_message AS error_message,
  concat('{', arrayStringConcat(arrayMap((k, v) -> concat(toJSONString(k), ':', v), mapKeys(merged), mapValues(merged)), ','), '}') AS metadata,
  project_path_ AS project_path, project_name_ AS project_name, claude_session_id_ AS claude_session_id,
  terminal_id_ AS terminal_id, parent_execution_id_ AS parent_execution_id, instance_id_ AS instance_id,
  toUUIDOrNull(routing_decision_id_) AS routing_decision_id, user_prompt_sha256_ AS user_prompt_sha256,
  user_prompt_length_ AS user_prompt_length, trace_id_ AS trace_id, span_id_ AS span_id, kind_ AS kind,
  root_execution_id_ AS root_execution_id, usage_.model AS model, usage_.model_calls AS model_calls,
  usage_.tool_calls AS tool_calls, usage_.input_tokens AS input_tokens, usage_.output_tokens AS output_tokens,
  usage_.cache_read_tokens AS cache_read_tokens, usage_.cache_write_tokens AS cache_write_tokens,
  usage_.reasoning_tokens AS reasoning_tokens, usage_.cost AS cost, usage_.cost_currency AS cost_currency,
  -- Of several ends the winner's bit alone: 256 - x has the lowest bit of x, and of the others none that x has.
  bitOr(bitAnd(seen_, 3), bitAnd(bitAnd(seen_, 60), toUInt8(256 - bitAnd(seen_, 60)))) AS seen,
  progress_seq_ AS progress_seq, usage_seq_ AS usage_seq
FROM (
  SELECT agent_name, started_at, execution_id, any(correlation_id) AS correlation_id_, any(session_id) AS session_id_,
    any(instance_id) AS instance_id_, any(user_prompt) AS user_prompt_, any(user_prompt_length) AS user_prompt_length_,
    any(user_prompt_sha256) AS user_prompt_sha256_, any(project_path) AS project_path_, any(project_name) AS project_name_,
    any(claude_session_id) AS claude_session_id_, any(terminal_id) AS terminal_id_,
    any(parent_execution_id) AS parent_execution_id_, any(root_execution_id) AS root_execution_id_, any(trace_id) AS trace_id_,
    any(span_id) AS span_id_, any(kind) AS kind_, any(start_metadata) AS start_metadata_,
    min(routing_decision_id) AS routing_decision_id_, groupBitOr(seen) AS seen_, max(progress_seq) AS progress_seq_,
    max(usage_seq) AS usage_seq_, argMaxMerge(progress) AS progress_, argMaxMerge(latest_metadata) AS metadata_,
    argMaxMerge(usage) AS usage_, argMinMerge(ending) AS end_
  FROM agent_execution_state GROUP BY agent_name, started_at, execution_id);

CREATE VIEW agent_execution_progress AS
WITH JSONExtractRaw(assumeNotNull(e.metadata), 'progress') AS stage_
SELECT execution_id, seq, agent_name, started_at, JSONExtractString(stage_, 'stage') AS stage,
  JSONExtract(stage_, 'percent', 'Nullable(UInt8)') AS percent, timestamp AS occurred_at,
  concat('{', arrayStringConcat(arrayMap(entry -> concat(toJSONString(entry.1), ':', entry.2), arrayFilter(
    entry -> entry.1 NOT IN ('stage', 'percent', 'updated_at'), JSONExtractKeysAndValuesRaw(stage_))), ','), '}') AS metadata
FROM agent_events AS e FINAL WHERE event_type = 'progress';

CREATE VIEW agent_routing_decisions AS
WITH x -> CAST(if(abs(x) < 9.99995, sign(x) * floor(abs(toDecimal128OrNull(toString(x), 20)) + toDecimal128('0.00005', 20), 4), NULL), 'Nullable(Decimal(5, 4))') AS score
SELECT assumeNotNull(routing_decision_id) AS id, execution_id, agent_name, started_at, correlation_id, session_id,
  user_request, user_request_hash, selected_agent, score(e.confidence_score) AS confidence_score, routing_strategy,
  score(e.trigger_confidence) AS trigger_confidence, score(e.context_confidence) AS context_confidence,
  score(e.capability_confidence) AS capability_confidence, score(e.historical_confidence) AS historical_confidence,
  alternatives, reasoning, routing_time_ms, cache_hit, timestamp AS created_at
FROM agent_events AS e FINAL WHERE event_type = 'routing_decision';

-- started_at is when the call began, execution_started_at when its execution did.
CREATE VIEW agent_model_calls AS
SELECT execution_id, seq, ifNull(e.root_execution_id, e.execution_id) AS root_execution_id, correlation_id, agent_name,
  e.started_at AS execution_started_at, framework, provider, request_model, response_model, streaming,
  e.call_started_at AS started_at, duration_us, first_token_us, input_tokens, output_tokens, cache_read_tokens,
  cache_write_tokens, reasoning_tokens, finish_reason, error_type, error_message, cost, cost_currency, price_version,
  metadata, timestamp AS created_at
FROM agent_events AS e FINAL WHERE event_type = 'model_call';

-- What could not be read: no JSON, another schema_version, an unknown type. Such an event is never guessed at. The column
-- message holds a broken event, prompts included; the others are found on the topic by their offset.
CREATE TABLE agent_events_refused (
  refused_at DateTime, topic LowCardinality(String), partition UInt64, position UInt64, reason String, message String
) ENGINE = MergeTree
ORDER BY refused_at
TTL refused_at + INTERVAL 14 DAY;

-- The topics. Nothing is read before the view after it is there.
CREATE TABLE agent_events_queue AS agent_events_in
ENGINE = Kafka
SETTINGS kafka_broker_list = 'kafka:9092', kafka_topic_list = 'agent-execution-logs,agent-execution-details',
  kafka_group_name = 'agentlog-clickhouse', kafka_format = 'JSONEachRow', kafka_num_consumers = 1,
  kafka_thread_per_consumer = 1, kafka_handle_error_mode = 'stream', date_time_input_format = 'best_effort',
  input_format_skip_unknown_fields = 1, input_format_json_read_objects_as_strings = 1,
  input_format_json_read_arrays_as_strings = 1, input_format_json_read_numbers_as_strings = 1,
  input_format_json_read_bools_as_strings = 1, input_format_json_ignore_unknown_keys_in_named_tuple = 1,
  input_format_json_defaults_for_missing_elements_in_named_tuple = 1;

CREATE MATERIALIZED VIEW agent_events_refused_mv TO agent_events_refused AS
SELECT now() AS refused_at, _topic AS topic, _partition AS partition, _offset AS position, _raw_message AS message,
  multiIf(_error != '', _error, schema_version != 1, concat('schema_version ', toString(schema_version)),
    event_type = '', 'no event_type', execution_id = toUUID('00000000-0000-0000-0000-000000000000'), 'no execution_id',
    concat('unknown event_type ', event_type)) AS reason
FROM agent_events_queue
WHERE _error != '' OR schema_version != 1 OR execution_id = toUUID('00000000-0000-0000-0000-000000000000')
  OR event_type NOT IN ('started', 'progress', 'routing_decision', 'completed', 'model_call', 'prompt', 'file_operation', 'file_hash', 'intelligence_usage');

-- Prompts, files and knowledge of the whole trace are left out: their fields are no columns here.
CREATE MATERIALIZED VIEW agent_events_queue_mv TO agent_events_in AS
SELECT * FROM agent_events_queue
WHERE _error = '' AND schema_version = 1 AND execution_id != toUUID('00000000-0000-0000-0000-000000000000')
  AND event_type IN ('started', 'progress', 'routing_decision', 'completed', 'model_call');

-- JVMs that write to Kafka alone say every ten seconds that they live. The time is the record's, which the broker sets.
CREATE TABLE agent_instances (
  instance_id UUID, service SimpleAggregateFunction(anyLast, String), renewed_at SimpleAggregateFunction(max, DateTime64(3, 'UTC')),
  ended SimpleAggregateFunction(max, UInt8)
) ENGINE = AggregatingMergeTree
ORDER BY instance_id
TTL toDateTime(renewed_at) + INTERVAL 90 DAY;

-- Executions in progress of JVMs that have ended, or that were silent for a minute and a half while others were heard. An
-- end that is not read yet takes an execution off again. No JVM heard at all: nobody is judged.
CREATE VIEW agent_executions_lost AS
SELECT e.execution_id AS execution_id, e.agent_name AS agent_name, e.started_at AS started_at, e.instance_id AS instance_id,
  i.service AS service, i.last_heard AS last_heard
FROM agent_execution_logs AS e
INNER JOIN (
  SELECT instance_id, anyLast(service) AS service, max(renewed_at) AS last_heard, max(ended) AS has_ended FROM agent_instances GROUP BY instance_id
) AS i ON i.instance_id = e.instance_id
WHERE e.status = 'in_progress'
  AND (i.has_ended = 1 OR i.last_heard < (SELECT max(renewed_at) FROM agent_instances) - INTERVAL 90 SECOND);

CREATE TABLE agent_instances_queue (event_type String, schema_version UInt16, instance_id UUID, service String, state String)
ENGINE = Kafka
SETTINGS kafka_broker_list = 'kafka:9092', kafka_topic_list = 'agent-instances', kafka_group_name = 'agentlog-clickhouse-instances',
  kafka_format = 'JSONEachRow', kafka_handle_error_mode = 'stream', input_format_skip_unknown_fields = 1;

CREATE MATERIALIZED VIEW agent_instances_mv TO agent_instances AS
SELECT instance_id, service, assumeNotNull(_timestamp_ms) AS renewed_at, toUInt8(state = 'ended') AS ended
FROM agent_instances_queue WHERE _error = '' AND event_type = 'instance' AND schema_version = 1;
