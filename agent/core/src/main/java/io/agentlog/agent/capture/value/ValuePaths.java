package io.agentlog.agent.capture.value;

import org.jspecify.annotations.Nullable;

/** Checks value paths before there is a method to bind them to. */
public final class ValuePaths {
  private ValuePaths() {}

  /** Returns what is wrong with the syntax of a path; null if it is valid. */
  public static @Nullable String problemOf(String path) {
    try {
      ValuePath.parse(path);
      return null;
    } catch (ValuePath.SyntaxException e) {
      return e.getMessage();
    }
  }
}
