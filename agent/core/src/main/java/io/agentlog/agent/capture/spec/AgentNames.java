package io.agentlog.agent.capture.spec;

/** Names of agents that are derived from names of classes. */
public final class AgentNames {
  private AgentNames() {}

  /** Turns {@code HTTPRouter2Impl} into {@code http-router2-impl}. */
  public static String kebabCase(String simpleName) {
    StringBuilder kebab = new StringBuilder(simpleName.length() + 8);
    for (int i = 0; i < simpleName.length(); i++) {
      char c = simpleName.charAt(i);
      boolean startsWord =
          i > 0
              && Character.isUpperCase(c)
              && (!Character.isUpperCase(simpleName.charAt(i - 1))
                  || (i + 1 < simpleName.length()
                      && Character.isLowerCase(simpleName.charAt(i + 1))));
      if (startsWord && simpleName.charAt(i - 1) != '_') {
        kebab.append('-');
      }
      kebab.append(c == '_' ? '-' : Character.toLowerCase(c));
    }
    return kebab.toString();
  }
}
