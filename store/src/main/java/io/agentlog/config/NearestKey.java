package io.agentlog.config;

import java.util.Collection;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Finds the key that a mistyped one was meant to be. */
public final class NearestKey {
  /** Longest key that may be a typing mistake; also limits the work. */
  private static final int LENGTH_MAX = 64;

  private NearestKey() {}

  /** Returns the candidate with the fewest differences, or null if none is near. */
  public static @Nullable String of(String typed, Collection<String> candidates) {
    if (typed.isEmpty() || typed.length() > LENGTH_MAX) {
      return null;
    }
    String wanted = typed.toLowerCase(Locale.ROOT).replace('_', '.').replace('-', '.');
    String nearest = null;
    int least = Math.max(1, Math.min(4, wanted.length() / 3)) + 1;
    for (String candidate : candidates) {
      String text = candidate.toLowerCase(Locale.ROOT).replace('_', '.').replace('-', '.');
      // "password" means "postgres.password", however many letters that adds.
      int distance = text.endsWith("." + wanted) ? 1 : distance(wanted, text);
      if (distance < least) {
        least = distance;
        nearest = candidate;
      }
    }
    return nearest;
  }

  /**
   * Returns the number of insertions, deletions, replacements and swaps of neighbours from one text
   * to the other.
   */
  public static int distance(String from, String to) {
    int[] beforePrevious = new int[to.length() + 1];
    int[] previous = new int[to.length() + 1];
    int[] current = new int[to.length() + 1];
    for (int j = 0; j <= to.length(); j++) {
      previous[j] = j;
    }
    for (int i = 1; i <= from.length(); i++) {
      current[0] = i;
      for (int j = 1; j <= to.length(); j++) {
        int cost = from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1;
        current[j] = Math.min(Math.min(current[j - 1], previous[j]) + 1, previous[j - 1] + cost);
        if (i > 1
            && j > 1
            && from.charAt(i - 1) == to.charAt(j - 2)
            && from.charAt(i - 2) == to.charAt(j - 1)) {
          current[j] = Math.min(current[j], beforePrevious[j - 2] + 1);
        }
      }
      int[] spare = beforePrevious;
      beforePrevious = previous;
      previous = current;
      current = spare;
    }
    return previous[to.length()];
  }
}
