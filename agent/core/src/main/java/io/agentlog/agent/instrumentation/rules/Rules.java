package io.agentlog.agent.instrumentation.rules;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The rules of one file, found by class name. A search costs one look into a hash table, and for
 * each rule with a wildcard a comparison of the first characters. Thread-safe.
 */
public final class Rules {
  /** No rules, for an agent without a rules file. */
  public static final Rules NONE = new Rules(List.of());

  private static final int LINES_MAX = 50;

  private final List<Rule> all;
  private final Map<String, List<Rule>> byClass = new HashMap<>(); // By internal name.
  private final List<Rule> withWildcard = new ArrayList<>();
  private final boolean haveJdkTypes;

  /** If several rules of one kind name the same method, the first one wins. */
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
    this.haveJdkTypes = jdk;
  }

  /** Returns what {@code a.B.C} may be: {@code a/B/C}, {@code a/B$C} or {@code a$B$C}. */
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

  /** Returns the number of rules. */
  public int size() {
    return all.size();
  }

  /** Returns whether a rule names a type of the JDK. */
  public boolean haveJdkTypes() {
    return haveJdkTypes;
  }

  /**
   * Returns the rules that name a class, in the order of the file; empty without one.
   *
   * @param generated true if a framework made the class; wildcards do not match it
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

  /** Notes a loaded class in all rules but those that name it, which are {@code concerned}. */
  public void noteLoaded(String internalName, List<Rule> concerned) {
    for (Rule rule : all) {
      if (concerned.isEmpty() || !concerned.contains(rule)) {
        rule.noteOtherClass(internalName);
      }
    }
  }

  /** Returns one line for each rule that has matched nothing so far. */
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
