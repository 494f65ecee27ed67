package io.agentlog.agent.capture.value;

/** Opens packages of named modules to the agent. Implementations are thread-safe. */
@FunctionalInterface
public interface PackageOpener {
  /**
   * Opens the package of a class to the agent's module. Called when a member of the class can't be
   * read otherwise; the caller then tries again.
   */
  void open(Class<?> memberOwner);
}
