package io.agentlog.insight.pattern;

import java.util.List;

/** A part of a declaration. */
sealed interface Node {
  /** A stage. */
  record Stage(String name) implements Node {}

  /** One after the other. */
  record Sequence(List<Node> parts) implements Node {}

  /** One of several. */
  record Choice(List<Node> parts) implements Node {}

  /** All of them, in any order. */
  record AnyOrder(List<Node> parts) implements Node {}

  /**
   * The same several times.
   *
   * @param max {@link #UNBOUNDED} for any number
   */
  record Repeat(Node part, int min, int max) implements Node {
    static final int UNBOUNDED = -1;
  }
}
