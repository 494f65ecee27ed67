package io.agentlog.insight.pattern;

import io.agentlog.insight.pattern.Node.AnyOrder;
import io.agentlog.insight.pattern.Node.Choice;
import io.agentlog.insight.pattern.Node.Repeat;
import io.agentlog.insight.pattern.Node.Sequence;
import io.agentlog.insight.pattern.Node.Stage;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The ways through a declaration: points, and edges between them that are a stage or nothing.
 *
 * <p>What may be repeated, and each of several, begins at a point of its own, because a loop leads
 * back to its beginning. All other edges lead to higher points.
 */
final class Graph {
  /** Stage of an edge that is nothing. */
  static final int NOTHING = -1;

  /** Most points; a stage has about three, and each group around it adds some. */
  static final int POINTS_MAX = 10 * StageExpression.STAGES_MAX;

  /**
   * A way from a point to another.
   *
   * @param stage number of the stage, or {@link #NOTHING}
   */
  record Edge(int stage, int to) {}

  private final List<List<Edge>> edges = new ArrayList<>();
  private final Map<String, Integer> stages = new LinkedHashMap<>();
  private int stageEdges;
  private int end;

  private Graph() {}

  /**
   * Makes the graph of a declaration; it begins at point 0.
   *
   * @throws StageSyntaxException if it has too many stages
   */
  static Graph of(Node node) throws StageSyntaxException {
    Graph graph = new Graph();
    graph.end = graph.add(node, graph.point());
    return graph;
  }

  /** Returns the point at which a whole execution ends. */
  int end() {
    return end;
  }

  int points() {
    return edges.size();
  }

  List<Edge> edges(int point) {
    return edges.get(point);
  }

  Set<String> stages() {
    return Set.copyOf(stages.keySet());
  }

  /** Returns the names by their numbers. */
  List<String> names() {
    return List.copyOf(stages.keySet());
  }

  /** Returns the number of a stage; null if the declaration does not name it. */
  @Nullable Integer number(String stage) {
    return stages.get(stage);
  }

  /** Adds a part that begins at a point; returns the point at which it ends. */
  private int add(Node node, int from) throws StageSyntaxException {
    if (points() > POINTS_MAX) {
      throw new StageSyntaxException(
          1, "the declaration has too many groups within groups; leave out those that say nothing");
    }
    if (node instanceof Stage stage) {
      if (++stageEdges > StageExpression.STAGES_MAX) {
        throw new StageSyntaxException(
            1,
            "the declaration has more than "
                + StageExpression.STAGES_MAX
                + " stages, repetitions counted; use * or + instead of large numbers");
      }
      Integer known = stages.get(stage.name());
      int number = known == null ? stages.size() : known;
      stages.put(stage.name(), number);
      int to = point();
      edge(from, number, to);
      return to;
    }
    if (node instanceof Sequence sequence) {
      int at = from;
      for (Node part : sequence.parts()) {
        at = add(part, at);
      }
      return at;
    }
    if (node instanceof Choice choice) {
      List<Integer> ends = new ArrayList<>();
      for (Node part : choice.parts()) {
        ends.add(add(part, next(from)));
      }
      return joined(ends);
    }
    if (node instanceof AnyOrder group) {
      return addAnyOrder(group.parts(), from);
    }
    return addRepeat((Repeat) node, from);
  }

  private int addRepeat(Repeat repeat, int from) throws StageSyntaxException {
    int at = from;
    for (int i = 0; i < repeat.min(); i++) {
      at = add(repeat.part(), at);
    }
    if (repeat.max() == Repeat.UNBOUNDED) {
      int loop = next(at);
      edge(add(repeat.part(), loop), NOTHING, loop);
      return next(loop);
    }
    List<Integer> ends = new ArrayList<>(List.of(at));
    for (int i = repeat.min(); i < repeat.max(); i++) {
      at = add(repeat.part(), at);
      ends.add(at);
    }
    return joined(ends);
  }

  /** A point for each set of parts that are done. */
  private int addAnyOrder(List<Node> parts, int from) throws StageSyntaxException {
    int sets = 1 << parts.size();
    List<List<Integer>> ends = new ArrayList<>();
    for (int set = 0; set < sets; set++) {
      ends.add(new ArrayList<>());
    }
    ends.get(0).add(from);
    for (int set = 0; set < sets - 1; set++) {
      int done = joined(ends.get(set));
      for (int part = 0; part < parts.size(); part++) {
        if ((set & 1 << part) == 0) {
          ends.get(set | 1 << part).add(add(parts.get(part), next(done)));
        }
      }
    }
    return joined(ends.get(sets - 1));
  }

  /** Adds a point that nothing separates from others. */
  private int joined(List<Integer> ends) {
    int to = point();
    ends.forEach(end -> edge(end, NOTHING, to));
    return to;
  }

  private int point() {
    edges.add(new ArrayList<>(2));
    return edges.size() - 1;
  }

  /** Adds a point that nothing separates from another. */
  private int next(int from) {
    int to = point();
    edge(from, NOTHING, to);
    return to;
  }

  private void edge(int from, int stage, int to) {
    edges.get(from).add(new Edge(stage, to));
  }
}
