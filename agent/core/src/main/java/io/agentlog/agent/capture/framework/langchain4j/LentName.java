package io.agentlog.agent.capture.framework.langchain4j;

import org.jspecify.annotations.Nullable;

/**
 * Identity that an agent of the agentic module lends to the call that it makes next on its thread,
 * and that is the same run: the call of its service, or of the system that it stands for.
 */
final class LentName {
  /** Identity that the innermost agent of each thread lends. */
  static final OnThread<LentName> INNERMOST = new OnThread<>();

  private final @Nullable Class<?> type;
  private final String name;
  private final @Nullable String agentId;
  private boolean isTaken;

  /**
   * @param type interface of the agent; null lends to nothing
   */
  LentName(@Nullable Class<?> type, String name, @Nullable String agentId) {
    this.type = type;
    this.name = name;
    this.agentId = agentId;
  }

  /** Returns what is lent to a call of this interface, once; null if nothing is. */
  static @Nullable LentName take(@Nullable Class<?> type) {
    LentName lent = INNERMOST.get();
    if (lent == null || lent.isTaken || lent.type == null || lent.type != type) {
      return null;
    }
    lent.isTaken = true;
    return lent;
  }

  /** Returns what is lent to a call of the interface of this name, once. */
  static @Nullable LentName take(String typeName) {
    LentName lent = INNERMOST.get();
    return lent != null && lent.type != null && lent.type.getName().equals(typeName)
        ? take(lent.type)
        : null;
  }

  @Nullable Class<?> type() {
    return type;
  }

  String name() {
    return name;
  }

  @Nullable String agentId() {
    return agentId;
  }
}
