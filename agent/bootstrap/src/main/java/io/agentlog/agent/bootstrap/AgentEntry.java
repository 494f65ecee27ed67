package io.agentlog.agent.bootstrap;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.lang.instrument.Instrumentation;
import java.lang.reflect.InvocationTargetException;
import java.net.URL;
import java.security.CodeSource;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Entry point of the JVM into the agent: {@code -javaagent}, attach, and {@code java -jar}.
 *
 * <p>Decides whether the agent may run in this JVM, then hands over to {@code
 * io.agentlog.agent.Agent} behind the isolated loader. Throws nothing into the JVM; an agent that
 * can't start prints one line.
 */
public final class AgentEntry {
  private static final int JAVA_VERSION_MIN = 17;
  private static final String AGENT_CLASS = "io.agentlog.agent.Agent";
  private static final String COMMAND_LINE_CLASS = "io.agentlog.agent.command.CommandLine";
  private static final int EXIT_USAGE = 2;
  private static final String USAGE =
      "agentlog is a Java agent. Start the application with it:\n"
          + "  java -javaagent:agentlog.jar[=KEY=VALUE,...] -jar application.jar\n"
          + "docs/configuration.md lists the keys, docs/operations.md the commands.";

  private AgentEntry() {}

  /** Starts the agent; the JVM calls this before the application's {@code main}. */
  public static void premain(@Nullable String arguments, Instrumentation instrumentation) {
    start(arguments, instrumentation, false);
  }

  /** Starts the agent; the JVM calls this when the agent is attached to a running application. */
  public static void agentmain(@Nullable String arguments, Instrumentation instrumentation) {
    start(arguments, instrumentation, true);
  }

  /** Runs the command line {@code java -jar agentlog.jar COMMAND}. */
  public static void main(String[] arguments) {
    System.exit(command(arguments));
  }

  private static void start(
      @Nullable String arguments, Instrumentation instrumentation, boolean attachedLate) {
    try {
      if (isJdkTool() || !isEnabled(arguments)) {
        return;
      }
      String tooOld = tooOld(System.getProperty("java.specification.version", "0"));
      if (tooOld != null) {
        print(tooOld + ". The application runs without the agent");
        return;
      }
      if (isAgentThere()) {
        print(
            "another agentlog is already active in this JVM; this one withdraws. Keep one of the"
                + " two");
        return;
      }
      AgentClassLoader.open(ownJar())
          .loadClass(AGENT_CLASS)
          .getMethod("start", String.class, Instrumentation.class, boolean.class)
          .invoke(null, arguments, instrumentation, attachedLate);
    } catch (Throwable t) { // Not Exception: a LinkageError must not stop the application either.
      print("did not start; the application runs without the agent: " + describe(t));
    }
  }

  private static int command(String[] arguments) {
    String tooOld = tooOld(System.getProperty("java.specification.version", "0"));
    if (tooOld != null) {
      print(tooOld);
      return EXIT_USAGE;
    }
    try {
      AgentClassLoader loader = AgentClassLoader.open(ownJar());
      if (!loader.holds(COMMAND_LINE_CLASS)) {
        System.err.println(USAGE);
        return EXIT_USAGE;
      }
      Thread.currentThread().setContextClassLoader(loader); // No application runs in this JVM.
      Object exitCode =
          loader
              .loadClass(COMMAND_LINE_CLASS)
              .getMethod("main", String[].class)
              .invoke(null, (Object) arguments);
      return exitCode instanceof Integer ? (Integer) exitCode : 0;
    } catch (Throwable t) {
      print("the command failed: " + describe(t));
      return 1;
    }
  }

  /**
   * Returns whether this JVM is one of the JDK's own tools, which load the agent if {@code
   * JAVA_TOOL_OPTIONS} names it. A program run by the source launcher ({@code java Main.java}) is
   * an application although its main module is the compiler.
   */
  private static boolean isJdkTool() {
    String command = System.getProperty("sun.java.command", "");
    if (command.startsWith("jdk.compiler/com.sun.tools.javac.launcher.")) {
      return false;
    }
    if (System.getProperty("java.specification.version", "").startsWith("1.")) {
      return command.startsWith("com.sun.tools.") || command.startsWith("sun."); // No modules.
    }
    String module = System.getProperty("jdk.module.main", "");
    if (module.startsWith("jdk.") || module.startsWith("java.")) {
      return isInJdk(module, "module-info");
    }
    return command.startsWith("jdk.jshell.execution.") // Runs jshell's snippets.
        && isInJdk("jdk.jshell", command.split(" ", 2)[0].replace('.', '/'));
  }

