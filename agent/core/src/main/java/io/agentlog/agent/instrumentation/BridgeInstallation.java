package io.agentlog.agent.instrumentation;

import io.agentlog.log.AgentLog;
import java.io.File;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.instrument.Instrumentation;
import java.lang.invoke.MethodHandles;
import java.util.Map;
import java.util.Set;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Defines the bridge as {@code java.lang.AgentlogBridge}. Every class loader sees it there, because
 * all loaders delegate {@code java.*} and every module reads {@code java.base}. A jar on the boot
 * class path would disable the application's shared class archives and cause a warning, and some
 * loaders of application servers would not see it.
 *
 * <p>Neither this class nor code that runs before it may refer to the bridge class, which does not
 * exist until {@link #install} returns.
 *
 * <p>Afterwards {@code java.lang} stays open to the agent's module, and to it alone.
 */
public final class BridgeInstallation {
  /** Result of the installation. */
  public enum Outcome {
    /** The bridge is {@code java.lang.AgentlogBridge}. */
    DEFINED,
    /** The bridge is {@value #APPENDED_NAME} on the boot class path, because the VM refused. */
    APPENDED,
    /** Another agentlog has installed its bridge, so this one must withdraw. */
    ALREADY_PRESENT,
    /** The agent and the bridge run from plain class files, as in unit tests. */
    ON_CLASS_PATH
  }

  static final String DEFINED_NAME = "java.lang.AgentlogBridge";
  static final String APPENDED_NAME = "io.agentlog.bridge.AgentlogBridge";

  /**
   * System property that makes the agent append the bridge, as if the VM had refused it in {@code
   * java.lang}; for tests only, therefore not named like an option.
   */
  static final String APPEND_PROPERTY = "io.agentlog.bridge.append";

  private static final String RESOURCE = "bridge/AgentlogBridge.class";

  /** Ends the name of the class that woven methods of frameworks call, after the bridge's. */
  private static final String FRAMEWORKS = "ForFrameworks";

  private static final String FRAMEWORK_RESOURCE = "bridge/AgentlogBridge" + FRAMEWORKS + ".class";

  private static boolean frameworkBridgeIsDefined;

  private BridgeInstallation() {}

  /**
   * Installs the bridge. Logs one line unless the outcome is {@code DEFINED} or {@code
   * ON_CLASS_PATH}.
   *
   * @throws Exception if the bridge can't be installed; the agent can't run then
   */
  public static Outcome install(Instrumentation instrumentation) throws Exception {
    ClassLoader loader = BridgeInstallation.class.getClassLoader();
    byte[] bridge = read(loader, RESOURCE);
    if (bridge.length == 0) {
      return Outcome.ON_CLASS_PATH;
    }
    if (isPresent()) {
      return withdraw();
    }
    String reason;
    try {
      openJavaLang(instrumentation);
      if (!Boolean.getBoolean(APPEND_PROPERTY)) {
        MethodHandles.privateLookupIn(Object.class, MethodHandles.lookup()).defineClass(bridge);
        return Outcome.DEFINED;
      }
      reason = APPEND_PROPERTY + " is set";
    } catch (IllegalAccessException | RuntimeException | LinkageError e) {
      if (isPresent()) {
        return withdraw(); // The other agent was faster.
      }
      reason = AgentLog.describe(e);
    }
    append(instrumentation, loader);
    AgentLog.warn(
        "bridge",
        ("this VM refuses a class in java.lang (%s), so the bridge was appended to the boot class"
                + " path. Shared class archives may be off. In OSGi, delegate io.agentlog.bridge to"
                + " the boot loader")
            .formatted(reason));
    return Outcome.APPENDED;
  }

  private static Outcome withdraw() {
    AgentLog.warn(
        "bridge",
        "another agentlog is already active in this JVM; this one withdraws. Keep one of the two");
    return Outcome.ALREADY_PRESENT;
  }

  private static boolean isPresent() {
    return isBootClass(DEFINED_NAME) || isBootClass(APPENDED_NAME);
  }

  private static boolean isBootClass(String name) {
    try {
      Class.forName(name, false, null);
      return true;
    } catch (ClassNotFoundException e) {
      return false;
    }
  }

  private static void openJavaLang(Instrumentation instrumentation) {
    instrumentation.redefineModule(
        Object.class.getModule(),
        Set.of(),
        Map.of(),
        Map.of("java.lang", Set.of(BridgeInstallation.class.getModule())),
        Set.of(),
        Map.of());
  }

  /**
   * Appends the bridge to the boot class path. Its name differs there, because the boot loader
   * looks for {@code java.lang} in {@code java.base} alone. The agent's loader renames all
   * references to the bridge when it reads a class file.
   */
  private static void append(Instrumentation instrumentation, ClassLoader loader) throws Exception {
    String name = APPENDED_NAME.replace('.', '/');
    loader // Its class belongs to the application's loader and is unknown here.
        .getClass()
        .getMethod("rename", String.class, String.class)
        .invoke(loader, DEFINED_NAME.replace('.', '/'), name);
    File file = File.createTempFile("agentlog-bridge-", ".jar");
    file.deleteOnExit();
    restrictToOwner(file);
    try (ZipOutputStream jar = new ZipOutputStream(new FileOutputStream(file))) {
      jar.putNextEntry(new ZipEntry(name + ".class"));
      jar.write(read(loader, RESOURCE)); // The class file has its new name now.
      jar.putNextEntry(new ZipEntry(name + FRAMEWORKS + ".class"));
      jar.write(read(loader, FRAMEWORK_RESOURCE));
    }
    try (JarFile jar = new JarFile(file)) {
      instrumentation.appendToBootstrapClassLoaderSearch(jar);
    }
    if (!isBootClass(APPENDED_NAME)) {
      throw new IOException("this VM does not find the bridge in " + file);
    }
  }

  private static void restrictToOwner(File file) throws IOException {
    boolean restricted = file.setReadable(false, false) && file.setWritable(false, false);
    if (!restricted || !file.setReadable(true, true) || !file.setWritable(true, true)) {
      throw new IOException("the permissions of " + file + " can't be restricted to its owner");
    }
  }

  /**
   * Defines the bridge of frameworks, beside the installed one. Does nothing if it is there. Before
   * the first use of that class.
   *
   * @throws IllegalStateException if this VM refuses it
   */
  static synchronized void defineFrameworkBridge() {
    if (frameworkBridgeIsDefined) {
      return;
    }
    try {
      byte[] bridge = read(BridgeInstallation.class.getClassLoader(), FRAMEWORK_RESOURCE);
      if (bridge.length > 0 && isBootClass(DEFINED_NAME)) {
        MethodHandles.privateLookupIn(Object.class, MethodHandles.lookup()).defineClass(bridge);
      }
      frameworkBridgeIsDefined = true;
    } catch (IOException | IllegalAccessException e) {
      throw new IllegalStateException("the bridge of frameworks can't be defined", e);
    }
  }

  /** Returns a bridge's class file from the agent's jar; empty without such a jar. */
  private static byte[] read(ClassLoader loader, String resource) throws IOException {
    try (InputStream in = loader.getResourceAsStream(resource)) {
      return in == null ? new byte[0] : in.readAllBytes();
    }
  }
}
