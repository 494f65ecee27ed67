package io.agentlog.insight.page;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Calls of models and tools, with their tokens and cost. Null is unknown, which is not 0.
 *
 * @param model of the last call; null in sums
 * @param modelCalls calls that ended
 * @param toolCalls calls that began
 * @param inputTokens all of the input, cached ones among them
 * @param outputTokens all of the output, reasoning among them
 * @param cacheReadTokens part of the input that came from a cache
 * @param cacheWriteTokens part of the input that was written to a cache
 * @param reasoningTokens part of the output
 * @param cost null without a price, and for a sum of several currencies
 * @param currency of the cost, {@value #SEVERAL} for a sum of several; null without a price
 */
public record Usage(
    @Nullable String model,
    @Nullable Long modelCalls,
    @Nullable Long toolCalls,
    @Nullable Long inputTokens,
    @Nullable Long outputTokens,
    @Nullable Long cacheReadTokens,
    @Nullable Long cacheWriteTokens,
    @Nullable Long reasoningTokens,
    @Nullable BigDecimal cost,
    @Nullable String currency) {
  /** Stands for a currency where a sum has several; such costs are not added up. */
  public static final String SEVERAL = "several";

  /** Nothing is known. */
  public static final Usage NONE =
      new Usage(null, null, null, null, null, null, null, null, null, null);

  /** Returns whether there is anything to show. */
  public boolean isKnown() {
    return isOver(modelCalls) || isOver(toolCalls) || tokens() != null || currency != null;
  }

  private static boolean isOver(@Nullable Long count) {
    return count != null && count > 0;
  }

  /** Returns the tokens of input and output together; null if neither is known. */
  public @Nullable Long tokens() {
    return sum(inputTokens, outputTokens);
  }

  /** Returns the parts of the tokens, such as {@code 1 200 in (800 cached), 56 out}. */
  public String tokenParts() {
    if (tokens() == null) {
      return isOver(modelCalls) ? "the model reported none" : "no model was called";
    }
    String in =
        part(
            inputTokens,
            " in",
            part(cacheReadTokens, " cached"),
            part(cacheWriteTokens, " to cache"));
    String out = part(outputTokens, " out", part(reasoningTokens, " reasoning"), "");
    return in.isEmpty() || out.isEmpty() ? in + out : in + ", " + out;
  }

  private static String part(@Nullable Long count, String name, String... subsets) {
    String of = String.join(", ", Arrays.stream(subsets).filter(s -> !s.isEmpty()).toList());
    return count == null || (count == 0 && subsets.length == 0)
        ? ""
        : Format.count(count) + name + (of.isEmpty() ? "" : " (" + of + ")");
  }

  /** Returns the number of calls, such as {@code 3 model calls, 2 tools}. */
  public String calls() {
    long models = modelCalls == null ? 0 : modelCalls;
    long tools = toolCalls == null ? 0 : toolCalls;
    String ofModels = Format.count(models) + (models == 1 ? " model call" : " model calls");
    return tools == 0
        ? ofModels
        : ofModels + ", " + Format.count(tools) + (tools == 1 ? " tool" : " tools");
  }

  /** Returns the amount without its currency; a dash if there is none. */
  public String amount() {
    return cost == null ? "–" : Format.amount(cost);
  }

  /** Returns the amount with its currency; a dash if there is none. */
  public String price() {
    return Format.price(cost, currency);
  }

  /** Returns why there is no cost; empty if there is one. */
  public String costMissing() {
    return cost != null
        ? ""
        : SEVERAL.equals(currency)
            ? "of several currencies"
            : tokens() == null ? "no tokens are known" : "no price of the model is known";
  }

  /** Returns the sum, without the model. */
  public static Usage sum(Collection<Usage> all) {
    Set<String> currencies = new LinkedHashSet<>();
    Usage sum = NONE;
    for (Usage one : all) {
      if (one.currency != null && (one.cost != null || one.currency.equals(SEVERAL))) {
        currencies.add(one.currency);
      }
      sum =
          new Usage(
              null,
              sum(sum.modelCalls, one.modelCalls),
              sum(sum.toolCalls, one.toolCalls),
              sum(sum.inputTokens, one.inputTokens),
              sum(sum.outputTokens, one.outputTokens),
              sum(sum.cacheReadTokens, one.cacheReadTokens),
              sum(sum.cacheWriteTokens, one.cacheWriteTokens),
              sum(sum.reasoningTokens, one.reasoningTokens),
              one.cost == null ? sum.cost : sum.cost == null ? one.cost : sum.cost.add(one.cost),
              null);
    }
    boolean isOne = currencies.size() == 1;
    String currency = isOne ? currencies.iterator().next() : currencies.isEmpty() ? null : SEVERAL;
    return sum.at(isOne && !SEVERAL.equals(currency) ? sum.cost : null, currency);
  }

  private Usage at(@Nullable BigDecimal newCost, @Nullable String newCurrency) {
    return new Usage(
        model,
        modelCalls,
        toolCalls,
        inputTokens,
        outputTokens,
        cacheReadTokens,
        cacheWriteTokens,
        reasoningTokens,
        newCost,
        newCurrency);
  }

  /** Returns the sum; what is unknown is left out, and all unknown is unknown. */
  private static @Nullable Long sum(@Nullable Long one, @Nullable Long other) {
    if (one == null || other == null) {
      return one == null ? other : one; // A ternary of both would unbox null.
    }
    long sum = one + other;
    return ((one ^ sum) & (other ^ sum)) < 0 ? Long.valueOf(Long.MAX_VALUE) : Long.valueOf(sum);
  }
}
