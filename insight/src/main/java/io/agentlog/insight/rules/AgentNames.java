package io.agentlog.insight.rules;

import java.util.List;

/** Patterns of agents' names, as rules have them. */
public final class AgentNames {
  private AgentNames() {}

  /** Returns whether one of the patterns, in which "*" is any number of characters, fits a name. */
  public static boolean match(List<String> patterns, String agent) {
    return patterns.stream().anyMatch(pattern -> fits(pattern, agent));
  }

  /** Returns the patterns as those of SQL's {@code LIKE}. */
  public static String[] like(List<String> patterns) {
    return patterns.stream()
        .map(
            pattern ->
                pattern
                    .replace("\\", "\\\\")
                    .replace("%", "\\%")
                    .replace("_", "\\_")
                    .replace('*', '%'))
        .toArray(String[]::new);
  }

  private static boolean fits(String pattern, String name) {
    int inPattern = 0;
    int inName = 0;
    int star = -1;
    int afterStar = 0;
    while (inName < name.length()) {
      if (inPattern < pattern.length() && pattern.charAt(inPattern) == '*') {
        star = inPattern++;
        afterStar = inName;
      } else if (inPattern < pattern.length() && pattern.charAt(inPattern) == name.charAt(inName)) {
        inPattern++;
        inName++;
      } else if (star >= 0) { // What the last star stands for is one character longer.
        inPattern = star + 1;
        inName = ++afterStar;
      } else {
        return false;
      }
    }
    while (inPattern < pattern.length() && pattern.charAt(inPattern) == '*') {
      inPattern++;
    }
    return inPattern == pattern.length();
  }
}
