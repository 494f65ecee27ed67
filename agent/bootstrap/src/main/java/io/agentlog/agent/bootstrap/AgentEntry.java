package io.agentlog.agent.bootstrap;

import java.io.File;
import java.lang.instrument.Instrumentation;
import java.lang.reflect.InvocationTargetException;
import java.security.CodeSource;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Where the JVM enters the agent: {@code -javaagent}, attach, and {@code java -jar}.
 *
 * <p>Decides whether the agent may run here at all, then hands over to {@code
 * io.agentlog.agent.Agent} behind the isolated loader. Nothing is thrown into the JVM: an agent
 * that can't start prints one line.
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

  /** Called by the JVM before the application's {@code main}. */
  public static void premain(@Nullable String arguments, Instrumentation instrumentation) {
    start(arguments, instrumentation, false);
  }

  /** Called by the JVM when the agent is attached to a running application. */
  public static void agentmain(@Nullable String arguments, Instrumentation instrumentation) {
    start(arguments, instrumentation, true);
  }

  /** The command line: {@code java -jar agentlog.jar COMMAND}. */
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
        print(tooOld + ": the application runs without it");
        return;
      }
      if (isAgentThere()) {
        print("another agentlog is already active in this JVM: this one withdraws");
        return;
      }
      AgentClassLoader.open(ownJar())
          .loadClass(AGENT_CLASS)
          .getMethod("start", String.class, Instrumentation.class, boolean.class)
          .invoke(null, arguments, instrumentation, attachedLate);
    } catch (Throwable t) { // Not Exception: a LinkageError must not stop the application either.
      print("did not start, the application runs without it: " + describe(t));
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
      Thread.currentThread().setContextClassLoader(loader); // This JVM is ours alone.
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
   * Returns whether this JVM is one of the JDK's own tools, which load the agent when it stands in
   * {@code JAVA_TOOL_OPTIONS}. A program that the source launcher runs ({@code java Main.java}) is
   * an application although its main module is the compiler.
   */
  private static boolean isJdkTool() {
    String command = System.getProperty("sun.java.command", "");
    if (command.startsWith("jdk.compiler/com.sun.tools.javac.launcher.")) {
      return false;
    }
    String module = System.getProperty("jdk.module.main", "");
    return module.startsWith("jdk.")
        || module.startsWith("java.")
        || command.startsWith("jdk.jshell.execution.") // What jshell runs its snippets in.
        || command.startsWith("com.sun.tools.") // Java 8 has no modules.
        || command.startsWith("sun.");
  }

  /** The kill switch, before anything is loaded: one place that says "off" is enough. */
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

  private static @Nullable String argument(@Nullable String arguments, String key) {
    int start = 0;
    while (arguments != null && start < arguments.length()) {
      int comma = arguments.indexOf(',', start);
      int end = comma < 0 ? arguments.length() : comma;
      int equals = arguments.indexOf('=', start);
      if (equals >= 0 && equals < end && arguments.substring(start, equals).trim().equals(key)) {
        return arguments.substring(equals + 1, end);
      }
      start = end + 1;
    }
    return null;
  }

  /** Saves the second agent from opening its jar; two at once are told apart by the bridge. */
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
          "it was not loaded from a jar file of its own"
              + (source == null ? "" : " but from " + source.getLocation())
              + ". Name the agentlog.jar that was shipped in -javaagent");
    }
    return new File(source.getLocation().toURI());
  }

  /** Returns what keeps the agent out of a JVM of that specification version, or null. */
  static @Nullable String tooOld(String specificationVersion) {
    int version =
        Integer.parseInt(
            specificationVersion.startsWith("1.")
                ? specificationVersion.substring(2)
                : specificationVersion);
    return version >= JAVA_VERSION_MIN
        ? null
        : "agentlog needs Java " + JAVA_VERSION_MIN + " or later, this is " + version;
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
      line.append(Character.isISOControl(c) ? ' ' : c); // One line, whatever a message holds.
    }
    System.err.println(line);
  }
}
