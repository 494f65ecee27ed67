package io.agentlog.sample.router;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The words of one request, indexed for matching. Not thread-safe.
 *
 * <p>In a long request only the first {@value #HEAD_WORDS} and the last {@value #TAIL_WORDS} words
 * count, because people ask before or after a pasted text, and a long log has words of every agent.
 */
final class RequestText {
  static final int HEAD_WORDS = 250;
  static final int TAIL_WORDS = 120;
  private static final Pattern FILE_NAME =
      Pattern.compile(
          "[\\p{Alnum}_][\\p{Alnum}_./-]{0,120}\\.[A-Za-z][A-Za-z0-9]{0,9}\\b|\\b[A-Z][a-z]+file\\b");

  private final Map<String, List<Integer>> positions = new LinkedHashMap<>();
  private final Map<String, List<Hit>> hits = new HashMap<>();
  private final Set<String> fileNames = new LinkedHashSet<>();

  /** A word of the request that is similar to a searched one. */
  record Hit(int position, double likeness) {}

  RequestText(String text) {
    List<String> all = Words.of(text);
    int cut = all.size() > HEAD_WORDS + TAIL_WORDS ? all.size() - TAIL_WORDS : all.size();
    for (int i = 0; i < all.size(); i++) {
      if (i < HEAD_WORDS || i >= cut || all.size() <= HEAD_WORDS + TAIL_WORDS) {
        positions.computeIfAbsent(all.get(i), word -> new ArrayList<>()).add(i);
      }
    }
    int scanned = 0;
    Matcher matcher = FILE_NAME.matcher(text.length() > 20_000 ? text.substring(0, 20_000) : text);
    while (matcher.find() && scanned++ < 50) {
      fileNames.add(matcher.group());
    }
  }

  /** Returns the different words that count. */
  Set<String> words() {
    return positions.keySet();
  }

  /** Returns the parts of the text that look like file names, in order. */
  Set<String> fileNames() {
    return fileNames;
  }

  /** Returns the places of a word or of similar words. */
  List<Hit> find(String wanted) {
    return hits.computeIfAbsent(wanted, this::search);
  }

  private List<Hit> search(String wanted) {
    List<Hit> found = new ArrayList<>();
    if (Words.isPair(wanted)) {
      positions.getOrDefault(wanted, List.of()).forEach(at -> found.add(new Hit(at, 1)));
      return found;
    }
    positions.forEach(
        (word, places) -> {
          double likeness = Similarity.of(wanted, word);
          if (likeness > 0) {
            places.forEach(at -> found.add(new Hit(at, likeness)));
          }
        });
    return found;
  }
}
