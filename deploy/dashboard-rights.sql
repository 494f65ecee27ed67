-- The dashboard's user: it reads the agent's tables, and writes its own alone. psql runs this as the owner of the tables, and takes
-- the password from the environment, where lists of processes do not show it.
\set ON_ERROR_STOP on
\getenv password DASHBOARD_PASSWORD
SELECT 'CREATE ROLE agentlog_insight LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'agentlog_insight') \gexec
ALTER ROLE agentlog_insight PASSWORD :'password';
GRANT USAGE ON SCHEMA public TO agentlog_insight;
GRANT SELECT ON agent_execution_logs, agent_execution_progress, agent_routing_decisions, agent_instances TO agentlog_insight;
SELECT format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO agentlog_insight', relname)
FROM pg_class WHERE relname LIKE 'agent\_insight\_%' AND relkind = 'r' AND relnamespace = 'public'::regnamespace \gexec
-- The tables of the whole trace, where there are any.
SELECT format('GRANT SELECT ON %I TO agentlog_insight', relname) FROM pg_class
WHERE relname IN ('agent_prompts', 'agent_prompt_texts', 'agent_file_operations', 'agent_intelligence_usage', 'agent_model_calls')
  AND relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace \gexec
