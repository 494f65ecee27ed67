package io.agentlog.agent.capture.framework;

import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A method of a framework that is woven, as data.
 *
 * @param match how its class is found
 * @param className with slashes: the class itself, or the type that the woven classes have
 * @param method its name, or {@code <init>}
 * @param descriptor its descriptor; ends with {@code *} where only the beginning counts
 * @param form what the woven code hands over
 * @param replacedArgument index of the argument that the handler may replace; -1 for none
 * @param isRequired true if its absence is reported; else it is one of several versions' methods,
 *     and reported if the methods of all hooks with the same {@code loss} are gone
 * @param loss says for users what is not recorded without it
 * @param handler makes the handler, once a start
 */
public record HookSpec(
    Match match,
    String className,
    String method,
    String descriptor,
    Form form,
    int replacedArgument,
    boolean isRequired,
    String loss,
    Function<FrameworkContext, HookHandler> handler) {

  /** Stands at the end of a descriptor for all that may follow. */
  private static final String ANY = "*";

  /** Returns whether a method of the hook's class is the hook's. */
  public boolean isMethod(String name, String ofDescriptor) {
    return method.equals(name)
        && (descriptor.endsWith(ANY)
            ? ofDescriptor.startsWith(descriptor.substring(0, descriptor.length() - ANY.length()))
            : descriptor.equals(ofDescriptor));
  }

  /** Returns class and method for messages, as {@code Service#run(String, Object[])}. */
  public String displayName() {
    return simpleName(className)
        + (match == Match.NESTED ? "$*" : "")
        + "#"
        + method
        + parameters(descriptor);
  }

  private static String parameters(String descriptor) {
    StringBuilder text = new StringBuilder("(");
    int at = 1;
    while (at < descriptor.length() && descriptor.charAt(at) != ')') {
      text.append(at == 1 ? "" : ", ");
      int arrays = at;
      while (descriptor.charAt(at) == '[') {
        at++;
      }
      int dimensions = at - arrays;
      char kind = descriptor.charAt(at);
      int end = kind == 'L' ? descriptor.indexOf(';', at) : at;
      if (end < 0 || kind == ANY.charAt(0)) {
        return text.append("...)").toString();
      }
      text.append(kind == 'L' ? simpleName(descriptor.substring(at + 1, end)) : primitive(kind));
      text.append("[]".repeat(dimensions));
      at = end + 1;
    }
    return text.append(')').toString();
  }

  private static String primitive(char kind) {
    return switch (kind) {
      case 'Z' -> "boolean";
      case 'B' -> "byte";
      case 'C' -> "char";
      case 'S' -> "short";
      case 'I' -> "int";
      case 'J' -> "long";
      case 'F' -> "float";
      default -> "double";
    };
  }

  private static String simpleName(String className) {
    return className.substring(className.lastIndexOf('/') + 1);
  }

  /** How the classes of a hook are found. */
  public enum Match {
    /** The class of this name. */
    CLASS,
    /** Classes nested in the class of this name that have the method. */
    NESTED,
    /** The type of this name where it has code, and classes that declare it as supertype. */
    IMPLEMENTORS
  }

  /** Whether the woven code replaces the method's result. */
  public enum Form {
    /** The caller gets the method's own result. */
    OBSERVES,
    /** The caller gets what the handler returns. */
    REPLACES_RESULT
  }

  /**
   * A value that handlers read: a public method without parameters. The contract test looks for
   * each one in the class files of the tested versions.
   *
   * @param className with slashes
   * @param returnType descriptor of the type; null if it doesn't matter
   * @param isRequired false if only some versions have it
   */
  public record Read(
      String className, String method, @Nullable String returnType, boolean isRequired) {
    private static final String TOKENS = "tokens, and with them costs, are missing";
    private static final String VALUES = "some values of executions and stages are missing";

    /** Returns class and method for messages. */
    public String displayName() {
      return simpleName(className) + "#" + method + "()";
    }

    /** Says for users what is missing without it. */
    public String loss() {
      return displayName().toLowerCase(Locale.ROOT).contains("usage") ? TOKENS : VALUES;
    }
  }

  /** Reads of several classes in one list. */
  public static List<Read> reads(Read... reads) {
    return List.of(reads);
  }
}
