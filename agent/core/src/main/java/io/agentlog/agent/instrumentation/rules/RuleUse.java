package io.agentlog.agent.instrumentation.rules;

import io.agentlog.config.NearestKey;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Records whether a rule matched, and the names nearest to the rule's. Thread-safe without a lock:
 * if two threads add a candidate at once, one of the two may be lost.
 */
final class RuleUse {
  private static final int CANDIDATES_MAX = 3;

  /** Longer names are not compared, because a mistyped name that long is unlikely. */
  private static final int NAME_LENGTH_MAX = 100;

  private record Candidate(String text, int distance) {}

  private final MethodPattern method;
  private final String simpleClassName;
  private volatile boolean woven;
  private volatile @Nullable String declaredIn;
  private volatile @Nullable String classSeen;
  private volatile List<Candidate> classes = List.of();
  private volatile List<Candidate> methods = List.of();

  RuleUse(MethodPattern method) {
    this.method = method;
    this.simpleClassName = MethodPattern.simpleName(method.className().text());
  }

  void noteWoven() {
    woven = true;
  }

  void noteDeclaredIn(String internalName) {
    if (declaredIn == null) {
      declaredIn = internalName.replace('/', '.');
    }
  }

  void noteOtherMethod(String internalName, String name, String descriptor) {
    if (classSeen == null) {
      classSeen = internalName.replace('/', '.');
    }
    if (declaredIn == null && method.methodName().isExact()) {
      int distance = distance(method.methodName().text(), name);
      if (distance >= 0) {
        methods = with(methods, new Candidate(MethodPattern.shown(name, descriptor), distance));
      }
    }
  }

  void noteOtherClass(String internalName) {
    if (classSeen != null || declaredIn != null || !method.className().isExact()) {
      return;
    }
    int start = internalName.length();
    while (start > 0 && "/$".indexOf(internalName.charAt(start - 1)) < 0) {
      start--;
    }
    // Cheapest comparison first: nearly all classes end here.
    int length = internalName.length() - start;
    if (Math.abs(length - simpleClassName.length()) > 2 || length == 0) {
      return;
    }
    int distance = distance(simpleClassName, internalName.substring(start));
    if (distance >= 0) {
      classes = with(classes, new Candidate(internalName.replace('/', '.'), distance));
    }
  }

  /** Returns how far apart two names are; negative if they are not alike. */
  private static int distance(String wanted, String name) {
    if (wanted.isEmpty() || wanted.length() > NAME_LENGTH_MAX || name.length() > NAME_LENGTH_MAX) {
      return -1;
    }
    if (wanted.equals(name)) {
      return 0;
    }
    String small = wanted.toLowerCase(Locale.ROOT);
    String smallName = name.toLowerCase(Locale.ROOT);
    boolean sameEnd =
        small.charAt(0) == smallName.charAt(0)
            || small.charAt(small.length() - 1) == smallName.charAt(smallName.length() - 1);
    int limit = Math.max(1, Math.min(3, small.length() / 3));
    if (!sameEnd || Math.abs(small.length() - smallName.length()) > limit) {
      return -1;
    }
    int distance = 1 + NearestKey.distance(small, smallName);
    return distance > limit + 1 ? -1 : distance;
  }

  private static List<Candidate> with(List<Candidate> known, Candidate candidate) {
    if (known.contains(candidate)
        || (known.size() == CANDIDATES_MAX
            && known.get(CANDIDATES_MAX - 1).distance() <= candidate.distance())) {
      return known;
    }
    List<Candidate> all = new ArrayList<>(known);
    all.add(candidate);
    all.sort(Comparator.comparingInt(Candidate::distance));
    return List.copyOf(all.subList(0, Math.min(CANDIDATES_MAX, all.size())));
  }

  /** Returns why the rule matched nothing, with similar names; null if it matched. */
  @Nullable String problem() {
    if (woven) {
      return null;
    }
    if (declaredIn != null) {
      return declaredIn + " declares the method, but no loaded class implements it";
    }
    if (classSeen != null) {
      return classSeen
          + " declares no such method (name an inherited method by the class that declares it)"
          + hint(methods);
    }
    return (method.className().isExact() ? "no class " : "no class that matches ")
        + method.className().text()
        + " was loaded"
        + hint(classes);
  }

  private static String hint(List<Candidate> candidates) {
    if (candidates.isEmpty()) {
      return "";
    }
    StringBuilder hint = new StringBuilder(". Did you mean ");
    for (int i = 0; i < candidates.size(); i++) {
      hint.append(i == 0 ? "" : i == candidates.size() - 1 ? " or " : ", ");
      hint.append(candidates.get(i).text());
    }
    return hint.append('?').toString();
  }
}
