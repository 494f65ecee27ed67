-- Alerts in all states over the rows of the made executions, with their history and messages, as a dashboard with rules leaves them.
CREATE FUNCTION pg_temp.past(v double precision, worst double precision, n bigint, k bigint) RETURNS jsonb LANGUAGE sql AS $$
  SELECT jsonb_build_object('from', to_char(now() - interval '28 d', 'YYYY-MM-DD"T"HH24:00:00"Z"'),
    'to', to_char(now() - interval '2 h', 'YYYY-MM-DD"T"HH24:00:00"Z"'), 'windows', 56, 'n', n, 'k', k, 'value', v, 'worst', worst) $$;
CREATE FUNCTION pg_temp.evidence(summary text, n bigint, k bigint, v double precision, unit text, more jsonb) RETURNS jsonb LANGUAGE sql AS $$
  SELECT jsonb_build_object('summary', summary, 'window', jsonb_build_object('from', to_char(now() - interval '61 min', 'YYYY-MM-DD"T"HH24:MI:00"Z"'),
    'to', to_char(now() - interval '1 min', 'YYYY-MM-DD"T"HH24:MI:00"Z"')), 'n', n, 'k', k, 'value', v, 'unit', unit,
    'examples', (SELECT coalesce(jsonb_agg(execution_id), '[]') FROM (SELECT execution_id FROM agent_execution_logs ORDER BY started_at DESC LIMIT 5) AS x)) || more $$;

INSERT INTO agent_insight_alerts (fingerprint, rule, kind, rule_hash, labels, rule_labels, channels, state, since, worse_looks, incident_id,
  started_at, ended_at, back_since, unknown_since, told, notified_at, muted, last_look, verdict, evidence)
SELECT md5(rule || about) || md5(about || rule), rule, kind, '', about::jsonb, labels::jsonb, ARRAY['ops', 'pager'], state, now() - since::interval, looks,
  incident::uuid, CASE WHEN incident IS NOT NULL THEN now() - since::interval END, NULL, NULL,
  CASE WHEN state = 'inactive' AND rule = 'worse' THEN now() - interval '5 min' END, NULL, NULL, muted, now() - interval '20 s', 'fine', evidence
FROM (VALUES
  ('failures', 'failure-rate', '{"agent": "support-router"}', '{"severity": "page"}', 'firing', '47 min', 3, '019b7cde-0a63-7b41-9d52-000000000001', false,
   pg_temp.evidence('12.4 % of the executions of support-router fail, 6.5 times as many as usual (1.9 %).', 387, 48, 0.124, 'share',
     jsonb_build_object('limit', 0.05, 'interval', jsonb_build_object('low', 0.095, 'high', 0.160), 'baseline', pg_temp.past(0.019, 0.041, 16402, 312),
       'effect', 6.5, 'p', 3.1e-21, 'a', 2.1e-7))),
  ('slower', 'latency', '{"agent": "refund-agent"}', '{"severity": "ticket"}', 'firing', '3 h', 9, '019b7cde-0a63-7b41-9d52-000000000002', true,
   pg_temp.evidence('The slowest 5 % of refund-agent take 4.9 s or longer; usually 2.4 s.', 412, 97, 4900000, 'us',
     jsonb_build_object('interval', jsonb_build_object('low', 0.197, 'high', 0.279), 'baseline', pg_temp.past(2400000, 2900000, 15230, 761),
       'effect', 2.04, 'p', 8.8e-34, 'a', 2.1e-7))),
  ('worse', 'quality', '{"agent": "content-desk"}', '{"severity": "ticket"}', 'pending', '4 min', 1, NULL, false,
   pg_temp.evidence('The scores of content-desk have fallen from 0.74 to 0.61.', 118, 52, 0.61, 'score',
     jsonb_build_object('baseline', pg_temp.past(0.74, 0.69, 4100, 410), 'effect', -0.36, 'p', 4e-9, 'a', 2.1e-7))),
  ('hung', 'stuck', '{"agent": "research-planner"}', '{"severity": "page"}', 'recovering', '6 min', 0, '019b7cde-0a63-7b41-9d52-000000000003', false,
   pg_temp.evidence('2 executions of research-planner run for longer than 10 min.', 0, 2, 2, 'count', jsonb_build_object('limit', 0))),
  ('failures', 'failure-rate', '{"agent": "billing-router"}', '{}', 'inactive', '5 d', 0, NULL, false,
   pg_temp.evidence('0.7 % of the executions of billing-router fail, as usual (0.8 %).', 402, 3, 0.0075, 'share',
     jsonb_build_object('limit', 0.05, 'baseline', pg_temp.past(0.008, 0.021, 17000, 136), 'p', 0.63, 'a', 2.1e-7))),
  ('failures', 'failure-rate', '{"agent": "incident-desk"}', '{}', 'learning', '5 d', 0, NULL, false,
   pg_temp.evidence('There are 3 comparable windows; 8 are needed.', 40, 0, 0, 'share', '{}')),
  ('worse', 'quality', '{"agent": "code-review-lead"}', '{}', 'inactive', '2 d', 0, NULL, false, NULL),
  ('failures', 'failure-rate', '{"agent": "research-planner"}', '{}', 'resolved', '20 h', 0, '019b7cde-0a63-7b41-9d52-000000000004', false,
   pg_temp.evidence('2.1 % of the executions of research-planner fail, as usual (2.0 %).', 310, 6, 0.021, 'share', '{}'))
) AS v (rule, kind, about, labels, state, since, looks, incident, muted, evidence);

