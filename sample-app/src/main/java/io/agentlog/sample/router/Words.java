package io.agentlog.sample.router;

import java.lang.Character.UnicodeScript;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Cuts text of any script into words that can be compared.
 *
 * <p>Width, case and accents are unified; English endings and filler words are dropped. Chinese and
 * Japanese, which have no spaces, become pairs of neighbouring characters. An emoji is a word.
 */
final class Words {
  // Latin, Greek and Cyrillic accents, Arabic vowel marks and the tatweel. Indic vowel signs stay:
  // they are letters.
  private static final Pattern ACCENTS =
      Pattern.compile("[\\u0300-\\u036F\\u0640\\u064B-\\u065F\\u0670]");
  private static final Pattern HUMP = Pattern.compile("(?<=[a-z0-9])(?=[A-Z])");

  private static final Set<String> FILLERS =
      Set.of(
          ("a about after again all also am an and any are as at be been but by can cannot cant"
                  + " could did do does doesnt dont for from get give go had has have he hello help"
                  + " here hi how i if in into is isnt it its ive just keep let like make many me my"
                  + " need new no not now of on one only or our out over please should since so some"
                  + " such than thanks that the their them then there these they this those to too up"
                  + " us use using very via was we were what when where which while who why will with"
                  + " without would you your")
              .split(" "));

  private static final Map<String, String> ALIASES =
      Map.ofEntries(
          Map.entry("k8s", "kubernetes"),
          Map.entry("kube", "kubernetes"),
          Map.entry("postgres", "postgresql"),
          Map.entry("pg", "postgresql"),
          Map.entry("js", "javascript"),
          Map.entry("ts", "typescript"),
          Map.entry("py", "python"),
          Map.entry("db", "database"),
          Map.entry("repo", "repository"),
          Map.entry("prod", "production"),
          Map.entry("auth", "authentication"),
          Map.entry("docs", "documentation"),
          Map.entry("config", "configuration"),
          Map.entry("infra", "infrastructure"),
          Map.entry("perf", "performance"),
          Map.entry("env", "environment"),
          Map.entry("deps", "dependencies"),
          Map.entry("vuln", "vulnerability"),
          Map.entry("tf", "terraform"),
          Map.entry("a11y", "accessibility"),
          Map.entry("i18n", "internationalization"),
          Map.entry("npe", "nullpointerexception"));

  private Words() {}

  /** Returns the words of a text in their order, fillers left out. Never throws; may be empty. */
  static List<String> of(String text) {
    String level = Normalizer.normalize(text, Normalizer.Form.NFKD);
    level = Normalizer.normalize(ACCENTS.matcher(level).replaceAll(""), Normalizer.Form.NFC);
    List<String> words = new ArrayList<>();
    StringBuilder word = new StringBuilder();
    StringBuilder run = new StringBuilder();
    for (int i = 0; i < level.length(); ) {
      int c = level.codePointAt(i);
      i += Character.charCount(c);
      if (Character.getType(c) == Character.FORMAT || c == '\'' || c == '’') {
        continue; // Joiners and apostrophes don't end a word: "don't" is one.
      }
      if (isUnspaced(c)) {
        addWord(word, words);
        run.appendCodePoint(c);
        continue;
      }
      addPairs(run, words);
      if (isWordPart(c) || ((c == '+' || c == '#') && word.length() > 0)) {
        word.appendCodePoint(c);
        continue;
      }
      addWord(word, words);
      if (isPicture(c)) {
        words.add(Character.toString(c));
      }
    }
    addPairs(run, words);
    addWord(word, words);
    return words;
  }

  /** Returns whether a word is a pair of Chinese or Japanese characters, never just similar. */
  static boolean isPair(String word) {
    return isUnspaced(word.codePointAt(0));
  }

  /** Returns whether a word has no meaning by itself: one letter, or digits alone. */
  static boolean isWeak(String word) {
    return (word.length() == 1 && !isPair(word)) || word.chars().allMatch(Character::isDigit);
  }

  private static boolean isUnspaced(int c) {
    if (c == 'ー') {
      return true; // The long vowel mark belongs to no script.
    }
    UnicodeScript script = UnicodeScript.of(c);
    return (script == UnicodeScript.HAN
            || script == UnicodeScript.HIRAGANA
            || script == UnicodeScript.KATAKANA
            || script == UnicodeScript.THAI)
        && Character.isLetter(c);
  }

  private static boolean isWordPart(int c) {
    int type = Character.getType(c);
    return Character.isLetterOrDigit(c)
        || type == Character.COMBINING_SPACING_MARK
        || type == Character.NON_SPACING_MARK;
  }

  private static boolean isPicture(int c) {
    return Character.getType(c) == Character.OTHER_SYMBOL;
  }

  private static void addPairs(StringBuilder run, List<String> words) {
    if (run.length() == 0) {
      return;
    }
    int[] c = run.codePoints().toArray();
    run.setLength(0);
    if (c.length == 1) {
      words.add(Character.toString(c[0]));
    }
    for (int i = 0; i + 1 < c.length; i++) {
      boolean grammar =
          UnicodeScript.of(c[i]) == UnicodeScript.HIRAGANA
              && UnicodeScript.of(c[i + 1]) == UnicodeScript.HIRAGANA;
      if (!grammar) { // Hiragana alone is mostly endings and particles.
        words.add(Character.toString(c[i]) + Character.toString(c[i + 1]));
      }
    }
  }

  private static void addWord(StringBuilder word, List<String> words) {
    if (word.length() == 0) {
      return;
    }
    String text = word.toString();
    word.setLength(0);
    String[] humps = HUMP.split(text, -1);
    if (humps.length >= 3) { // NullPointerException, CrashLoopBackOff; but PostgreSQL stays whole.
      for (String hump : humps) {
        addPlain(hump, words);
      }
    } else {
      addPlain(text, words);
    }
  }

  private static void addPlain(String text, List<String> words) {
    String lower = text.toLowerCase(Locale.ROOT);
    lower = ALIASES.getOrDefault(lower, lower);
    if (!FILLERS.contains(lower)) {
      words.add(stem(lower));
    }
  }

  /** Cuts common English endings off, on both sides of a comparison. */
  private static String stem(String word) {
    if (word.length() < 4 || word.charAt(0) > 'z') {
      return word;
    }
    String stem = word;
    if (stem.endsWith("ies") && stem.length() > 4) {
      stem = stem.substring(0, stem.length() - 3) + "y";
    } else if (stem.endsWith("sses")) {
      stem = stem.substring(0, stem.length() - 2);
    } else if (stem.endsWith("s")
        && !stem.endsWith("ss")
        && !stem.endsWith("us")
        && !stem.endsWith("is")) {
      stem = stem.substring(0, stem.length() - 1);
    }
    if (stem.endsWith("ing") && stem.length() > 5) {
      stem = undouble(stem.substring(0, stem.length() - 3));
    } else if (stem.endsWith("ed") && stem.length() > 4) {
      stem = undouble(stem.substring(0, stem.length() - 2));
    }
    if (stem.endsWith("e") && stem.length() > 3) {
      stem = stem.substring(0, stem.length() - 1);
    }
    return stem;
  }

  private static String undouble(String stem) {
    int last = stem.length() - 1;
    boolean doubled =
        last > 2
            && stem.charAt(last) == stem.charAt(last - 1)
            && "lsz".indexOf(stem.charAt(last)) < 0;
    return doubled ? stem.substring(0, last) : stem;
  }
}
