package io.agentlog.insight.pattern;

/** A declaration of stages that can't be read. The message says where and what to write instead. */
public final class StageSyntaxException extends Exception {
  private static final long serialVersionUID = 1L;

  private final int position;

  StageSyntaxException(int position, String problem) {
    super("character " + position + ": " + problem);
    this.position = position;
  }

  /** Returns the place in the declaration: 1 is its first character. */
  public int position() {
    return position;
  }
}
