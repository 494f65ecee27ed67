-- The whole trace of a request: an agent that mends a folder and asks another to review, and older executions of both.
INSERT INTO agent_execution_logs (execution_id, correlation_id, agent_name, user_prompt, user_prompt_sha256, user_prompt_length,
  status, started_at, completed_at, duration_ms, duration_us, quality_score, metadata, project_path, project_name,
  parent_execution_id, routing_decision_id, kind, seen, progress_seq)
SELECT e.id::uuid, '46298508-dc0d-500c-9be0-fc9a22cf8319', e.agent, e.prompt, encode(sha256(convert_to(e.prompt, 'UTF8')), 'hex'), length(e.prompt),
  'success', t.at + e.at * interval '1 us', t.at + (e.at + e.took) * interval '1 us', e.took / 1000, e.took, e.quality,
  '{"correlation_id_raw": "order-4711"}', '/srv/shop', 'shop', e.parent::uuid, e.decision::uuid, 'method', 7, 2
FROM (SELECT now() - interval '2 hours' AS at) AS t,
  (VALUES
    ('019b7cde-0a63-7b41-9d52-00000000f001', 'refactor', 'Rename Order.total to Order.sum', 0, 812411, 0.91, NULL, '019b7cde-0a63-7b41-9d52-00000000d001'),
    ('019b7cde-0a63-7b41-9d52-00000000f002', 'reviewer', 'Review the change of Order', 402000, 310250, NULL, '019b7cde-0a63-7b41-9d52-00000000f001', NULL))
    AS e (id, agent, prompt, at, took, quality, parent, decision);

INSERT INTO agent_execution_progress (execution_id, seq, stage, percent, occurred_at, metadata)
SELECT s.id::uuid, s.seq, s.stage, s.percent, e.started_at + s.at * interval '1 us', s.metadata::jsonb
FROM (VALUES
    ('019b7cde-0a63-7b41-9d52-00000000f001', 4, 'plan', 10, 1204, NULL),
    ('019b7cde-0a63-7b41-9d52-00000000f001', 10, 'edit', 40, 118330, NULL),
    ('019b7cde-0a63-7b41-9d52-00000000f001', 16, 'tool:review', NULL, 401800, NULL),
    ('019b7cde-0a63-7b41-9d52-00000000f002', 5, 'judge', NULL, 250900, '{"stage_duration_ms": 201.5}')) AS s (id, seq, stage, percent, at, metadata)
  JOIN agent_execution_logs e ON e.execution_id = s.id::uuid;

INSERT INTO agent_routing_decisions (id, correlation_id, user_request, selected_agent, confidence_score, routing_strategy, reasoning, routing_time_ms, created_at)
SELECT '019b7cde-0a63-7b41-9d52-00000000d001', correlation_id, user_prompt, 'reviewer', 0.87, 'trigger', 'the change is small', 3,
  started_at + interval '380 ms'
FROM agent_execution_logs WHERE execution_id = '019b7cde-0a63-7b41-9d52-00000000f001';

INSERT INTO agent_prompt_texts (sha256, text, length, first_seen_at)
SELECT encode(sha256(convert_to(text, 'UTF8')), 'hex'), text, length(text), now() - interval '9 days'
FROM (VALUES ('You rename things.'), ('You rename things, and you change nothing else.'), ('You review changes.')) AS x (text);

-- The rows of older executions make versions; those of the request are the second of refactor and the first of reviewer.
INSERT INTO agent_prompts (id, correlation_id, execution_id, seq, agent_name, user_prompt, user_prompt_hash, user_prompt_length,
  agent_instructions_hash, agent_instructions_length, metadata, created_at)
SELECT p.id::uuid, e.correlation_id, e.execution_id, p.seq, e.agent_name, e.user_prompt, e.user_prompt_sha256, e.user_prompt_length,
  encode(sha256(convert_to(p.text, 'UTF8')), 'hex'), length(p.text), '{}', e.started_at + interval '40 us'
FROM (VALUES
    ('019b7cde-0a63-7b41-9d52-00000000a001', '019b7cde-0a63-7b41-9d52-00000000f001', 2, 'You rename things, and you change nothing else.'),
    ('019b7cde-0a63-7b41-9d52-00000000a002', '019b7cde-0a63-7b41-9d52-00000000f002', 2, 'You review changes.')) AS p (id, execution, seq, text)
  JOIN agent_execution_logs e ON e.execution_id = p.execution::uuid;