  /** Returns whether the JVM's own image has a class: an application may have any name. */
  private static boolean isInJdk(String module, String name) {
    try (InputStream in = new URL("jrt:/" + module + "/" + name + ".class").openStream()) {
      return in.read() >= 0;
    } catch (IOException e) {
      return false;
    }
  }

  /** Reads the kill switch before anything is loaded. One place that is off is enough. */
  private static boolean isEnabled(@Nullable String arguments) {
    return !isOff(argument(arguments, "enabled"))
        && !isOff(System.getProperty("agentlog.enabled"))
        && !isOff(System.getenv("AGENTLOG_ENABLED"));
  }

  private static boolean isOff(@Nullable String text) {
    if (text == null) {
      return false;
    }
    String value = text.trim().toLowerCase(Locale.ROOT);
    return value.equals("false") || value.equals("no") || value.equals("off") || value.equals("0");
  }

  /** Reads one agent argument by the rules of {@code config.AgentArguments}, quotes included. */
  static @Nullable String argument(@Nullable String arguments, String key) {
    int at = 0;
    while (arguments != null && at < arguments.length()) {
      int equals = arguments.indexOf('=', at);
      String written = equals < 0 ? "" : arguments.substring(at, equals).trim();
      StringBuilder value = new StringBuilder();
      at = readValue(arguments, isKey(written) ? equals + 1 : at, isKey(written), value);
      if (written.equals(key)) {
        return value.toString();
      }
    }
    return null;
  }

  private static boolean isKey(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
      if (!letter && (i == 0 || "0123456789._-".indexOf(c) < 0)) {
        return false;
      }
    }
    return !text.isEmpty();
  }

  /**
   * Reads up to the next comma outside quotes.
   *
   * @param mayBeQuoted false for a piece that goes on with the value before it
   * @return the position after the comma
   */
  private static int readValue(String text, int start, boolean mayBeQuoted, StringBuilder value) {
    int at = start;
    int first = start;
    while (first < text.length() && Character.isWhitespace(text.charAt(first))) {
      first++;
    }
    char quote = 0;
    if (mayBeQuoted && first < text.length() && "'\"".indexOf(text.charAt(first)) >= 0) {
      quote = text.charAt(first);
      at = first + 1;
    }
    while (at < text.length()) {
      char c = text.charAt(at++);
      if (c == '\\' && at < text.length() && ",'\"\\".indexOf(text.charAt(at)) >= 0) {
        value.append(text.charAt(at++));
      } else if (quote != 0 && c == quote) {
        quote = 0;
      } else if (quote == 0 && c == ',') {
        return at;
      } else {
        value.append(c);
      }
    }
    return at;
  }

  /** Spares a second agent opening its jar. If two start at once, the bridge decides. */
  private static boolean isAgentThere() {
    return isBootClass("java.lang.AgentlogBridge")
        || isBootClass("io.agentlog.bridge.AgentlogBridge");
  }

  private static boolean isBootClass(String name) {
    try {
      Class.forName(name, false, null);
      return true;
    } catch (ClassNotFoundException e) {
      return false;
    }
  }

  private static File ownJar() throws Exception {
    CodeSource source = AgentEntry.class.getProtectionDomain().getCodeSource();
    if (source == null || !"file".equals(source.getLocation().getProtocol())) {
      throw new AgentJarException(
          "it was not loaded from its own jar file"
              + (source == null ? "" : " but from " + source.getLocation())
              + ". Name the shipped agentlog.jar in -javaagent");
    }
    return new File(source.getLocation().toURI());
  }

  /** Returns a message if a JVM of that specification version is too old; otherwise null. */
  static @Nullable String tooOld(String specificationVersion) {
    int version =
        Integer.parseInt(
            specificationVersion.startsWith("1.")
                ? specificationVersion.substring(2)
                : specificationVersion);
    return version >= JAVA_VERSION_MIN
        ? null
        : "agentlog needs Java " + JAVA_VERSION_MIN + " or later; this JVM runs Java " + version;
  }

  private static String describe(Throwable thrown) {
    Throwable cause = thrown;
    if (thrown instanceof InvocationTargetException && thrown.getCause() != null) {
      cause = thrown.getCause();
    }
    if (cause instanceof AgentJarException) {
      return String.valueOf(cause.getMessage());
    }
    return cause.toString();
  }

  private static void print(String message) {
    StringBuilder line = new StringBuilder("[agentlog] agent - ");
    for (int i = 0; i < message.length(); i++) {
      char c = message.charAt(i);
      line.append(Character.isISOControl(c) ? ' ' : c); // Keeps the message on one line.
    }
    System.err.println(line);
  }
}
