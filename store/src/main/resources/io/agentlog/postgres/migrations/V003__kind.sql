-- How an execution came about. Null for rows of the Python logger and for those from before there was this column.

ALTER TABLE agent_execution_logs ADD COLUMN IF NOT EXISTS kind text;
