-- Calls of models and tools, tokens and cost, of all ends in a bucket: of provisional ones too, because they were paid for. The
-- numbers are those of each execution's own calls, so they add up over executions that call each other.
ALTER TABLE agent_insight_rollup
  ADD COLUMN IF NOT EXISTS model_calls bigint NOT NULL DEFAULT 0,
  ADD COLUMN IF NOT EXISTS tool_calls bigint NOT NULL DEFAULT 0,
  ADD COLUMN IF NOT EXISTS token_n integer NOT NULL DEFAULT 0,      -- ends whose tokens are known
  ADD COLUMN IF NOT EXISTS input_tokens numeric NOT NULL DEFAULT 0, -- cached ones among them
  ADD COLUMN IF NOT EXISTS output_tokens numeric NOT NULL DEFAULT 0,
  ADD COLUMN IF NOT EXISTS cache_read_tokens numeric NOT NULL DEFAULT 0,  -- of input_tokens
  ADD COLUMN IF NOT EXISTS cache_write_tokens numeric NOT NULL DEFAULT 0, -- of input_tokens
  ADD COLUMN IF NOT EXISTS reasoning_tokens numeric NOT NULL DEFAULT 0,   -- of output_tokens
  ADD COLUMN IF NOT EXISTS cost_n integer NOT NULL DEFAULT 0,       -- ends with a cost
  ADD COLUMN IF NOT EXISTS cost numeric NOT NULL DEFAULT 0,         -- sum; 0 if the currencies differ
  ADD COLUMN IF NOT EXISTS cost_currency text NOT NULL DEFAULT '';  -- '' without a cost, 'several' if they differ