WITH older AS (
  INSERT INTO agent_execution_logs (execution_id, correlation_id, agent_name, user_prompt, user_prompt_sha256, user_prompt_length, status,
    started_at, completed_at, duration_ms, duration_us, quality_score, metadata, project_path, project_name, error_type, kind, seen)
  SELECT gen_random_uuid(), gen_random_uuid(), 'refactor', 'Rename ' || n, encode(sha256(convert_to('Rename ' || n, 'UTF8')), 'hex'), 8,
    CASE WHEN n % 4 = 0 THEN 'failed' ELSE 'success' END, now() - interval '8 days' + n * interval '3 hours',
    now() - interval '8 days' + n * interval '3 hours' + interval '1 s', 1000, 1000000, 0.6 + n * 0.005, '{}', '/srv/shop', 'shop',
    CASE WHEN n % 4 = 0 THEN 'java.lang.IllegalStateException' END, 'method', 7
  FROM generate_series(1, 40) AS n
  RETURNING *)
INSERT INTO agent_prompts (id, correlation_id, execution_id, seq, agent_name, user_prompt, user_prompt_hash, user_prompt_length,
  agent_instructions_hash, agent_instructions_length, metadata, created_at)
SELECT gen_random_uuid(), correlation_id, execution_id, 2, agent_name, user_prompt, user_prompt_sha256, user_prompt_length,
  encode(sha256(convert_to('You rename things.', 'UTF8')), 'hex'), length('You rename things.'), '{}', started_at
FROM older;

INSERT INTO agent_file_operations (id, correlation_id, execution_id, seq, agent_name, operation_type, file_path, file_path_hash, file_name,
  file_extension, file_size_bytes, content_hash_before, content_hash_after, content_changed, tool_name, operation_params, success, bytes_read,
  bytes_written, duration_ms, metadata, created_at, error_message)
SELECT gen_random_uuid(), e.correlation_id, e.execution_id, f.seq, e.agent_name, f.operation, f.path,
  encode(sha256(convert_to(f.path, 'UTF8')), 'hex'), regexp_replace(f.path, '.*/', ''), regexp_replace(f.path, '.*\.', ''), f.size,
  encode(sha256(convert_to(f.before, 'UTF8')), 'hex'), encode(sha256(convert_to(f.after, 'UTF8')), 'hex'), f.before <> f.after, f.tool, '{}',
  f.error IS NULL, f.size, f.size, 1, f.metadata::jsonb, e.started_at + f.at * interval '1 us', f.error
FROM (VALUES
    ('019b7cde-0a63-7b41-9d52-00000000f001', 5, 'read', 'src/main/java/shop/Order.java', 2210, NULL, 'order 1', NULL, NULL, 1833, NULL),
    ('019b7cde-0a63-7b41-9d52-00000000f001', 6, 'read', 'src/main/java/shop/Invoice.java', 910, NULL, 'invoice', NULL, '{"count": 3}', 2012, NULL),
    ('019b7cde-0a63-7b41-9d52-00000000f001', 11, 'edit', 'src/main/java/shop/Order.java', 2206, 'order 1', 'order 2', 'edit', NULL, 121406, NULL),
    ('019b7cde-0a63-7b41-9d52-00000000f001', 12, 'create', 'docs/renamed.md', 120, NULL, 'renamed', 'edit', NULL, 122950, NULL),
    ('019b7cde-0a63-7b41-9d52-00000000f001', 13, 'read', 'src/main/resources/secret.key', NULL, NULL, NULL, NULL, NULL, 124007, 'Permission denied'),
    ('019b7cde-0a63-7b41-9d52-00000000f001', 14, 'write', 'build/index.bin', 92274688, NULL, NULL, 'edit', '{"hash_missing": "too_large"}', 377000, NULL),
    ('019b7cde-0a63-7b41-9d52-00000000f001', 19, 'delete', 'notes.txt', NULL, 'notes', NULL, NULL, NULL, 790400, NULL),
    ('019b7cde-0a63-7b41-9d52-00000000f002', 3, 'read', 'src/main/java/shop/Order.java', 2206, NULL, 'order 2', NULL, NULL, 900, NULL))
    AS f (execution, seq, operation, path, size, before, after, tool, metadata, at, error)
  JOIN agent_execution_logs e ON e.execution_id = f.execution::uuid;

INSERT INTO agent_intelligence_usage (id, correlation_id, execution_id, seq, agent_name, intelligence_type, intelligence_source, intelligence_name,
  collection_name, usage_context, confidence_score, intelligence_summary, query_used, query_time_ms, query_results_rank, was_applied, metadata, created_at)
SELECT gen_random_uuid(), e.correlation_id, e.execution_id, 6 + k.rank, e.agent_name, 'pattern', 'qdrant', k.name, 'code-patterns', 'planning', k.score,
  'A field and its accessors are renamed together.', 'how to rename a field', 12, k.rank, k.applied, '{}', e.started_at + 60000 * interval '1 us'
FROM (VALUES (1, 'rename-field', 0.9312, true), (2, 'rename-method', 0.8427, true), (3, 'extract-interface', 0.5104, false)) AS k (rank, name, score, applied),
  agent_execution_logs e WHERE e.execution_id = '019b7cde-0a63-7b41-9d52-00000000f001';
