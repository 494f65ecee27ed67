package io.agentlog.agent.bootstrap;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.security.CodeSource;
import java.security.ProtectionDomain;
import java.security.cert.Certificate;
import java.util.Collections;
import java.util.Enumeration;
import java.util.jar.Attributes;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;

/**
 * Holds the agent and its libraries, apart from the application.
 *
 * <p>Child first over the renamed class files of the agent's jar ({@code agentlog/a/B.classdata} is
 * class {@code a.B}); parent is the platform loader, so that nothing of the application's class
 * path is ever seen. Packages {@code java.*}, the bridge among them, come from the parent.
 *
 * <p>The jar is opened once and stays open: a jar that is moved or replaced on disk goes on serving
 * classes. Its signature and URL cache play no part.
 *
 * <p><b>Threads:</b> any; parallel capable.
 */
public final class AgentClassLoader extends ClassLoader {
  static final String PAYLOAD = "agentlog/";
  static final String CLASS_SUFFIX = ".classdata";
  private static final String CLASS_RESOURCE_SUFFIX = ".class";
  private static final String SERVICES = "META-INF/services/";
  private static final String PLATFORM_LOADER =
      "jdk.internal.loader.ClassLoaders$PlatformClassLoader";
  private static final String AGENT_PACKAGE = "io.agentlog.";

  static {
    registerAsParallelCapable();
  }

  private final ZipFile jar;
  private final String version;
  private final ProtectionDomain domain;
  private volatile @Nullable ClassFileNames names; // Null: class files are taken as they are.

  private AgentClassLoader(ZipFile jar, String version, URL location, ClassLoader parent) {
    super(parent);
    this.jar = jar;
    this.version = version;
    this.domain =
        new ProtectionDomain(new CodeSource(location, (Certificate[]) null), null, this, null);
  }

  /**
   * Opens the agent's jar.
   *
   * @throws AgentJarException if it is not the jar that was shipped
   * @throws IOException if it can't be read
   */
  static AgentClassLoader open(File file) throws Exception {
    if (file.isDirectory()) {
      throw new AgentJarException(
          "its classes were unpacked into " + file + ". Name the agentlog.jar that was shipped");
    }
    ZipFile jar = new ZipFile(file);
    try {
      return new AgentClassLoader(
          jar, checkedVersion(jar, file), file.toURI().toURL(), platformLoader());
    } catch (Throwable t) {
      jar.close();
      throw t;
    }
  }

  /** Returns whether the agent's jar holds the class. */
  boolean holds(String className) {
    return jar.getEntry(entryName(className)) != null;
  }

  /**
   * Gives a class another name in every class file that is read from now on; for the VM on which
   * the bridge can't have its usual one.
   *
   * @param from internal name, with slashes
   * @param to internal name, with slashes
   */
  public void rename(String from, String to) {
    names = new ClassFileNames(from, to);
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    synchronized (getClassLoadingLock(name)) {
      Class<?> loaded = findLoadedClass(name);
      if (loaded == null) {
        ZipEntry entry = name.startsWith("java.") ? null : jar.getEntry(entryName(name));
        loaded = entry == null ? getParent().loadClass(name) : define(name, entry);
      }
      if (resolve) {
        resolveClass(loaded);
      }
      return loaded;
    }
  }

  private Class<?> define(String name, ZipEntry entry) throws ClassNotFoundException {
    byte[] classFile;
    try {
      classFile = classFile(entry);
    } catch (IOException | IllegalStateException e) {
      throw new ClassNotFoundException(name + " can't be read from " + jar.getName(), e);
    }
    if (name.startsWith(AGENT_PACKAGE)) {
      definePackageOf(name);
    }
    return defineClass(name, classFile, 0, classFile.length, domain);
  }

  /** So that {@code Package.getImplementationVersion()} answers; libraries do without. */
  private void definePackageOf(String className) {
    String packageName = className.substring(0, className.lastIndexOf('.'));
    try {
      definePackage(packageName, null, null, null, "agentlog", version, null, null);
    } catch (IllegalArgumentException e) {
      // Another class of it was there first.
    }
  }

  @Override
  public @Nullable URL getResource(String name) {
    URL own = findResource(name);
    return own != null || isOwnAlone(name) ? own : getParent().getResource(name);
  }

