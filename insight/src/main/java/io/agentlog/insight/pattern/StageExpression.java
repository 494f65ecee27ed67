package io.agentlog.insight.pattern;

import java.util.Set;

/**
 * A declaration of stages, such as {@code validate score{1,3} [review] decide}.
 *
 * <p>{@code [a]} may be absent, {@code (a|b)} is one of two, {@code a*} any number, {@code a+} at
 * least one, {@code a{1,3}} one to three, and <code>{a b}</code> both in any order. A name with
 * blanks or other special characters stands in quotes.
 *
 * <p>Immutable.
 */
public final class StageExpression {
  /** Stages of a declaration, each counted as often as it may have to be repeated. */
  public static final int STAGES_MAX = 2_000;

  /** Parts of one group in any order. */
  public static final int ANY_ORDER_MAX = 8;

  private final String text;
  private final Automaton automaton;

  private StageExpression(String text, Automaton automaton) {
    this.text = text;
    this.automaton = automaton;
  }

  /**
   * Reads a declaration.
   *
   * @throws StageSyntaxException if it is none; the message says where and why
   */
  public static StageExpression parse(String text) throws StageSyntaxException {
    return new StageExpression(text, new Automaton(Graph.of(Parser.parse(text))));
  }

  /** Returns the stages that the declaration names. */
  public Set<String> stages() {
    return automaton.graph().stages();
  }

  Automaton automaton() {
    return automaton;
  }

  /** Returns the declaration as it was given. */
  @Override
  public String toString() {
    return text;
  }
}
