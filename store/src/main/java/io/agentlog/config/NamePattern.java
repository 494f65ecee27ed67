package io.agentlog.config;

import java.util.Arrays;

/**
 * A name with wildcards, compiled once: {@code com.acme.*Router}, {@code com.acme..*}, {@code
 * route*}. Matching takes time in proportion to both lengths, whatever the pattern. Immutable.
 *
 * <pre>
 *  *   zero or more characters of one part of the name; a class and its nested classes are one part
 *  ..  zero or more packages
 *  .   the end of a package, or of the class around a nested one
 * </pre>
 */
public final class NamePattern {
  /** Longest pattern; also limits the work of matching. */
  public static final int LENGTH_MAX = 512;

  private static final int ANY_IN_PART = -1;
  private static final int PACKAGES = -2; // Always before INSIDE_PACKAGES.
  private static final int INSIDE_PACKAGES = -3;
  private static final int ANY = -4;

  private final String text;
  private final int[] tokens;
  private final boolean exact;

  private NamePattern(String text, int[] tokens) {
    this.text = text;
    this.tokens = tokens;
    this.exact = Arrays.stream(tokens).allMatch(token -> token >= 0);
  }

  /**
   * Compiles a pattern for free texts, such as names of agents: {@code *} is any characters, and no
   * other character is special.
   *
   * @throws IllegalArgumentException whose message says what is wrong, without the text
   */
  public static NamePattern ofText(String text) {
    if (text.isEmpty() || text.length() > LENGTH_MAX) {
      throw new IllegalArgumentException("a name has 1 to " + LENGTH_MAX + " characters");
    }
    return new NamePattern(text, text.chars().map(c -> c == '*' ? ANY : c).toArray());
  }

  /**
   * Compiles a pattern for names of classes and methods.
   *
   * @throws IllegalArgumentException whose message says what is wrong, without the text
   */
  public static NamePattern of(String text) {
    if (text.isEmpty()) {
      throw new IllegalArgumentException("a name is missing");
    }
    if (text.length() > LENGTH_MAX) {
      throw new IllegalArgumentException("a name is longer than " + LENGTH_MAX + " characters");
    }
    int[] tokens = new int[2 * text.length()];
    int count = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '*') {
        if (count == 0 || tokens[count - 1] != ANY_IN_PART) {
          tokens[count++] = ANY_IN_PART;
        }
      } else if (c == '.') {
        boolean packages = text.startsWith("..", i);
        if (i == 0 || i + (packages ? 2 : 1) == text.length() || text.startsWith("...", i)) {
          throw new IllegalArgumentException("a part of a name is empty");
        }
        tokens[count++] = '.';
        if (packages) {
          i++;
          tokens[count++] = PACKAGES;
          tokens[count++] = INSIDE_PACKAGES;
        }
      } else if (Character.isJavaIdentifierPart(c)
          || c == '-') { // Kotlin's names may hold a minus.
        tokens[count++] = c;
      } else {
        throw new IllegalArgumentException("a name holds a character that names can't hold");
      }
    }
    return new NamePattern(text, Arrays.copyOf(tokens, count));
  }

  /** True if the pattern holds no wildcard. */
  public boolean isExact() {
    return exact;
  }

  /** Returns the pattern as it was written. */
  public String text() {
    return text;
  }

  /** True if the whole name matches; its packages may end in {@code /} or {@code .}. */
  public boolean matches(String name) {
    int literal = 0; // Most names differ in their first characters: nothing is allocated for them.
    while (literal < tokens.length && tokens[literal] >= 0) {
      if (literal >= name.length() || !isSame(tokens[literal], name.charAt(literal))) {
        return false;
      }
      literal++;
    }
    return literal == tokens.length ? name.length() == literal : matches(name, literal);
  }

  /** Matches the rest of the name; follows all ways through the pattern at once. */
  private boolean matches(String name, int start) {
    boolean[] now = new boolean[tokens.length + 1];
    boolean[] next = new boolean[tokens.length + 1];
    enter(now, start);
    for (int i = start; i < name.length(); i++) {
      char c = name.charAt(i);
      for (int t = start; t < tokens.length; t++) {
        if (now[t]) {
          step(next, t, c);
        }
      }
      boolean[] spare = now;
      now = next;
      next = spare;
      Arrays.fill(next, false);
    }
    return now[tokens.length];
  }

  private void step(boolean[] next, int t, char c) {
    switch (tokens[t]) {
      case ANY_IN_PART -> {
        if (!isPackageEnd(c)) {
          enter(next, t);
        }
      }
      case PACKAGES -> {} // Left on entry.
      case ANY -> enter(next, t);
      case INSIDE_PACKAGES -> {
        next[t] = true;
        if (isPackageEnd(c)) {
          enter(next, t + 1);
        }
      }
      default -> {
        if (isSame(tokens[t], c)) {
          enter(next, t + 1);
        }
      }
    }
  }

  private void enter(boolean[] states, int t) {
    states[t] = true;
    if (t == tokens.length) {
      return;
    }
    if (tokens[t] == ANY_IN_PART || tokens[t] == ANY) {
      enter(states, t + 1);
    } else if (tokens[t] == PACKAGES) {
      states[t + 1] = true;
      enter(states, t + 2);
    }
  }

  private static boolean isSame(int token, char c) {
    return token == c || (token == '.' && (c == '/' || c == '$'));
  }

  private static boolean isPackageEnd(char c) {
    return c == '/' || c == '.';
  }

  @Override
  public String toString() {
    return text;
  }
}
