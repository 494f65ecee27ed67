package io.agentlog.insight.rollup;

import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * The columns of tokens and cost in statements for {@code agent_insight_rollup}. On the way to the
 * table the currency is two columns, the smallest and the largest: they differ if there are
 * several, and then the cost is no sum of anything.
 */
final class UsageSums {
  /** Stands for the currency of several; {@code Usage.SEVERAL} of the pages. */
  private static final String SEVERAL = "several";

  /** Columns that are added up. */
  private static final List<String> SUMMED =
      List.of(
          "model_calls",
          "tool_calls",
          "token_n",
          "input_tokens",
          "output_tokens",
          "cache_read_tokens",
          "cache_write_tokens",
          "reasoning_tokens",
          "cost_n",
          "cost");

  /** Columns of the agent's table; of an older agent's it has none. */
  private static final List<String> OF_AGENT =
      List.of(
          "model_calls",
          "tool_calls",
          "input_tokens",
          "output_tokens",
          "cache_read_tokens",
          "cache_write_tokens",
          "reasoning_tokens",
          "cost",
          "cost_currency");

  private UsageSums() {}

  /** Returns a statement in which the comments stand for what they name. */
  static String expanded(String sql) {
    return sql.replace(
            "/*absent*/",
            "(SELECT "
                + each(OF_AGENT, name -> "NULL::%s AS %s".formatted(type(name), name))
                + ") AS absent")
        // A name that the table has not got is found in the relation before, where it is null.
        .replace(
            "/*used and ended in b*/",
            BucketTable.ENDED.replace(
                "SELECT *", "SELECT *, " + each(OF_AGENT, name -> name + " AS used_" + name)))
        .replace("/*several*/", SEVERAL)
        .replace("/*use*/", ofRow())
        .replace("/*use below*/", ofBelow())
        .replace("/*no use*/", "NULL, ".repeat(SUMMED.size() + 1) + "NULL")
        .replace(
            "/*sums of use*/",
            each(SUMMED, name -> "sum(%1$s) AS %1$s".formatted(name))
                + ", min(low_currency) AS low_currency, max(high_currency) AS high_currency")
        .replace("/*columns of use*/", String.join(", ", SUMMED) + ", low_currency, high_currency")
        .replace("/*all use*/", all())
        .replace("/*stored use*/", String.join(", ", SUMMED) + ", cost_currency")
        .replace("/*set use*/", stored(name -> "%1$s = EXCLUDED.%1$s".formatted(name)))
        .replace("/*r use*/", stored(name -> "r." + name))
        .replace("/*EXCLUDED use*/", stored(name -> "EXCLUDED." + name));
  }

  private static String type(String name) {
    return name.equals("cost_currency") ? "text" : name.equals("cost") ? "numeric" : "bigint";
  }

  private static String each(List<String> names, UnaryOperator<String> made) {
    return names.stream().map(made).collect(Collectors.joining(", "));
  }

  private static String stored(UnaryOperator<String> made) {
    return each(SUMMED, made) + ", " + made.apply("cost_currency");
  }

  /** A cost that is no number of a bill, such as NaN, is none. */
  private static String ofRow() {
    String cost = "CASE WHEN l.used_cost BETWEEN -1e15 AND 1e15 THEN %s END";
    return each(
            SUMMED,
            name ->
                switch (name) {
                  case "token_n" ->
                      "CASE WHEN coalesce(l.used_input_tokens, l.used_output_tokens) IS NOT NULL"
                          + " THEN 1 END AS token_n";
                  case "cost_n" -> cost.formatted("1") + " AS cost_n";
                  case "cost" -> cost.formatted("l.used_cost::numeric") + " AS cost";
                  default -> "l.used_" + name + " AS " + name;
                })
        + ", "
        + cost.formatted("coalesce(l.used_cost_currency::text, '')")
        + " AS low_currency, "
        + cost.formatted("coalesce(l.used_cost_currency::text, '')")
        + " AS high_currency";
  }

  private static String ofBelow() {
    String currency = "CASE WHEN r.cost_n > 0 THEN r.cost_currency END AS ";
    return each(SUMMED, name -> "r." + name)
        + ", "
        + currency
        + "low_currency, "
        + currency
        + "high_currency";
  }

  private static String all() {
    String differ = "min(low_currency) <> max(high_currency)";
    return each(
            SUMMED,
            name ->
                switch (name) {
                  case "cost" ->
                      "CASE WHEN %s THEN 0 ELSE coalesce(sum(cost), 0) END AS cost"
                          .formatted(differ);
                  case "token_n", "cost_n" -> "coalesce(sum(%1$s), 0)::int AS %1$s".formatted(name);
                  case "model_calls", "tool_calls" ->
                      "coalesce(sum(%1$s), 0)::bigint AS %1$s".formatted(name);
                  default -> "coalesce(sum(%1$s), 0) AS %1$s".formatted(name);
                })
        + ", CASE WHEN "
        + differ
        + " THEN '"
        + SEVERAL
        + "' ELSE coalesce(min(low_currency), '') END AS cost_currency";
  }
}
