package io.agentlog.agent.instrumentation.rules;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The rules of one file, by what their classes are called. Asking costs a look into a hash table,
 * and a comparison of the first characters for each rule with a wildcard. Thread-safe.
 */
public final class Rules {
  /** There is no file. */
  public static final Rules NONE = new Rules(List.of());

  private static final int LINES_MAX = 50;

  private final List<Rule> all;
  private final Map<String, List<Rule>> byClass = new HashMap<>(); // By internal name.
  private final List<Rule> withWildcard = new ArrayList<>();
  private final boolean namesJdk;

  /** Rules, the first of which wins where several of one kind mean the same method. */
  Rules(List<Rule> rules) {
    this.all = List.copyOf(rules);
    boolean jdk = false;
    for (Rule rule : all) {
      String name = rule.method().className().text();
      if (rule.method().className().isExact()) {
        internalNames(name)
            .forEach(n -> byClass.computeIfAbsent(n, k -> new ArrayList<>()).add(rule));
        jdk |= name.startsWith("java.") || name.startsWith("javax.") || name.startsWith("jdk.");
      } else {
        withWildcard.add(rule);
      }
    }
    this.namesJdk = jdk;
  }

  /** {@code a.B.C} may be {@code a/B/C}, {@code a/B$C} or {@code a$B$C}. */
  private static List<String> internalNames(String name) {
    List<String> names = new ArrayList<>();
    StringBuilder internal = new StringBuilder(name.replace('.', '/'));
    names.add(internal.toString());
    for (int i = internal.length() - 1; i >= 0; i--) {
      if (internal.charAt(i) == '/') {
        internal.setCharAt(i, '$');
        names.add(internal.toString());
      }
    }
    return names;
  }

  public boolean isEmpty() {
    return all.isEmpty();
  }

  /** Number of rules. */
  public int size() {
    return all.size();
  }

  /** True if one of them names a supertype that belongs to the JDK. */
  public boolean nameJdk() {
    return namesJdk;
  }

  /**
   * The rules that concern a class, in their order; empty if there is none.
   *
   * @param generated true if a framework made the class: no wildcard is meant for it
   */
  public List<Rule> ofClass(String internalName, boolean generated) {
    if (all.isEmpty()) {
      return List.of();
    }
    List<Rule> found = byClass.getOrDefault(internalName, List.of());
    List<Rule> merged = null;
    for (Rule rule : withWildcard) {
      if (!generated && rule.method().className().matches(internalName)) {
        merged = merged == null ? new ArrayList<>(found) : merged;
        merged.add(rule);
      }
    }
    if (merged == null) {
      return found;
    }
    merged.sort((a, b) -> Integer.compare(all.indexOf(a), all.indexOf(b)));
    return merged;
  }

  /** Tells the rules of a class that concerns none of them but these. */
  public void passedBy(String internalName, List<Rule> concerned) {
    for (Rule rule : all) {
      if (concerned.isEmpty() || !concerned.contains(rule)) {
        rule.otherClass(internalName);
      }
    }
  }

  /** One line for each rule that matched nothing so far. */
  public List<String> unmatched() {
    List<String> lines = new ArrayList<>();
    int leftOutCount = 0;
    for (Rule rule : all) {
      @Nullable String problem = rule.problem();
      if (problem != null && lines.size() < LINES_MAX) {
        lines.add(problem);
      } else if (problem != null) {
        leftOutCount++;
      }
    }
    if (leftOutCount > 0) {
      lines.add(leftOutCount + " more rules that matched nothing are not shown");
    }
    return lines;
  }
}
