package io.agentlog.insight.query;

import io.agentlog.insight.page.Usage;
import io.agentlog.insight.page.UsageSum;
import java.math.BigDecimal;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** Calls, tokens and cost of rows of the rollup, added up. One thread. */
final class UsageTotal {
  /** The columns that {@link #of(ResultSet)} reads. */
  static final String COLUMNS =
      "model_calls, tool_calls, token_n, input_tokens, output_tokens, cache_read_tokens,"
          + " cache_write_tokens, reasoning_tokens, cost_n, cost, cost_currency";

  private static final BigDecimal LONG_MAX = BigDecimal.valueOf(Long.MAX_VALUE);

  private long modelCalls;
  private long toolCalls;
  private long tokenCount;
  private BigDecimal input = BigDecimal.ZERO;
  private BigDecimal output = BigDecimal.ZERO;
  private BigDecimal cacheRead = BigDecimal.ZERO;
  private BigDecimal cacheWrite = BigDecimal.ZERO;
  private BigDecimal reasoning = BigDecimal.ZERO;
  private long costCount;
  private BigDecimal cost = BigDecimal.ZERO;
  private @Nullable String currency;

  /** Reads a row; null if its executions have used nothing. */
  static @Nullable UsageTotal of(ResultSet row) throws SQLException {
    long models = row.getLong("model_calls");
    long tools = row.getLong("tool_calls");
    int tokens = row.getInt("token_n");
    int costs = row.getInt("cost_n");
    if (models == 0 && tools == 0 && tokens == 0 && costs == 0) {
      return null;
    }
    UsageTotal made = new UsageTotal();
    made.modelCalls = models;
    made.toolCalls = tools;
    made.tokenCount = tokens;
    made.input = row.getBigDecimal("input_tokens");
    made.output = row.getBigDecimal("output_tokens");
    made.cacheRead = row.getBigDecimal("cache_read_tokens");
    made.cacheWrite = row.getBigDecimal("cache_write_tokens");
    made.reasoning = row.getBigDecimal("reasoning_tokens");
    made.costCount = costs;
    made.cost = row.getBigDecimal("cost");
    made.currency = costs == 0 ? null : row.getString("cost_currency");
    return made;
  }

  /** Adds other sums. */
  void add(UsageTotal other) {
    modelCalls += other.modelCalls;
    toolCalls += other.toolCalls;
    tokenCount += other.tokenCount;
    input = input.add(other.input);
    output = output.add(other.output);
    cacheRead = cacheRead.add(other.cacheRead);
    cacheWrite = cacheWrite.add(other.cacheWrite);
    reasoning = reasoning.add(other.reasoning);
    costCount += other.costCount;
    cost = cost.add(other.cost);
    if (other.currency != null) {
      boolean isSame = currency == null || currency.equals(other.currency);
      currency = isSame ? other.currency : Usage.SEVERAL;
    }
  }

  /** Returns the sums. */
  UsageSum sum() {
    boolean hasTokens = tokenCount > 0;
    boolean isCost = currency != null && !currency.equals(Usage.SEVERAL);
    return new UsageSum(
        new Usage(
            null,
            modelCalls,
            toolCalls,
            hasTokens ? count(input) : null,
            hasTokens ? count(output) : null,
            part(cacheRead),
            part(cacheWrite),
            part(reasoning),
            isCost ? cost : null,
            currency == null || currency.isEmpty() ? null : currency),
        tokenCount,
        costCount);
  }

  /** A part that is 0 may as well be unknown: most models don't report it. */
  private static @Nullable Long part(BigDecimal count) {
    return count.signum() == 0 ? null : count(count);
  }

  private static Long count(BigDecimal count) {
    return count.min(LONG_MAX).longValue();
  }
}
