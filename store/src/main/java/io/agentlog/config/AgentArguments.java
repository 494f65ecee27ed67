package io.agentlog.config;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Parses the agent arguments, the text after {@code -javaagent:agentlog.jar=}: {@code
 * key=value,key=value}.
 *
 * <p>Values such as lists of brokers and JDBC URLs contain commas, so
 *
 * <ul>
 *   <li>a piece between commas that does not begin with {@code KEY=} continues the value before it:
 *       {@code kafka.bootstrap-servers=a:9092,b:9092,service=router} are two settings;
 *   <li>a value that begins with a quote, {@code '} or {@code "}, ends at the next such quote;
 *   <li>a backslash before a comma, a quote or a backslash makes it an ordinary character; anywhere
 *       else the backslash itself is one, as in {@code C:\agentlog}.
 * </ul>
 *
 * <p>Empty pieces are skipped. Not thread-safe.
 */
final class AgentArguments {
  /** One setting. */
  record Argument(String key, String value) {}

  private static final Pattern KEY = Pattern.compile("\\s*[A-Za-z][A-Za-z0-9._-]*\\s*");
  private final String text;
  private final Problems problems;
  private final List<Argument> arguments = new ArrayList<>();
  private int at;

  private AgentArguments(String text, Problems problems) {
    this.text = text;
    this.problems = problems;
  }

  /** Returns the settings in their order; a key may come twice. Never throws, whatever the text. */
  static List<Argument> parse(String text, Problems problems) {
    AgentArguments parser = new AgentArguments(text, problems);
    while (parser.at < text.length()) {
      parser.readPiece();
    }
    return parser.arguments;
  }

  private void readPiece() {
    int equals = text.indexOf('=', at);
    int comma = text.indexOf(',', at);
    boolean hasKey = equals >= 0 && (comma < 0 || equals < comma);
    String key = hasKey ? text.substring(at, equals) : "";
    if (KEY.matcher(key).matches()) {
      at = equals + 1;
      arguments.add(new Argument(key.strip(), readValue(key.strip())));
    } else {
      addToValueBefore(readToComma());
    }
  }

  private void addToValueBefore(String piece) {
    if (piece.isBlank()) {
      return;
    }
    if (arguments.isEmpty()) {
      problems.add(
          "agent arguments do not begin with KEY=value; the text before the first key is ignored."
              + " Write -javaagent:agentlog.jar=KEY=value,KEY=value. See docs/configuration.md");
      return;
    }
    int last = arguments.size() - 1;
    Argument before = arguments.get(last);
    arguments.set(last, new Argument(before.key(), before.value() + "," + piece));
  }

  private String readValue(String key) {
    int start = at;
    while (start < text.length() && Character.isWhitespace(text.charAt(start))) {
      start++;
    }
    if (start == text.length() || (text.charAt(start) != '\'' && text.charAt(start) != '"')) {
      return readToComma();
    }
    at = start + 1;
    StringBuilder value = new StringBuilder();
    while (at < text.length()) {
      char c = text.charAt(at++);
      if (c == text.charAt(start)) {
        return value + readToComma();
      }
      value.append(c == '\\' ? readEscaped() : c);
    }
    problems.add(
        "agent argument "
            + KnownKeys.shown(key)
            + ": its value's opening quote is not closed; the value reaches to the end of the arguments."
            + " See docs/configuration.md");
    return value.toString();
  }

  /** Returns the rest up to the next comma that is not escaped, and skips the comma. */
  private String readToComma() {
    StringBuilder piece = new StringBuilder();
    while (at < text.length()) {
      char c = text.charAt(at++);
      if (c == ',') {
        break;
      }
      piece.append(c == '\\' ? readEscaped() : c);
    }
    return piece.toString();
  }

  /** Returns the character that the backslash just read stands for. */
  private char readEscaped() {
    boolean escapes = at < text.length() && ",'\"\\".indexOf(text.charAt(at)) >= 0;
    return escapes ? text.charAt(at++) : '\\';
  }
}
