-- A request whose agents call models: a desk that is annotated asks an assistant, which calls a model three times and two
-- tools; one of these asks a summarizer, whose model has no price, and one a researcher, whose model fails. Another assistant
-- runs, one has ended just now, and an assistant's executions of three days stand behind them.
INSERT INTO agent_execution_logs (execution_id, correlation_id, agent_name, user_prompt, user_prompt_sha256, user_prompt_length,
  status, started_at, completed_at, duration_ms, duration_us, metadata, project_name, parent_execution_id, root_execution_id,
  kind, seen, progress_seq, error_type, error_message, model, model_calls, tool_calls, input_tokens, output_tokens,
  cache_read_tokens, cache_write_tokens, reasoning_tokens, cost, cost_currency, usage_seq)
SELECT ('019b7cde-0a63-7b41-9d52-00000000e00' || e.n)::uuid, 'b7ef9b42-4a1f-5e27-8c5f-3f0f8d7b2a11', e.agent, e.prompt,
  encode(sha256(convert_to(e.prompt, 'UTF8')), 'hex'), length(e.prompt), e.status, t.at + e.at * interval '1 ms',
  CASE WHEN e.status <> 'in_progress' THEN t.at + (e.at + e.took) * interval '1 ms' END, e.took, e.took * 1000::bigint,
  '{}', 'desk', ('019b7cde-0a63-7b41-9d52-00000000e00' || e.parent)::uuid, '019b7cde-0a63-7b41-9d52-00000000e001', e.kind,
  CASE WHEN e.status = 'in_progress' THEN 3 ELSE 7 END, 2, e.error, e.message, e.model, e.calls, e.tools, e.input, e.output,
  e.cached, e.written, e.reasoning, e.cost, e.currency, e.last
FROM (SELECT now() - interval '40 minutes' AS at) AS t,
  (VALUES
    (1, 'desk', 'Where is order 4711?', 'success', 0, 5210, NULL::int, 'method', NULL, NULL, NULL, NULL::int, NULL::int,
      NULL::bigint, NULL::bigint, NULL::bigint, NULL::bigint, NULL::bigint, NULL::numeric, NULL, 0),
    (2, 'assistant', 'Where is order 4711?', 'success', 12, 5150, 1, 'ai_service', NULL, NULL, 'gpt-4o-2024-08-06', 3, 2,
      6120, 412, 4096, NULL, 64, 0.014187500, 'USD', 12),
    (3, 'summarizer', 'Summarize the shipment', 'success', 1500, 640, 2, 'chat_client', NULL, NULL, 'llama3.1:8b', 1, 0,
      890, 77, NULL, NULL, NULL, NULL, NULL, 4),
    (4, 'researcher', 'Find the carrier', 'failed', 2300, 1480, 2, 'agent', 'RateLimitException', 'Rate limit reached for org-4711',
      'claude-sonnet-4-5', 2, 1, 12450, 300, 10000, 2000, NULL, 0.018850000, 'USD', 9)) AS e (n, agent, prompt, status, at, took,
      parent, kind, error, message, model, calls, tools, input, output, cached, written, reasoning, cost, currency, last);

INSERT INTO agent_execution_progress (execution_id, seq, stage, occurred_at, metadata)
SELECT e.execution_id, s.seq, s.stage, e.started_at + s.at * interval '1 ms', s.metadata::jsonb
FROM (VALUES
    (2, 2, 'model:gpt-4o', 5, NULL), (2, 4, 'tool:shipment', 1480, NULL), (2, 5, 'tool:shipment', 2150, '{"stage_duration_ms": 668.2}'),
    (2, 6, 'model:gpt-4o', 2160, NULL), (2, 8, 'tool:carrier', 2282, NULL),
    (2, 9, 'tool:carrier', 3790, '{"stage_duration_ms": 1507.9, "error_type": "RateLimitException"}'), (2, 10, 'model:gpt-4o', 3800, NULL),
    (3, 2, 'model:llama3.1:8b', 3, NULL), (4, 2, 'model:claude-sonnet-4-5', 4, NULL), (4, 4, 'tool:search', 810, NULL),
    (4, 5, 'tool:search', 960, '{"stage_duration_ms": 149.6}'), (4, 6, 'model:claude-sonnet-4-5', 970, NULL)) AS s (n, seq, stage, at, metadata)
  JOIN agent_execution_logs e ON e.execution_id = ('019b7cde-0a63-7b41-9d52-00000000e00' || s.n)::uuid;

INSERT INTO agent_model_calls (execution_id, seq, correlation_id, agent_name, framework, provider, request_model, response_model,
  operation, streaming, started_at, duration_us, first_token_us, input_tokens, output_tokens, cache_read_tokens,
  cache_write_tokens, reasoning_tokens, finish_reason, error_type, error_message, cost, cost_currency, price_version, metadata, created_at)
SELECT e.execution_id, c.seq, e.correlation_id, e.agent_name, c.framework, c.provider, c.asked, c.answered, 'chat', c.first IS NOT NULL,
  e.started_at + c.at * interval '1 ms', c.took * 1000, c.first * 1000, c.input, c.output, c.cached, c.written, c.reasoning, c.finish,
  c.error, c.message, c.cost, c.currency, c.prices, c.metadata::jsonb, e.started_at + (c.at + c.took) * interval '1 ms'
