-- Executions first to last of a data set, with their stages and decisions. Ten executions are four requests, of one, two, three
-- and four executions; the request's first execution calls the others one after another, and the fourth is called by the third.
-- What would lie after "now" has not happened yet: a later start has no row, a later end leaves the execution in progress.
-- OFFSET 0 keeps the planner from merging a step into the next, which would calculate each value again wherever it is used.
WITH p AS (
  SELECT ?::bigint AS first, ?::bigint AS last, ?::bigint AS requests, ?::bigint AS recent, ?::bigint AS running,
         ?::double precision AS begin_s, ?::double precision AS end_s, ?::double precision AS now_s, ?::bigint AS prompts
), numbered AS (
  SELECT p.*, n, n / 10 * 4 + (array[0, 1, 1, 2, 2, 2, 3, 3, 3, 3])[n % 10 + 1] AS r,
         (array[0, 0, 1, 0, 1, 2, 0, 1, 2, 3])[n % 10 + 1] AS slot, (array[1, 2, 2, 3, 3, 3, 4, 4, 4, 4])[n % 10 + 1] AS size,
         (array[2, 3, 1, 3, 2, 1, 4, 2, 1, 1])[n % 10 + 1] AS stage_count
  FROM p, generate_series(p.first, p.last) AS n OFFSET 0
), prompted AS (
  -- Three of ten requests repeat a prompt, some of them often; the same prompt mostly goes the same way.
  SELECT *, n - slot AS root, CASE WHEN pg_temp.draw(n - slot, 1) < 0.3 THEN -1 - floor(prompts * pg_temp.draw(n - slot, 2) ^ 3)::bigint
                                   ELSE n - slot END AS prompt_key,
         CASE WHEN r >= requests - running - 3 THEN now_s WHEN r >= requests - recent
              THEN now_s - 3600 + 3600 * (r - requests + recent + pg_temp.draw(r, 3)) / recent
              ELSE begin_s + (end_s - begin_s) * (r + pg_temp.draw(r, 3)) / (requests - recent) END AS even_s
  FROM numbered OFFSET 0
), weekly AS (
  -- Even time becomes a curve of weeks, then of days: most at 14 h UTC, a seventh of it at 2 h; least on Sundays.
  SELECT *, CASE WHEN r >= requests - recent THEN even_s
                 ELSE even_s + 0.4 * 604800 / (2 * pi()) * sin(2 * pi() * (even_s - 259200) / 604800) END AS week_s
  FROM prompted OFFSET 0
), requested AS (
  SELECT *, CASE WHEN r >= requests - running THEN now_s - least(900, exp(2.3 + 1.2 * pg_temp.normal(r, 4)))
                 WHEN r >= requests - running - 3 THEN now_s - 10800 - 60 * (requests - r)
                 WHEN r >= requests - recent THEN week_s
                 ELSE week_s + 0.75 * 86400 / (2 * pi()) * sin(2 * pi() * (week_s - 7200) / 86400) END AS request_s
  FROM weekly OFFSET 0
), chosen AS (
  SELECT *, now_s - request_s AS ago_s,
         CASE WHEN slot = 0 THEN 1 + floor(6 * pg_temp.draw(prompt_key, 5) ^ 1.5)::integer
              WHEN slot = 1 AND pg_temp.draw(r, 6) < 0.9 THEN 7 + floor(14 * pg_temp.draw(prompt_key, 7) ^ 1.4)::integer
              ELSE 7 + floor(14 * pg_temp.draw(n, 7) ^ 1.4)::integer END AS agent_no,
         CASE WHEN slot = 1 OR size = 1 THEN pg_temp.confidence(root) WHEN slot = 3 THEN pg_temp.confidence(root + 2) END AS confidence
  FROM requested OFFSET 0
), fated AS (
  -- In the end one agent fails more, another is slower, a third gives worse answers.
  SELECT c.*, a.name, a.quality, a.stages,
         a.median_ms * 1000 * exp(a.sigma * pg_temp.normal(n, 8)) * CASE WHEN agent_no = 12 AND ago_s < 259200 THEN 1.7 ELSE 1 END AS usual_us,
         pg_temp.draw(n, 10) < a.failed * CASE WHEN confidence IS NULL THEN 1 ELSE 0.3 + 10 * (1 - confidence) ^ 1.5 END
                               * CASE WHEN agent_no = 7 AND ago_s < 21600 THEN 5 ELSE 1 END AS fails,
         pg_temp.draw(n, 11) < a.cancelled AS cancels,
         CASE WHEN agent_no = 9 AND ago_s < 7200 THEN 9
              ELSE (agent_no * 2 + CASE WHEN pg_temp.draw(n, 12) < 0.3 THEN 1 ELSE 0 END) % 9 END AS error_no
  FROM chosen c JOIN data_set_agent a ON a.no = c.agent_no OFFSET 0
), paced AS (
  SELECT *, (CASE WHEN fails AND error_no = 0 THEN 30000000 + 400000 * pg_temp.draw(n, 13) WHEN fails OR cancels
                  THEN usual_us * pg_temp.draw(n, 13) + 900 ELSE usual_us END)::bigint AS own_us
  FROM fated OFFSET 0
), joined AS (
  SELECT *, coalesce(max(own_us) FILTER (WHERE slot = 0) OVER request, 0) AS own0,
         coalesce(max(own_us) FILTER (WHERE slot = 1) OVER request, 0) AS own1,
         coalesce(max(own_us) FILTER (WHERE slot = 2) OVER request, 0) AS own2,
         coalesce(max(own_us) FILTER (WHERE slot = 3) OVER request, 0) AS own3,
         max(name) FILTER (WHERE slot = 1) OVER request AS name1, max(name) FILTER (WHERE slot = 3) OVER request AS name3,
         max(agent_no) FILTER (WHERE slot = 0) OVER request AS root_no,
         bool_or(fails AND slot > 0) OVER request AS part_fails
  FROM paced WINDOW request AS (PARTITION BY r) OFFSET 0
), stretched AS (
  -- What is to run now runs a while longer than it already does.
  SELECT *, CASE WHEN r >= requests - running - 3 THEN greatest(1, ago_s * 1e6 * (1.05 + pg_temp.draw(r, 14)) / (own0 + own1 + own2 + own3))
                 ELSE 1 END AS stretch
  FROM joined OFFSET 0
), placed AS (
  SELECT *, (request_s * 1e6)::bigint AS request_us, (now_s * 1e6)::bigint AS now_us,
         (stretch * CASE slot WHEN 0 THEN own0 + own1 + own2 + own3 WHEN 2 THEN own2 + own3 ELSE own_us END)::bigint AS total_us,
         (request_s * 1e6 + stretch * CASE slot WHEN 0 THEN 0 WHEN 1 THEN 0.3 * own0 WHEN 2 THEN 0.4 * own0 + own1
                                                ELSE 0.4 * own0 + own1 + 0.3 * own2 END)::bigint AS started_us
  FROM stretched OFFSET 0
), ended AS (
  SELECT *, started_us + total_us <= now_us AS ends, r >= requests - running - 3 AND r < requests - running AS lost,
         CASE WHEN started_us + total_us <= now_us THEN stage_count
              ELSE least(stage_count, floor(stage_count * (now_us - started_us)::double precision / total_us + 0.6)::integer) END AS reached,
         fails OR (slot = 0 AND part_fails AND pg_temp.draw(n, 15) < 0.5) AS failed,
         CASE WHEN pg_temp.draw(n, 16) < 0.0015 THEN 8 WHEN pg_temp.draw(n, 16) < 0.003 THEN 32 ELSE 4 END AS end_bit,
         pg_temp.id(started_us, 'execution ', n) AS id
  FROM placed WHERE started_us <= now_us OFFSET 0
), made AS MATERIALIZED (
  SELECT *, md5('request ' || r)::uuid AS correlation, md5('session ' || r / 5)::uuid AS session,
         CASE WHEN slot > 0 THEN pg_temp.id((request_s * 1e6)::bigint, 'execution ', root) END AS root_id,
         CASE WHEN slot = 0 OR (slot = 2 AND size = 4) THEN pg_temp.id(started_us + (stretch * own_us * 0.2)::bigint, 'decision ', n) END AS decision,
         CASE WHEN NOT ends THEN 'in_progress' WHEN end_bit = 8 THEN 'cancelled' WHEN end_bit = 32 THEN 'failed' WHEN failed THEN 'failed'
              WHEN cancels THEN 'cancelled' ELSE 'success' END AS status,
         (array['support', 'billing', 'research', 'platform'])[root_no % 4 + 1] AS project,
         CASE WHEN lost THEN md5('gone')::uuid ELSE md5('jvm ' || floor(ago_s / 259200) || ' ' || root_no % 4 || ' ' || r % 2)::uuid END AS instance,
         format('%s %s %s, reference %s. %s %s',
           (array['Please check', 'A customer asks about', 'Find out what is wrong with', 'Summarize everything we know about',
                  'Draft an answer about', 'Look again at', 'Explain', 'Compare with last month:'])[1 + floor(8 * pg_temp.draw(prompt_key, 30))::integer],
           (array['the late', 'the second', 'a refused', 'an unusually large', 'the disputed', 'a duplicate', 'the oldest open', 'a failed'])
             [1 + floor(8 * pg_temp.draw(prompt_key, 31))::integer],
           (array['delivery to Hamburg', 'invoice of March', 'refund for a broken lamp', 'nightly build', 'query on the orders table',
                  'alert about the queue', 'translation of the manual', 'contract draft', 'release note', 'support ticket'])
             [1 + floor(10 * pg_temp.draw(prompt_key, 32))::integer],
           upper(substr(md5('reference ' || prompt_key), 1, 8)),
           (array['The customer has written three times and wants a date, not an apology.', 'It worked until the change of last Tuesday.',
                  'Nobody has looked at it since it was opened, so begin with the history.', 'Answer in the language of the question.',
                  'Quote the passage of the terms that applies.', 'Be brief; the reader has one minute.'])
             [1 + floor(6 * pg_temp.draw(prompt_key, 33))::integer],
           CASE WHEN slot = 0 THEN 'Say how sure you are and name what you could not find out about it.'
             ELSE 'This is part ' || slot || ' of the request, meant for ' || name || ' alone; leave the rest to the others.' END) AS prompt
  FROM ended
), progress AS (
  INSERT INTO agent_execution_progress (execution_id, seq, stage, percent, occurred_at, metadata)
  SELECT id, k + 1, stages[least(k, array_length(stages, 1))], CASE WHEN agent_no % 5 > 0 THEN 100 * k / (stage_count + 1) END,
         pg_temp.moment(started_us + total_us * (10 * k - 6) / (10 * stage_count)),
         CASE WHEN k % 2 = 0 THEN ('{"stage_duration_ms": ' || total_us / (2000 * stage_count) || '}')::jsonb ELSE '{}' END
  FROM made CROSS JOIN generate_series(1, reached) AS k
), decisions AS (
  INSERT INTO agent_routing_decisions (id, correlation_id, session_id, user_request, user_request_hash, selected_agent, confidence_score,
    routing_strategy, trigger_confidence, context_confidence, capability_confidence, historical_confidence, alternatives, reasoning,
    routing_time_ms, created_at)
  SELECT decision, correlation, session, prompt, encode(sha256(convert_to(prompt, 'UTF8')), 'hex'), selected, sure,
         CASE WHEN sure = 1 THEN 'explicit' WHEN sure < 0.45 AND pg_temp.draw(n, 20) < 0.2 THEN 'fallback' ELSE 'enhanced_fuzzy_matching' END,
         least(1, sure * (0.8 + 0.3 * pg_temp.draw(n, 22))), least(1, sure * (0.6 + 0.5 * pg_temp.draw(n, 23))),
         least(1, sure * (0.7 + 0.4 * pg_temp.draw(n, 24))), 0.5 + 0.4 * pg_temp.draw(n, 25),
         format('[{"agent": "knowledge-search", "confidence": %s, "reason": "it has read more"},'
                ' {"agent": "mail-drafter", "confidence": %s, "reason": "it was right last time"}]', round(sure * 0.8, 4), round(sure * 0.55, 4))::jsonb,
         CASE WHEN sure = 1 THEN selected || ': the request names it'
              ELSE format('%s: "%s" is one of its triggers; %s hints of the context', selected, substr(prompt, 1, 20), n % 4) END,
         greatest(1, own_us / 9000), pg_temp.moment(started_us + (stretch * own_us * 0.2)::bigint)
  FROM made CROSS JOIN LATERAL (SELECT round(pg_temp.confidence(n)::numeric, 4) AS sure,
    coalesce(CASE WHEN slot = 0 THEN name1 ELSE name3 END, (array['order-lookup', 'translator', 'sentiment', 'sql-writer'])[n % 4 + 1]) AS selected) d
  WHERE decision IS NOT NULL AND started_us + stretch * own_us * 0.2 <= now_us
)
INSERT INTO agent_execution_logs (execution_id, correlation_id, session_id, agent_name, user_prompt, user_prompt_sha256, user_prompt_length,
  status, started_at, completed_at, duration_ms, duration_us, quality_score, error_type, error_message, metadata, project_path, project_name,
  parent_execution_id, instance_id, routing_decision_id, trace_id, span_id, kind, seen, progress_seq, created_at, updated_at)
