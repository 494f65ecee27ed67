package io.agentlog.config;

import java.util.ArrayList;
import java.util.List;

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

  /**
   * Compiles the name of an agent as an option has it, with {@code *} for any characters. A name
   * with capital letters may be that of the agent's class: it stands for what the agent is called
   * after it, too.
   *
   * @return one pattern, or two
   * @throws IllegalArgumentException whose message says what is wrong, without the text
   */
  public static List<NamePattern> patterns(String text) {
    List<NamePattern> patterns = new ArrayList<>();
    patterns.add(NamePattern.ofText(text));
    String kebab = kebabCase(text);
    if (!kebab.equals(text) && kebab.length() <= NamePattern.LENGTH_MAX) {
      patterns.add(NamePattern.ofText(kebab));
    }
    return patterns;
  }
}
