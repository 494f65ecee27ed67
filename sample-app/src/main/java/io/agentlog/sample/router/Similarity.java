package io.agentlog.sample.router;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Compares words. Typing errors and endings lower the result a little; other words give 0. */
final class Similarity {
  private static final double FLOOR = 0.72;
  private static final int FUZZY_LENGTH_MIN = 5;

  private Similarity() {}

  /**
   * Compares two normalised words.
   *
   * @return 1.0 for equal words, {@value #FLOOR} to 1.0 for similar ones, else 0.0
   */
  static double of(String a, String b) {
    if (a.equals(b)) {
      return 1;
    }
    int shorter = Math.min(a.length(), b.length());
    int longer = Math.max(a.length(), b.length());
    if (shorter < FUZZY_LENGTH_MIN - 1 || longer - shorter > 5 || a.charAt(0) != b.charAt(0)) {
      return 0; // Short words are too similar: "test" and "text" are one edit apart.
    }
    int prefix = 0;
    while (prefix < shorter && a.charAt(prefix) == b.charAt(prefix)) {
      prefix++;
    }
    double best = 0;
    if (a.length() == b.length() && prefix < shorter - 1 && isSwap(a, b, prefix)) {
      best = 0.8; // "tets", "teh": the most common slip, with the same letters.
    }
    if (prefix >= 4 && prefix >= 0.65 * longer) {
      best = 0.85; // Russian, Hindi and Arabic have more endings than a stemmer knows.
    }
    if (shorter >= FUZZY_LENGTH_MIN) {
      int allowed = longer <= 7 ? 1 : 2;
      int edits = edits(a, b);
      if (edits <= allowed) {
        best = Math.max(best, 1 - edits / (double) longer);
      }
      best = Math.max(best, trigramDice(a, b));
    }
    return best < FLOOR ? 0 : best;
  }

  private static boolean isSwap(String a, String b, int at) {
    return a.charAt(at) == b.charAt(at + 1)
        && a.charAt(at + 1) == b.charAt(at)
        && a.substring(at + 2).equals(b.substring(at + 2));
  }

  /** Returns the name that was probably meant; null if no name is similar. */
  static @Nullable String nearest(String text, Collection<String> names) {
    String nearest = null;
    double best = 0.5;
    for (String name : names) {
      double likeness =
          Math.max(
              1 - edits(text, name) / (double) Math.max(text.length(), name.length()),
              trigramDice(text, name));
      if (likeness > best) {
        best = likeness;
        nearest = name;
      }
    }
    return nearest;
  }

  /** Counts insertions, deletions, substitutions and swaps of neighbours between two texts. */
  static int edits(String a, String b) {
    int[] beforeLast = new int[b.length() + 1];
    int[] last = new int[b.length() + 1];
    int[] current = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      last[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      current[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int same = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        int edits = Math.min(Math.min(current[j - 1], last[j]) + 1, last[j - 1] + same);
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          edits = Math.min(edits, beforeLast[j - 2] + 1);
        }
        current[j] = edits;
      }
      int[] reused = beforeLast;
      beforeLast = last;
      last = current;
      current = reused;
    }
    return last[b.length()];
  }

  private static double trigramDice(String a, String b) {
    Map<String, Integer> counts = new HashMap<>();
    String paddedA = "  " + a + " ";
    String paddedB = "  " + b + " ";
    for (int i = 0; i + 3 <= paddedA.length(); i++) {
      counts.merge(paddedA.substring(i, i + 3), 1, Integer::sum);
    }
    int common = 0;
    for (int i = 0; i + 3 <= paddedB.length(); i++) {
      String trigram = paddedB.substring(i, i + 3);
      int left = counts.getOrDefault(trigram, 0);
      if (left > 0) {
        counts.put(trigram, left - 1);
        common++;
      }
    }
    return 2.0 * common / (paddedA.length() + paddedB.length() - 4);
  }
}