  @Override
  public Enumeration<URL> getResources(String name) throws IOException {
    URL own = findResource(name);
    if (own != null) {
      return Collections.enumeration(Collections.singletonList(own));
    }
    return isOwnAlone(name) ? Collections.<URL>emptyEnumeration() : getParent().getResources(name);
  }

  /** Without a URL in between: this is how libraries read their settings. */
  @Override
  public @Nullable InputStream getResourceAsStream(String name) {
    ZipEntry entry = resourceEntry(name);
    if (entry == null) {
      return isOwnAlone(name) ? null : getParent().getResourceAsStream(name);
    }
    try {
      return stream(name, entry);
    } catch (IOException | IllegalStateException e) {
      return null; // The contract of the method.
    }
  }

  @Override
  protected @Nullable URL findResource(String name) {
    ZipEntry entry = resourceEntry(name);
    if (entry == null) {
      return null;
    }
    try {
      return PayloadUrl.of(this, name);
    } catch (IOException e) {
      return null;
    }
  }

  @Override
  protected Enumeration<URL> findResources(String name) {
    URL own = findResource(name);
    return own == null
        ? Collections.<URL>emptyEnumeration()
        : Collections.enumeration(Collections.singletonList(own));
  }

  /** Opens a resource of the payload by its name as libraries know it. */
  InputStream open(String name) throws IOException {
    ZipEntry entry = resourceEntry(name);
    if (entry == null) {
      throw new IOException("no " + name + " in " + jar.getName());
    }
    return stream(name, entry);
  }

  private InputStream stream(String name, ZipEntry entry) throws IOException {
    return name.endsWith(CLASS_RESOURCE_SUFFIX)
        ? new ByteArrayInputStream(classFile(entry))
        : jar.getInputStream(entry);
  }

  private @Nullable ZipEntry resourceEntry(String name) {
    if (name.endsWith(CLASS_RESOURCE_SUFFIX)) {
      int end = name.length() - CLASS_RESOURCE_SUFFIX.length();
      return jar.getEntry(PAYLOAD + name.substring(0, end) + CLASS_SUFFIX);
    }
    return jar.getEntry(PAYLOAD + name);
  }

  /**
   * A service is provided by the agent or not at all: what others offer is not for its libraries.
   */
  private static boolean isOwnAlone(String name) {
    return name.startsWith(SERVICES);
  }

  private byte[] classFile(ZipEntry entry) throws IOException {
    byte[] bytes = new byte[(int) entry.getSize()];
    try (DataInputStream in = new DataInputStream(jar.getInputStream(entry))) {
      in.readFully(bytes);
    }
    ClassFileNames renamed = names;
    return renamed == null ? bytes : renamed.applyTo(bytes);
  }

  private static String entryName(String className) {
    return PAYLOAD + className.replace('.', '/') + CLASS_SUFFIX;
  }

  /** Returns the agent's version, once it is certain that this is the jar that was shipped. */
  private static String checkedVersion(ZipFile jar, File file) throws IOException {
    String entryClass = AgentEntry.class.getName();
    ZipEntry entry = jar.getEntry("META-INF/MANIFEST.MF");
    Attributes attributes = new Attributes();
    if (entry != null) {
      try (InputStream in = jar.getInputStream(entry)) {
        attributes = new Manifest(in).getMainAttributes();
      }
    }
    if (!entryClass.equals(attributes.getValue("Premain-Class"))
        || !entryClass.equals(attributes.getValue("Main-Class"))
        || jar.getEntry(entryName("io.agentlog.agent.Agent")) == null) {
      throw new AgentJarException(
          "its classes were merged into "
              + file
              + ". Keep agentlog out of the application's jar and name the agentlog.jar that was"
              + " shipped in -javaagent");
    }
    String version = attributes.getValue("Implementation-Version");
    return version == null ? "unknown" : version;
  }

  /**
   * The last before the boot loader. Java 8, whose class files these are, had no method that gives
   * it; to call that by reflection has the JDK read annotations, which takes 15 ms of a start.
   */
  private static ClassLoader platformLoader() throws Exception {
    ClassLoader last = ClassLoader.getSystemClassLoader();
    for (ClassLoader next = last; next != null; next = next.getParent()) {
      last = next;
    }
    return last.getClass().getName().equals(PLATFORM_LOADER)
        ? last // Not so under a system loader of the application's that has no parent.
        : (ClassLoader) ClassLoader.class.getMethod("getPlatformClassLoader").invoke(null);
  }
}
