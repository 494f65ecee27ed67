package io.agentlog.insight.pattern;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.TreeSet;

/**
 * A graph whose places are its stage edges: it knows which stages may come next after each of them.
 * A run holds the places that are possible, so it never goes back. Immutable.
 */
final class Automaton {
  private final Graph graph;

  /** Number of the stage at each place. */
  private final int[] stageOf;

  /** Places that may come next after each place; the bit behind the last place is the end. */
  private final List<BitSet> next = new ArrayList<>();

  private final BitSet first;
  private final List<BitSet> placesOf = new ArrayList<>();

  Automaton(Graph graph) {
    this.graph = graph;
    List<Graph.Edge> places = new ArrayList<>();
    int[] firstPlaceOf = new int[graph.points()];
    for (int point = 0; point < graph.points(); point++) {
      firstPlaceOf[point] = places.size();
      for (Graph.Edge edge : graph.edges(point)) {
        if (edge.stage() != Graph.NOTHING) {
          places.add(edge);
        }
      }
    }
    stageOf = places.stream().mapToInt(Graph.Edge::stage).toArray();
    graph.names().forEach(name -> placesOf.add(new BitSet(stageOf.length)));
    for (int place = 0; place < stageOf.length; place++) {
      placesOf.get(stageOf[place]).set(place);
      next.add(reached(places.get(place).to(), firstPlaceOf));
    }
    first = reached(0, firstPlaceOf);
  }

  /** Returns the places that are next from a point. */
  private BitSet reached(int from, int[] firstPlaceOf) {
    BitSet reached = new BitSet(stageOf.length + 1);
    BitSet seen = new BitSet(graph.points());
    List<Integer> open = new ArrayList<>(List.of(from));
    seen.set(from);
    while (!open.isEmpty()) {
      int point = open.remove(open.size() - 1);
      int place = firstPlaceOf[point];
      if (point == graph.end()) {
        reached.set(stageOf.length);
      }
      for (Graph.Edge edge : graph.edges(point)) {
        if (edge.stage() != Graph.NOTHING) {
          reached.set(place++);
        } else if (!seen.get(edge.to())) {
          seen.set(edge.to());
          open.add(edge.to());
        }
      }
    }
    return reached;
  }

  Graph graph() {
    return graph;
  }

  /** Begins a run. */
  Run run() {
    return new Run();
  }

  /** A way through the declaration. One thread. */
  final class Run {
    private BitSet possible = first;

    /** Takes a stage; returns false, and stays where it is, if it can't be next. */
    boolean take(int stage) {
      BitSet taken = (BitSet) possible.clone();
      taken.and(placesOf.get(stage));
      int place = taken.nextSetBit(0);
      if (place < 0) {
        return false;
      }
      BitSet then = next.get(place);
      if (taken.nextSetBit(place + 1) >= 0) {
        then = (BitSet) then.clone();
        for (place = taken.nextSetBit(place + 1); place >= 0; place = taken.nextSetBit(place + 1)) {
          then.or(next.get(place));
        }
      }
      possible = then;
      return true;
    }

    /** True if an execution may end here. */
    boolean mayEnd() {
      return possible.get(stageOf.length);
    }

    /** Returns the stages that may be next, by name. */
    List<String> expected() {
      TreeSet<Integer> stages = new TreeSet<>();
      possible.stream()
          .filter(place -> place < stageOf.length)
          .forEach(place -> stages.add(stageOf[place]));
      List<String> names = graph.names();
      return stages.stream().map(names::get).toList();
    }
  }
}
