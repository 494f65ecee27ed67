-- Two agents of the sample router over 14 days, in the hours around this one, 180 executions an hour: one of 50 look-ups of the history
-- fails. In the last 70 minutes, so in each hour that a look may take, one of ten look-ups of history-lookup fails; history-steady stays as it was.
INSERT INTO agent_execution_logs (execution_id, agent_name, status, started_at, completed_at, duration_ms, duration_us, error_type, kind, seen, progress_seq)
SELECT gen_random_uuid(), agent, CASE WHEN fails THEN 'failed' ELSE 'success' END, at, at + interval '30 ms', 30, 30000,
  CASE WHEN fails THEN 'HistoryUnavailableException' END, 'method', 7, 1
FROM (
  SELECT agent, now() - d * interval '1 day' - n * interval '20 seconds' AS at,
    n % CASE WHEN d = 0 AND n <= 210 AND agent = 'history-lookup' THEN 10 ELSE 50 END = 0 AS fails
  FROM generate_series(0, 14) AS d, generate_series(-360, 540) AS n, unnest(ARRAY['history-lookup', 'history-steady']) AS agent
  WHERE d > 0 OR n > 0) AS made;
