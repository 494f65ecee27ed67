package io.agentlog.insight.pattern;

import io.agentlog.insight.pattern.Node.AnyOrder;
import io.agentlog.insight.pattern.Node.Choice;
import io.agentlog.insight.pattern.Node.Repeat;
import io.agentlog.insight.pattern.Node.Sequence;
import io.agentlog.insight.pattern.Node.Stage;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads a declaration:
 *
 * <pre>
 *  choice   = sequence { "|" sequence }
 *  sequence = item { item }
 *  item     = ( name | "(" choice ")" | "[" choice "]" | "{" item { item } "}" ) [ "*" | "+" | "?" | "{" n [ "," [ n ] ] "}" ]
 *  name     = characters other than blanks and ( ) [ ] { } | * + ? , " '    or    any within " or '
 * </pre>
 *
 * <p>A brace that follows a name or a group directly is a number of times; after a blank it is a
 * group.
 */
final class Parser {
  private static final int NESTING_MAX = 50;
  private static final String SPECIAL = "()[]{}|*+?,\"'";

  private final String text;
  private int at;
  private int depth;

  private Parser(String text) {
    this.text = text;
  }

  static Node parse(String text) throws StageSyntaxException {
    Parser parser = new Parser(text);
    Node whole = parser.choice();
    if (parser.at < text.length()) {
      throw parser.problem("nothing was opened that '" + parser.peek() + "' closes");
    }
    return whole;
  }

  private Node choice() throws StageSyntaxException {
    if (++depth > NESTING_MAX) {
      throw problem("groups are nested more than " + NESTING_MAX + " deep");
    }
    List<Node> parts = new ArrayList<>(List.of(sequence()));
    while (peek() == '|') {
      at++;
      parts.add(sequence());
    }
    depth--;
    return parts.size() == 1 ? parts.get(0) : new Choice(List.copyOf(parts));
  }

  private Node sequence() throws StageSyntaxException {
    List<Node> parts = items();
    return parts.size() == 1 ? parts.get(0) : new Sequence(List.copyOf(parts));
  }

  private List<Node> items() throws StageSyntaxException {
    List<Node> parts = new ArrayList<>();
    skipBlanks();
    while (at < text.length() && ")]}|".indexOf(peek()) < 0) {
      parts.add(item());
      skipBlanks();
    }
    if (parts.isEmpty()) {
      throw problem(
          at < text.length()
              ? "a stage is missing before '" + peek() + "'"
              : "a stage is missing at the end");
    }
    return parts;
  }

  private Node item() throws StageSyntaxException {
    Node node =
        switch (peek()) {
          case '(' -> group(')');
          case '[' -> new Repeat(group(']'), 0, 1);
          case '{' -> anyOrder();
          case '"', '\'' -> new Stage(quoted());
          case '*', '+', '?', ',' ->
              throw problem(
                  "'"
                      + peek()
                      + "' stands for no stage; it belongs directly behind a name or a group, and a name that has it into quotes");
          default -> new Stage(name());
        };
    return repeated(node);
  }

  private Node group(char close) throws StageSyntaxException {
    int open = at++;
    Node inside = choice();
    close(open, close);
    return inside;
  }

  private Node anyOrder() throws StageSyntaxException {
    int open = at++;
    if (++depth > NESTING_MAX) {
      throw problem("groups are nested more than " + NESTING_MAX + " deep");
    }
    List<Node> parts = items();
    depth--;
    if (peek() == '|') {
      throw problem("'|' within { }: write { (a|b) c }");
    }
    close(open, '}');
    if (parts.size() > StageExpression.ANY_ORDER_MAX) {
      at = open;
      throw problem(
          "%s stages in any order; at most %s are possible"
              .formatted(
                  Integer.toString(parts.size()), Integer.toString(StageExpression.ANY_ORDER_MAX)));
    }
    return new AnyOrder(List.copyOf(parts));
  }

  private void close(int open, char close) throws StageSyntaxException {
    skipBlanks();
    if (peek() != close) {
      if (at < text.length()) {
        throw problem(
            "expected '"
                + close
                + "' for the '"
                + text.charAt(open)
                + "' at character "
                + (open + 1));
      }
      at = open;
      throw problem("'" + text.charAt(open) + "' is not closed by '" + close + "'");
    }
    at++;
  }

  private Node repeated(Node node) throws StageSyntaxException {
    Node result =
        switch (peek()) {
          case '*' -> times(node, 0, Repeat.UNBOUNDED);
          case '+' -> times(node, 1, Repeat.UNBOUNDED);
          case '?' -> times(node, 0, 1);
          case '{' -> counted(node);
          default -> node;
        };
    if (result != node && at < text.length() && "*+?{".indexOf(peek()) >= 0) {
      throw problem("one number of times follows another; use parentheses");
    }
    return result;
  }

  private Node times(Node node, int min, int max) {
    at++;
    return new Repeat(node, min, max);
  }

  private Node counted(Node node) throws StageSyntaxException {
    int open = at++;
    int min = number(open);
    int max = min;
    skipBlanks();
    if (peek() == ',') {
      at++;
      skipBlanks();
      max = peek() == '}' ? Repeat.UNBOUNDED : number(open);
    }
    close(open, '}');
    if (max == 0 || (max > 0 && max < min)) {
      at = open;
      throw problem("{" + min + "," + max + "} is no number of times; write {1,3}, {2} or {1,}");
    }
    return new Repeat(node, min, max);
  }

  private int number(int open) throws StageSyntaxException {
    skipBlanks();
    int begin = at;
    while (peek() >= '0' && peek() <= '9') {
      at++;
    }
    if (at == begin) {
      at = open;
      throw problem("expected a number of times, as {1,3}; a group { } needs a blank before it");
    }
    if (at - begin > 4) {
      throw problem("a number of times has at most 4 digits");
    }
    return Integer.parseInt(text.substring(begin, at));
  }

  /** True of a character that a name has only in quotes. */
  static boolean isSpecial(int character) {
    return Character.isWhitespace(character) || SPECIAL.indexOf(character) >= 0;
  }

  private String name() {
    int begin = at;
    while (at < text.length() && !Character.isWhitespace(peek()) && SPECIAL.indexOf(peek()) < 0) {
      at++;
    }
    return text.substring(begin, at);
  }

  private String quoted() throws StageSyntaxException {
    int open = at++;
    int end = text.indexOf(text.charAt(open), at);
    if (end < 0) {
      at = open;
      throw problem("the quote is not closed");
    }
    if (end == at) {
      at = open;
      throw problem("a name in quotes is empty");
    }
    String name = text.substring(at, end);
    at = end + 1;
    return name;
  }

  private void skipBlanks() {
    while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
      at++;
    }
  }

  /** Returns the next character; 0 at the end. */
  private char peek() {
    return at < text.length() ? text.charAt(at) : 0;
  }

  private StageSyntaxException problem(String text) {
    return new StageSyntaxException(at + 1, text);
  }
}