SELECT id, correlation, session, name, prompt, encode(sha256(convert_to(prompt, 'UTF8')), 'hex'), char_length(prompt), status,
       pg_temp.moment(started_us), CASE WHEN ends THEN pg_temp.moment(started_us + total_us) END,
       CASE WHEN ends THEN total_us / 1000 END, CASE WHEN ends THEN total_us END,
       CASE WHEN status = 'success' AND quality IS NOT NULL AND pg_temp.draw(n, 17) < 0.8
            THEN greatest(0, least(1, quality + 0.11 * pg_temp.normal(n, 18) + CASE WHEN confidence IS NULL THEN 0 ELSE 0.25 * (confidence - 0.75) END
                                      - CASE WHEN agent_no = 15 AND ago_s < 604800 THEN 0.15 ELSE 0 END)) END,
       CASE WHEN status NOT IN ('failed', 'cancelled') THEN NULL WHEN end_bit = 8 THEN 'JvmShutdown' WHEN end_bit = 32 THEN 'ExecutionAbandoned'
            WHEN status = 'cancelled' THEN 'CancellationException' WHEN NOT fails THEN 'DelegateFailedException'
            ELSE (array['TimeoutException', 'RateLimitException', 'IllegalStateException', 'JsonParseException', 'ToolCallException', 'ConnectException',
                        'ContextLengthException', 'ValidationException', 'PermissionDeniedException', 'SchemaMismatchException'])[error_no + 1] END,
       CASE WHEN status NOT IN ('failed', 'cancelled') THEN NULL WHEN end_bit = 8 THEN 'the JVM shut down before the end'
            WHEN end_bit = 32 THEN 'the JVM was not heard of any more' WHEN status = 'cancelled' THEN 'the sender withdrew the request'
            WHEN NOT fails THEN format('part %s did not finish: see execution %s', 1 + n % 3, md5('request ' || r)::uuid)
            ELSE (array[format('no answer from the model after %s ms', own_us / 1000),
              format('the provider returned 429 for request %s; retry after %s s', md5('provider ' || n)::uuid, 1 + n % 60),
              format('order %s is locked by session "%s"', 10000 + n % 80000, substr(md5('lock ' || n), 1, 6)),
              format('unexpected character ''%s'' at line %s, column %s', (array['}', ']', '<'])[1 + n % 3], 1 + n % 40, 1 + n % 97),
              format('tool "search_orders" ended with status %s after %s attempts', 1 + n % 3, 2 + n % 4),
              format('connection to vector-store-%s.internal:6333 refused', 1 + n % 5),
              format('the prompt has %s tokens, the model takes 128000', 128001 + n % 90000),
              format('field ''%s'' is missing in document %s', (array['amount', 'currency', 'due_date'])[1 + n % 3], 200000 + n % 9000),
              format('user %s may not read project 0x%s', 1 + n % 5000, substr(md5('project ' || n % 50), 1, 8)),
              format('answer has version %s of the schema, wanted was version 3', 4 + n % 2)])[error_no + 1] END,
       format('{"model": "%s", "tokens": %s, "channel": "%s"%s%s}', (array['small', 'large', 'large', 'reasoning'])[1 + n % 4],
         200 + (own_us / 900) % 9000, (array['web', 'mail', 'chat', 'api', 'phone'])[1 + r % 5],
         CASE WHEN reached > 0 THEN format(', "progress": {"stage": "%s", "percent": %s, "updated_at": "%s"}',
           stages[least(reached, array_length(stages, 1))], CASE WHEN agent_no % 5 > 0 THEN (100 * reached / (stage_count + 1))::text ELSE 'null' END,
           pg_temp.moment(started_us + total_us * (10 * reached - 6) / (10 * stage_count))) END,
         CASE WHEN ends AND end_bit = 4 THEN format(', "completed_at": "%s"', pg_temp.moment(started_us + total_us)) END)::jsonb,
       '/srv/' || project, project,
       CASE WHEN slot = 3 THEN lag(id) OVER (ORDER BY n) ELSE root_id END, instance,
       CASE WHEN started_us + stretch * own_us * 0.2 <= now_us THEN decision END,
       CASE WHEN r % 3 = 0 THEN md5('trace ' || r) END, CASE WHEN r % 3 = 0 THEN substr(md5('span ' || n), 1, 16) END, 'method',
       (1 | CASE WHEN reached > 0 THEN 2 ELSE 0 END | CASE WHEN ends THEN end_bit ELSE 0 END), CASE WHEN reached > 0 THEN reached + 1 ELSE 0 END,
       pg_temp.moment(started_us + 20000), pg_temp.moment(CASE WHEN ends THEN started_us + total_us + 20000 ELSE now_us END)
FROM made
