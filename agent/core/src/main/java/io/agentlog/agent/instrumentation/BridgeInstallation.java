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
 * Puts the bridge where every class loader sees it: as {@code java.lang.AgentlogBridge}, since all
 * of them delegate {@code java.*} and every module reads {@code java.base}. Appending a jar to the
 * boot class path instead costs the application its shared archives and a warning, and loaders of
 * application servers look past it.
 *
 * <p>Neither this class nor what runs before it may refer to the bridge class, which does not exist
 * until {@link #install} returns.
 *
 * <p>Afterwards {@code java.lang} stays open to the agent's module, and to it alone.
 */
public final class BridgeInstallation {
  /** What became of the bridge. */
  public enum Outcome {
    /** It is {@code java.lang.AgentlogBridge}. */
    DEFINED,
    /** The VM refused that; it is {@value #APPENDED_NAME}, appended to the boot class path. */
    APPENDED,
    /** Another agentlog has put it there: this one has to withdraw. */
    ALREADY_PRESENT,
    /** The agent runs from plain class files, the bridge among them, as unit tests do. */
    ON_CLASS_PATH
  }

  static final String DEFINED_NAME = "java.lang.AgentlogBridge";
  static final String APPENDED_NAME = "io.agentlog.bridge.AgentlogBridge";

  /**
   * System property that takes the way of a VM that refuses the definition; for tests, and so named
   * like no option.
   */
  static final String APPEND_PROPERTY = "io.agentlog.bridge.append";

  private static final String RESOURCE = "bridge/AgentlogBridge.class";

  private BridgeInstallation() {}

  /**
   * Installs the bridge; says so in one line when it is not where it should be.
   *
   * @throws Exception if there is no way to install it; the agent can't run then
   */
  public static Outcome install(Instrumentation instrumentation) throws Exception {
    ClassLoader loader = BridgeInstallation.class.getClassLoader();
    byte[] bridge = read(loader);
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
        return withdraw(); // The other one was faster.
      }
      reason = AgentLog.describe(e);
    }
    append(instrumentation, loader);
    AgentLog.warn(
        "bridge",
        ("this VM takes no class into java.lang (%s): the bridge was appended to the boot class path."
                + " Shared class archives may be off, and OSGi needs io.agentlog.bridge delegated")
            .formatted(reason));
    return Outcome.APPENDED;
  }

  private static Outcome withdraw() {
    AgentLog.warn("bridge", "another agentlog is already active in this JVM: this one withdraws");
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
   * The boot loader looks for {@code java.lang} in {@code java.base} alone, never in an appended
   * jar, so the bridge gets another name there, and so do all references to it: the agent's loader
   * renames them as it reads.
   */
  private static void append(Instrumentation instrumentation, ClassLoader loader) throws Exception {
    String name = APPENDED_NAME.replace('.', '/');
    loader // Its class is the application loader's, unknown here.
        .getClass()
        .getMethod("rename", String.class, String.class)
        .invoke(loader, DEFINED_NAME.replace('.', '/'), name);
    File file = File.createTempFile("agentlog-bridge-", ".jar");
    file.deleteOnExit();
    restrictToOwner(file);
    try (ZipOutputStream jar = new ZipOutputStream(new FileOutputStream(file))) {
      jar.putNextEntry(new ZipEntry(name + ".class"));
      jar.write(read(loader)); // Under its new name now.
    }
    try (JarFile jar = new JarFile(file)) {
      instrumentation.appendToBootstrapClassLoaderSearch(jar);
    }
    if (!isBootClass(APPENDED_NAME)) {
      throw new IOException("the VM does not see the bridge in " + file);
    }
  }

  private static void restrictToOwner(File file) throws IOException {
    boolean restricted = file.setReadable(false, false) && file.setWritable(false, false);
    if (!restricted || !file.setReadable(true, true) || !file.setWritable(true, true)) {
      throw new IOException("the permissions of " + file + " can't be set");
    }
  }

  /** Returns the bridge's class file from the agent's jar; empty when there is no such jar. */
  private static byte[] read(ClassLoader loader) throws IOException {
    try (InputStream in = loader.getResourceAsStream(RESOURCE)) {
      return in == null ? new byte[0] : in.readAllBytes();
    }
  }
}