INSERT INTO agent_insight_alert_events (at, fingerprint, rule, rule_hash, labels, incident_id, state_before, since, state, reason, evidence)
SELECT now() - e.ago::interval, a.fingerprint, a.rule, '', a.labels, a.incident_id, e.before, now() - e.ago::interval, e.state, e.reason, a.evidence
FROM agent_insight_alerts AS a
  JOIN (VALUES ('0001', '52 min', 'inactive', 'pending', NULL), ('0001', '47 min', 'pending', 'firing', NULL),
    ('0002', '185 min', 'inactive', 'pending', NULL), ('0002', '180 min', 'pending', 'firing', NULL),
    ('0003', '25 min', 'inactive', 'firing', NULL), ('0003', '6 min', 'firing', 'recovering', NULL),
    ('0004', '22 h', 'pending', 'firing', NULL), ('0004', '21 h', 'firing', 'recovering', NULL), ('0004', '20 h', 'recovering', 'resolved', NULL))
    AS e (incident, ago, before, state, reason) ON right(a.incident_id::text, 4) = e.incident
ORDER BY now() - e.ago::interval;

INSERT INTO agent_insight_alert_events (at, fingerprint, rule, rule_hash, labels, incident_id, state_before, since, state)
VALUES (now() - interval '2 d', '', '', '', '{}', NULL, NULL, now() - interval '2 d 40 min', 'gap');

INSERT INTO agent_insight_outbox (delivery_id, incident_id, fingerprint, channel, kind, payload, created_at, attempts, next_at, delivered_at, last_error)
SELECT gen_random_uuid(), a.incident_id, a.fingerprint, m.channel, m.kind, '{}', now() - m.ago::interval, m.attempts,
  CASE WHEN m.state = 'waiting' THEN now() + interval '3 min' END, CASE WHEN m.state = 'delivered' THEN now() - m.ago::interval + interval '2 s' END, m.error
FROM agent_insight_alerts AS a
  JOIN (VALUES ('0001', 'ops', 'firing', '47 min', 1, 'delivered', NULL), ('0001', 'pager', 'firing', '47 min', 7, 'waiting', 'pager answered 500'),
    ('0003', 'ops', 'firing', '25 min', 1, 'delivered', NULL), ('0004', 'ops', 'firing', '22 h', 1, 'delivered', NULL),
    ('0004', 'ops', 'resolved', '20 h', 2, 'delivered', NULL), ('0004', 'pager', 'firing', '22 h', 40, 'undeliverable', 'pager did not answer within 5 s'))
    AS m (incident, channel, kind, ago, attempts, state, error) ON right(a.incident_id::text, 4) = m.incident
ORDER BY now() - m.ago::interval;
