package io.agentlog.agent.instrumentation.rules;

import io.agentlog.config.NamePattern;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import net.bytebuddy.jar.asm.Type;
import org.jspecify.annotations.Nullable;

/**
 * The methods that a rule names: {@code com.acme.Router#route}, {@code
 * com.acme..*Router#route*(String, int[])}. Immutable.
 *
 * @param text the pattern as written in the file
 * @param parameters types as written, {@code $} replaced by a dot; null for any
 * @param open true if further parameters may follow
 */
record MethodPattern(
    String text,
    NamePattern className,
    NamePattern methodName,
    @Nullable List<String> parameters,
    boolean open) {
  private static final Pattern TYPE = Pattern.compile("\\*|[\\w.$]+(\\[])*");
  private static final String ANY = "..";

  /**
   * Reads a pattern.
   *
   * @throws IllegalArgumentException if the text is no pattern; the message is a predicate, such as
   *     "must end with )"
   */
  static MethodPattern parse(String written) {
    String text = written.strip();
    int hash = text.indexOf('#');
    if (hash < 0) {
      throw new IllegalArgumentException(
          "must be a class and a method with # between them, as in com.acme.Router#route");
    }
    int parenthesis = text.indexOf('(', hash);
    NamePattern className = className(text.substring(0, hash).strip());
    String method = text.substring(hash + 1, parenthesis < 0 ? text.length() : parenthesis).strip();
    if (method.startsWith("<")
        || (className.isExact() && method.equals(simpleName(className.text())))) {
      throw new IllegalArgumentException("names a constructor, which can't be recorded");
    }
    if (method.indexOf('.') >= 0) {
      throw new IllegalArgumentException("has a dot in the method's name");
    }
    NamePattern methodName = NamePattern.of(method);
    if (parenthesis < 0) {
      return new MethodPattern(text, className, methodName, null, false);
    }
    if (!text.endsWith(")")) {
      throw new IllegalArgumentException("has a ( and must end with )");
    }
    List<String> types = new ArrayList<>();
    boolean open = parameters(text.substring(parenthesis + 1, text.length() - 1).strip(), types);
    return new MethodPattern(
        text, className, methodName, open && types.isEmpty() ? null : List.copyOf(types), open);
  }

  private static NamePattern className(String text) {
    int wildcard = text.indexOf('*');
    int packages = text.indexOf("..");
    int literal = Math.min(wildcard < 0 ? text.length() : wildcard, text.length());
    literal = packages < 0 ? literal : Math.min(literal, packages + 1);
    if (literal < text.length() && text.lastIndexOf('.', literal - 1) < 1) {
      throw new IllegalArgumentException(
          "begins with a wildcard; a pattern of classes must begin with a package, as in"
              + " com.acme..*");
    }
    return NamePattern.of(text);
  }

  /** Fills {@code types}; returns whether further parameters may follow. */
  private static boolean parameters(String text, List<String> types) {
    if (text.isEmpty()) {
      return false;
    }
    String[] parts = text.split(",", -1);
    for (int i = 0; i < parts.length; i++) {
      String type = parts[i].strip();
      if (type.equals(ANY) && i == parts.length - 1) {
        return true;
      }
      if (type.endsWith("...")) {
        type = type.substring(0, type.length() - 3).strip() + "[]";
      }
      if (!TYPE.matcher(type).matches()) {
        throw new IllegalArgumentException(
            "has a parameter that is not a type; write the types as in (java.lang.String, int[]),"
                + " without names and type arguments, or (..) for any");
      }
      types.add(type.replace('$', '.'));
    }
    return false;
  }

  /** Returns the last part of a class's name, nested or not. */
  static String simpleName(String name) {
    int start = name.length();
    while (start > 0 && "./$".indexOf(name.charAt(start - 1)) < 0) {
      start--;
    }
    return name.substring(start);
  }

  /** Returns whether the pattern names this method, given that it names the method's class. */
  boolean matchesMethod(String name, String descriptor) {
    return methodName.matches(name) && matchesParameters(descriptor);
  }

  private boolean matchesParameters(String descriptor) {
    if (parameters == null) {
      return true;
    }
    Type[] types = Type.getArgumentTypes(descriptor);
    if (open ? types.length < parameters.size() : types.length != parameters.size()) {
      return false;
    }
    for (int i = 0; i < parameters.size(); i++) {
      String wanted = parameters.get(i);
      String type = types[i].getClassName().replace('$', '.');
      if (!wanted.equals("*") && !type.equals(wanted) && !type.endsWith("." + wanted)) {
        return false;
      }
    }
    return true;
  }

  /** Returns a method as a rule would name it: {@code route(java.lang.String)}. */
  static String shown(String name, String descriptor) {
    StringBuilder shown = new StringBuilder(name).append('(');
    for (Type type : Type.getArgumentTypes(descriptor)) {
      shown.append(shown.charAt(shown.length() - 1) == '(' ? "" : ", ");
      shown.append(type.getClassName());
    }
    return shown.append(')').toString();
  }
}
