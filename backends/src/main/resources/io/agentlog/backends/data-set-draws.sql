-- What data-set.sql draws from: numbers that are the same in each run, and the agents. All of it ends with the session.

CREATE FUNCTION pg_temp.draw(n bigint, k integer) RETURNS double precision LANGUAGE sql IMMUTABLE AS
$$ SELECT (hashint8extended(n, 42000 + k) & 16777215) / 16777216.0::double precision $$;

CREATE FUNCTION pg_temp.normal(n bigint, k integer) RETURNS double precision LANGUAGE sql IMMUTABLE AS
$$ SELECT sqrt(-2 * ln(1 - pg_temp.draw(n, k))) * cos(2 * pi() * pg_temp.draw(n, k + 1)) $$;

-- A UUID of version 7 whose time is that of the execution, as the agent makes them.
CREATE FUNCTION pg_temp.id(micros bigint, k text, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS
$$ SELECT overlay(overlay(md5(k || n) placing lpad(to_hex(micros / 1000), 12, '0') || '7' from 1) placing '8' from 17)::uuid $$;

CREATE FUNCTION pg_temp.moment(micros bigint) RETURNS timestamptz LANGUAGE sql IMMUTABLE AS
$$ SELECT to_timestamp(micros / 1e6::double precision) $$;

-- One of eight decisions is asked for by name, one of twelve has no agent that fits.
CREATE FUNCTION pg_temp.confidence(n bigint) RETURNS double precision LANGUAGE sql IMMUTABLE AS
$$ SELECT CASE WHEN pg_temp.draw(n, 20) < 0.12 THEN 1 WHEN pg_temp.draw(n, 20) < 0.2 THEN 0.25 + 0.2 * pg_temp.draw(n, 21)
               ELSE 0.42 + 0.56 * pg_temp.draw(n, 21) ^ 0.6 END $$;

CREATE TEMP TABLE data_set_agent (no integer, name text, median_ms double precision, sigma double precision, failed double precision,
  cancelled double precision, quality double precision, stages text[]);
INSERT INTO data_set_agent VALUES
  (1, 'support-router', 420, 0.5, 0.010, 0.012, 0.82, '{validate,retrieve-context,choose-agent,compose-answer}'),
  (2, 'billing-router', 310, 0.4, 0.008, 0.006, 0.88, '{validate,load-account,choose-agent,compose-answer}'),
  (3, 'research-planner', 2600, 0.7, 0.020, 0.030, 0.71, '{validate,plan,choose-agent,compose-answer}'),
  (4, 'code-review-lead', 1900, 0.6, 0.012, 0.020, 0.77, '{validate,read-diff,choose-agent,compose-answer}'),
  (5, 'incident-desk', 650, 0.5, 0.006, 0.004, 0.84, '{validate,read-alert,choose-agent,compose-answer}'),
  (6, 'content-desk', 900, 0.6, 0.010, 0.025, 0.74, '{validate,read-brief,choose-agent,compose-answer}'),
  (7, 'invoice-extractor', 1400, 0.5, 0.020, 0, 0.91, '{load,call-model,check}'),
  (8, 'order-lookup', 85, 0.6, 0.012, 0, NULL, '{load,query,check}'),
  (9, 'refund-agent', 1100, 0.6, 0.025, 0.004, 0.79, '{load,call-model,check}'),
  (10, 'knowledge-search', 240, 0.8, 0.006, 0, 0.72, '{embed,search,rank}'),
  (11, 'summarizer', 1800, 0.5, 0.010, 0.005, 0.80, '{load,call-model,check}'),
  (12, 'translator', 950, 0.5, 0.006, 0.002, 0.86, '{detect,call-model,check}'),
  (13, 'sentiment', 120, 0.4, 0.003, 0, NULL, '{load,call-model,check}'),
  (14, 'code-reviewer', 5200, 0.7, 0.020, 0.010, 0.70, '{read-files,call-model,check}'),
  (15, 'test-writer', 7400, 0.8, 0.045, 0.012, 0.66, '{read-files,call-model,run-tests}'),
  (16, 'log-analyst', 2100, 0.9, 0.020, 0.004, 0.68, '{search,call-model,check}'),
  (17, 'web-researcher', 9800, 0.8, 0.060, 0.020, 0.62, '{search,fetch,summarize}'),
  (18, 'sql-writer', 1300, 0.6, 0.030, 0.002, 0.78, '{read-schema,call-model,explain}'),
  (19, 'image-describer', 1600, 0.4, 0.012, 0, 0.75, '{load,call-model,check}'),
  (20, 'mail-drafter', 1500, 0.5, 0.008, 0.006, 0.83, '{load,call-model,check}');
