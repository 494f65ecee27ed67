package io.agentlog.insight.pattern;

import java.util.Arrays;
import java.util.List;

/**
 * Lays the stages of an execution beside the way through a declaration that differs least: by the
 * fewest stages that are missing or too many.
 *
 * <p>Costs are numbers of differences in the upper half of a long, and those of them that are too
 * many in the lower half.
 */
final class Alignment {
  /** A stage that the declaration does not name. */
  static final int OTHER = -2;

  /**
   * The most that is compared: stages times points of the graph. Beyond it the stages before the
   * first deviation count.
   */
  static final long WORK_MAX = 2_000_000;

  private static final long MISSING = 1L << 32;
  private static final long TOO_MANY = MISSING + 1;
  private static final long FAR = Long.MAX_VALUE / 2;

  private final Graph graph;
  private long[] costs;
  private long[] after;

  private Alignment(Graph graph) {
    this.graph = graph;
    after = new long[graph.points()];
    costs = new long[graph.points()];
    Arrays.fill(costs, FAR);
    costs[0] = 0;
  }

  /**
   * Returns the share of stages that are as declared, of all that are there or missing: from 0 to
   * 1.
   *
   * @param mayStop whether the execution may end before the declaration
   */
  static double share(Automaton automaton, List<Integer> stages, boolean mayStop) {
    Graph graph = automaton.graph();
    if ((long) stages.size() * graph.points() > WORK_MAX) {
      return beginning(automaton, stages, mayStop);
    }
    Alignment alignment = new Alignment(graph);
    for (int stage : stages) {
      alignment.leaveOut();
      alignment.take(stage);
    }
    alignment.leaveOut();
    long cost =
        mayStop ? Arrays.stream(alignment.costs).min().orElse(FAR) : alignment.costs[graph.end()];
    long differences = cost >> 32;
    long kept = stages.size() - (cost & 0xffff_ffffL);
    return kept + differences == 0 ? 1 : (double) kept / (kept + differences);
  }

  private static double beginning(Automaton automaton, List<Integer> stages, boolean mayStop) {
    Automaton.Run run = automaton.run();
    int kept = 0;
    while (kept < stages.size() && stages.get(kept) != OTHER && run.take(stages.get(kept))) {
      kept++;
    }
    return kept < stages.size()
        ? (double) kept / stages.size()
        : run.mayEnd() || mayStop ? 1 : kept / (kept + 1.0);
  }

  /** Goes on by stages that the execution does not have. Only loops lead back to lower points. */
  private void leaveOut() {
    boolean again = true;
    while (again) {
      again = false;
      for (int point = 0; point < costs.length; point++) {
        for (Graph.Edge edge : graph.edges(point)) {
          long cost = costs[point] + (edge.stage() == Graph.NOTHING ? 0 : MISSING);
          if (cost < costs[edge.to()]) {
            costs[edge.to()] = cost;
            again |= edge.to() < point;
          }
        }
      }
    }
  }

  /** Goes on by the execution's next stage, where the declaration has it and where not. */
  private void take(int stage) {
    for (int point = 0; point < costs.length; point++) {
      after[point] = costs[point] + TOO_MANY;
    }
    for (int point = 0; point < costs.length; point++) {
      for (Graph.Edge edge : graph.edges(point)) {
        if (edge.stage() == stage) {
          after[edge.to()] = Math.min(after[edge.to()], costs[point]);
        }
      }
    }
    long[] before = costs;
    costs = after;
    after = before;
  }
}
