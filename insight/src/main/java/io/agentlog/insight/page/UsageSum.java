package io.agentlog.insight.page;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Calls, tokens and cost of executions, those with a provisional end among them.
 *
 * @param tokenCount executions whose tokens are known
 * @param costCount executions with a cost
 */
public record UsageSum(Usage usage, long tokenCount, long costCount) {
  /** Nothing was used. */
  public static final UsageSum NONE = new UsageSum(Usage.NONE, 0, 0);

  private static final int COST_DECIMALS = 12;

  /** Returns the tokens of an execution on average; null if none are known. */
  public @Nullable Long meanTokens() {
    Long tokens = usage.tokens();
    return tokens == null || tokenCount == 0 ? null : Math.round((double) tokens / tokenCount);
  }

  /** Returns the cost of an execution on average; null if none is known. */
  public @Nullable BigDecimal meanCost() {
    BigDecimal cost = usage.cost();
    return cost == null || costCount == 0
        ? null
        : cost.divide(BigDecimal.valueOf(costCount), COST_DECIMALS, RoundingMode.HALF_UP);
  }

  /** Returns the cost of an execution on average with its currency; a dash if none is known. */
  public String meanPrice() {
    return Format.price(meanCost(), usage.currency());
  }

  /** Returns what the cost is of, such as {@code 0.0142 USD each; 12 executions have no price}. */
  public String costNote() {
    if (usage.cost() == null) {
      return usage.costMissing();
    }
    long unpriced = Math.max(0, tokenCount - costCount);
    return Format.amount(meanCost() == null ? BigDecimal.ZERO : meanCost())
        + " each"
        + (unpriced == 0
            ? ""
            : "; %s %s"
                .formatted(
                    Format.count(unpriced),
                    unpriced == 1 ? "execution has no price" : "executions have no price"));
  }

  /**
   * Returns tokens and cost with their course; empty if no model was called.
   *
   * @param points of the course; null where nothing ended
   */
  public List<LivePage.Figure> figures(List<@Nullable Summary> points) {
    if (!usage.isKnown()) {
      return List.of();
    }
    List<@Nullable Double> tokens = new ArrayList<>();
    List<@Nullable Double> costs = new ArrayList<>();
    for (Summary point : points) {
      Usage of = point == null ? Usage.NONE : point.used().usage();
      tokens.add(of.tokens() == null ? 0.0 : of.tokens().doubleValue());
      costs.add(of.cost() == null ? 0.0 : of.cost().doubleValue());
    }
    return List.of(
        new LivePage.Figure(
            "Tokens",
            Format.shortCount(usage.tokens()),
            "",
            usage.tokens() == null
                ? usage.tokenParts()
                : "%s in, %s out"
                    .formatted(
                        Format.shortCount(usage.inputTokens()),
                        Format.shortCount(usage.outputTokens())),
            tokens),
        new LivePage.Figure(
            "Cost",
            usage.amount(),
            usage.cost() == null || usage.currency() == null ? "" : usage.currency(),
            costNote(),
            usage.cost() == null ? List.of() : costs));
  }
}