FROM (VALUES
    (2, 3, 'langchain4j', 'openai', 'gpt-4o', 'gpt-4o-2024-08-06', 5, 1470, NULL, 1850, 48, NULL::bigint, NULL::bigint, NULL::bigint, 'TOOL_EXECUTION', NULL, NULL,
      0.005105::numeric, 'USD', '2026-11', '{}'),
    (2, 7, 'langchain4j', 'openai', 'gpt-4o', 'gpt-4o-2024-08-06', 2160, 118, NULL, 2010, 52, 1920, NULL, NULL, 'TOOL_EXECUTION', NULL, NULL,
      0.003145, 'USD', '2026-11', '{}'),
    (2, 11, 'langchain4j', 'openai', 'gpt-4o', 'gpt-4o-2024-08-06', 3800, 1330, 241, 2260, 312, 2176, NULL, 64, 'STOP', NULL, NULL,
      0.0059375, 'USD', '2026-11', '{}'),
    (3, 3, 'spring-ai', 'ollama', 'llama3.1:8b', NULL, 3, 610, 95, 890, 77, NULL, NULL, NULL, 'stop', NULL, NULL, NULL, NULL, NULL, '{}'),
    (4, 3, 'langchain4j', 'anthropic', 'claude-sonnet-4-5', 'claude-sonnet-4-5', 4, 800, NULL, 12450, 300, 10000, 2000, NULL, 'TOOL_EXECUTION', NULL, NULL,
      0.01885, 'USD', '2026-11', '{}'),
    (4, 7, 'langchain4j', 'anthropic', 'claude-sonnet-4-5', NULL, 970, 505, 0, NULL, NULL, NULL, NULL, NULL, NULL,
      'RateLimitException', 'Rate limit reached for org-4711', NULL, NULL, NULL, '{}'),
    (4, 8, 'langchain4j', NULL, 'retrying', NULL, 968, 508, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
      'RateLimitException', 'Rate limit reached for org-4711', NULL, NULL, NULL, '{"delegated": true}'))
    AS c (n, seq, framework, provider, asked, answered, at, took, first, input, output, cached, written, reasoning, finish, error, message,
      cost, currency, prices, metadata)
  JOIN agent_execution_logs e ON e.execution_id = ('019b7cde-0a63-7b41-9d52-00000000e00' || c.n)::uuid;

-- One runs, one has just ended; then three days, with fewer at night and dearer since yesterday.
INSERT INTO agent_execution_logs (execution_id, correlation_id, agent_name, status, started_at, completed_at, duration_ms, duration_us,
  metadata, project_name, kind, seen, progress_seq, error_type, model, model_calls, tool_calls, input_tokens, output_tokens, cache_read_tokens,
  cost, cost_currency, usage_seq, root_execution_id)
SELECT r.id, gen_random_uuid(), 'assistant', r.status, r.at, CASE WHEN r.status <> 'in_progress' THEN r.at + r.took * interval '1 ms' END,
  CASE WHEN r.status <> 'in_progress' THEN r.took END, CASE WHEN r.status <> 'in_progress' THEN r.took * 1000::bigint END,
  CASE WHEN r.status = 'in_progress' THEN '{"progress": {"stage": "tool:shipment"}}' ELSE '{}' END::jsonb,
  'desk', 'ai_service', CASE WHEN r.status = 'in_progress' THEN 3 ELSE 7 END, 1, CASE WHEN r.status = 'failed' THEN 'TimeoutException' END,
  'gpt-4o-2024-08-06', r.calls, r.calls - 1, r.calls * r.input, r.calls * 90, r.calls * r.input / 2,
  r.calls * (r.input * 0.0000025 + 0.0009), 'USD', r.calls * 3, r.id
FROM (SELECT gen_random_uuid() AS id, CASE WHEN n = 0 THEN 'in_progress' WHEN n % 23 = 0 THEN 'failed' ELSE 'success' END AS status,
             CASE WHEN n = 0 THEN now() - interval '7 s' WHEN n = 1 THEN now() - interval '9 s'
                  ELSE now() - interval '3 min' - (n + 40 * sin(n / 30.0)) * interval '6 min' END AS at,
             700 + (n * 7919) % 4100 AS took, 1 + (n * 31) % 4 AS calls, 1400 + (n * 53) % 900 + CASE WHEN n < 240 THEN 1100 ELSE 0 END AS input
      FROM generate_series(0, 700) AS n) AS r;

INSERT INTO agent_model_calls (execution_id, seq, agent_name, framework, provider, request_model, response_model, operation, streaming,
  started_at, duration_us, first_token_us, input_tokens, output_tokens, cache_read_tokens, finish_reason, error_type, cost, cost_currency,
  price_version, metadata, created_at)
SELECT e.execution_id, 3 * c, e.agent_name, 'langchain4j', 'openai', 'gpt-4o', CASE WHEN c = 4 THEN 'gpt-4o-mini-2024-07-18' ELSE e.model END, 'chat',
  c = 1, e.started_at + (c - 1) * interval '300 ms', 180000 + (e.duration_us * 7919 + c * 104729) % 900000, CASE WHEN c = 1 THEN 90000 + e.duration_us % 70000 END,
  e.input_tokens / e.model_calls, 90, e.cache_read_tokens / e.model_calls, 'STOP', CASE WHEN e.status = 'failed' AND c = e.model_calls THEN 'TimeoutException' END,
  e.cost / e.model_calls, 'USD', '2026-11', '{}', e.started_at
FROM agent_execution_logs e, generate_series(1, e.model_calls) AS c
WHERE e.agent_name = 'assistant' AND e.execution_id <> '019b7cde-0a63-7b41-9d52-00000000e002' AND e.completed_at IS NOT NULL;
