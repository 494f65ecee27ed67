package io.agentlog.insight.page;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All agents in a window, in one of some orders.
 *
 * @param by what the figures are summed by: minute, hour or day
 * @param order one of {@link #ORDERS}
 * @param more agents that are not listed
 * @param note what is missing, and what to do; null if nothing is
 */
public record AgentsPage(
    View view,
    Filters filters,
    Window window,
    String by,
    Age age,
    Summary all,
    List<LivePage.Figure> figures,
    List<Row> agents,
    String order,
    int more,
    @Nullable String note) {

  /**
   * The orders of the list, as values of the parameter {@code sort}; the first is the usual one.
   */
  public static final List<String> ORDERS =
      List.of("executions", "failures", "p95", "tokens", "cost");

  /** Returns whether an agent of the list has called a model or a tool. */
  public boolean hasUsage() {
    return agents.stream().anyMatch(row -> row.summary().used().usage().isKnown());
  }

  /**
   * One agent.
   *
   * @param ends ends by point of time, for a line
   * @param failureRates in percent
   * @param p95s in milliseconds
   * @param qualities means
   */
  public record Row(
      String agent,
      Summary summary,
      List<@Nullable Double> ends,
      List<@Nullable Double> failureRates,
      List<@Nullable Double> p95s,
      List<@Nullable Double> qualities) {
    /** Returns the name to show. */
    public String name() {
      return agent.isEmpty() ? "(no name)" : agent;
    }
  }
}
