package io.agentlog.agent.capture.value;

import java.util.ArrayList;
import java.util.List;

/**
 * A parsed value path, not yet bound to a method: {@code headers['x-id'][0].text}.
 *
 * <pre>
 *  path = root step*
 *  root = parameter name | argN | this | result
 *  step = .name | ['key'] | ["key"] | [index]
 * </pre>
 *
 * Names are Java identifiers. A key has no escapes: put a key that contains one kind of quote in
 * the other kind.
 *
 * @param text as written, without white space around it
 */
record ValuePath(String text, String root, List<PathStep> steps) {
  static final int TEXT_LENGTH_MAX = 512;
  static final int STEPS_MAX = 16;

  /** A parsed step. */
  sealed interface PathStep {}

  /** {@code .name} */
  record Name(String name) implements PathStep {}

  /** {@code ['key']} */
  record Key(String key) implements PathStep {}

  /** {@code [0]}; not negative. */
  record Index(int index) implements PathStep {}

  /** The text is no value path. The message has the reason and the position. */
  static final class SyntaxException extends Exception {
    private static final long serialVersionUID = 1;

    SyntaxException(String message) {
      super(message);
    }
  }

  ValuePath {
    steps = List.copyOf(steps);
  }

  static ValuePath parse(String written) throws SyntaxException {
    String text = written.strip();
    if (text.length() > TEXT_LENGTH_MAX) {
      throw new SyntaxException("longer than " + TEXT_LENGTH_MAX + " characters");
    }
    int position = endOfName(text, 0);
    if (position == 0) {
      throw new SyntaxException("a path begins with a parameter's name, argN, 'this' or 'result'");
    }
    String root = text.substring(0, position);
    List<PathStep> steps = new ArrayList<>();
    while (position < text.length()) {
      if (steps.size() == STEPS_MAX) {
        throw new SyntaxException("more than " + STEPS_MAX + " steps");
      }
      int end;
      switch (text.charAt(position)) {
        case '.' -> {
          end = endOfName(text, position + 1);
          if (end == position + 1) {
            throw new SyntaxException("a name is missing after the dot at " + position);
          }
          steps.add(new Name(text.substring(position + 1, end)));
        }
        case '[' -> {
          end = endOfBracket(text, position);
          steps.add(bracketed(text.substring(position + 1, end - 1), position));
        }
        default ->
            throw new SyntaxException(
                "'%c' at %s is neither '.' nor '['".formatted(text.charAt(position), position));
      }
      position = end;
    }
    return new ValuePath(text, root, steps);
  }

  private static int endOfName(String text, int start) {
    int end = start;
    while (end < text.length()) {
      int letter = text.codePointAt(end);
      boolean fits =
          end == start
              ? Character.isJavaIdentifierStart(letter)
              : Character.isJavaIdentifierPart(letter);
      if (!fits) {
        break;
      }
      end += Character.charCount(letter);
    }
    return end;
  }

  /** Returns the position after the closing bracket; a bracket inside quotes closes nothing. */
  private static int endOfBracket(String text, int open) throws SyntaxException {
    char first = open + 1 < text.length() ? text.charAt(open + 1) : ']';
    boolean quoted = first == '\'' || first == '"';
    int quote = quoted ? text.indexOf(first, open + 2) : open;
    int close = quote < 0 ? -1 : text.indexOf(']', quote + 1);
    if (close < 0 || (quoted && close != quote + 1)) {
      throw new SyntaxException("the bracket at " + open + " is not closed");
    }
    return close + 1;
  }

  private static PathStep bracketed(String inside, int position) throws SyntaxException {
    if (!inside.isEmpty() && (inside.charAt(0) == '\'' || inside.charAt(0) == '"')) {
      return new Key(inside.substring(1, inside.length() - 1));
    }
    try {
      if (!inside.isEmpty() && inside.chars().allMatch(c -> c >= '0' && c <= '9')) {
        return new Index(Integer.parseInt(inside));
      }
    } catch (NumberFormatException e) { // Too large for an int.
      throw new SyntaxException("the index at " + position + " is too large");
    }
    throw new SyntaxException("neither an index nor a quoted key at " + position);
  }
}
