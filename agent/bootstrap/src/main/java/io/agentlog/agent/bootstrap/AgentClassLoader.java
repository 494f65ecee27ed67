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
 * Loads the agent and its libraries apart from the application.
 *
 * <p>Searches first the class files of the agent's jar, in its {@linkplain ClassPacks packs} and
 * under their names ({@code agentlog/a/B.classdata} is class {@code a.B}), then the parent. The
 * parent is the platform loader, so that the application's class path is never seen. Packages
 * {@code java.*}, which hold the bridge, come from the parent.
 *
 * <p>The jar is opened once and stays open, so that classes can still be read after the file was
 * moved or replaced. The jar's signature is not checked and the URL cache is not used.
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
  private final ClassPacks packs;
  private final String version;
  private final ProtectionDomain domain;
  private volatile @Nullable ClassFileNames names; // Null: nothing is renamed.

  private AgentClassLoader(ZipFile jar, String version, URL location, ClassLoader parent) {
    super(parent);
    this.jar = jar;
    this.packs = new ClassPacks(jar);
    this.version = version;
    this.domain =
        new ProtectionDomain(new CodeSource(location, (Certificate[]) null), null, this, null);
  }

  /**
   * Opens the agent's jar.
   *
   * @throws AgentJarException if the file is not the shipped jar
   * @throws IOException if the file can't be read
   */
  static AgentClassLoader open(File file) throws Exception {
    if (file.isDirectory()) {
      throw new AgentJarException(
          "its classes were unpacked into "
              + file
              + ". Name the shipped agentlog.jar in -javaagent");
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

  /**
   * Returns whether the agent's jar holds the class.
   *
   * @throws IOException if the jar can't be read
   */
  boolean holds(String className) throws IOException {
    return classFile(className) != null;
  }

  /**
   * Renames a class in every class file that is read from now on, for a VM that refuses the
   * bridge's usual name.
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
        byte[] own = name.startsWith("java.") ? null : ownClassFile(name);
        loaded = own == null ? getParent().loadClass(name) : define(name, own);
      }
      if (resolve) {
        resolveClass(loaded);
      }
      return loaded;
    }
  }

  private byte @Nullable [] ownClassFile(String name) throws ClassNotFoundException {
    try {
      return classFile(name);
    } catch (IOException | IllegalStateException e) {
      throw new ClassNotFoundException(name + " can't be read from " + jar.getName(), e);
    }
  }

  private Class<?> define(String name, byte[] classFile) {
    if (name.startsWith(AGENT_PACKAGE)) {
      definePackageOf(name);
    }
    return defineClass(name, classFile, 0, classFile.length, domain);
  }

  /** Gives a package of the agent its version, for {@code Package.getImplementationVersion()}. */
  private void definePackageOf(String className) {
    String packageName = className.substring(0, className.lastIndexOf('.'));
    try {
      definePackage(packageName, null, null, null, "agentlog", version, null, null);
    } catch (IllegalArgumentException e) {
      // Another class has defined the package.
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

  /** Opens the entry without a URL, because libraries read their settings by this method. */
  @Override
  public @Nullable InputStream getResourceAsStream(String name) {
    try {
      InputStream own = stream(name);
      if (own != null) {
        return own;
      }
    } catch (IOException | IllegalStateException e) {
      return null; // As the method's contract demands.
    }
    return isOwnAlone(name) ? null : getParent().getResourceAsStream(name);
  }

  @Override
  protected @Nullable URL findResource(String name) {
    try (InputStream own = stream(name)) {
      return own == null ? null : PayloadUrl.of(this, name);
    } catch (IOException | IllegalStateException e) {
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

  /** Opens a resource of the payload by the name that libraries use. */
  InputStream open(String name) throws IOException {
    InputStream own = stream(name);
    if (own == null) {
      throw new IOException("resource " + name + " is missing in " + jar.getName());
    }
    return own;
  }

  private @Nullable InputStream stream(String name) throws IOException {
    if (name.endsWith(CLASS_RESOURCE_SUFFIX)) {
      int end = name.length() - CLASS_RESOURCE_SUFFIX.length();
      byte[] classFile = classFile(name.substring(0, end).replace('/', '.'));
      return classFile == null ? null : new ByteArrayInputStream(classFile);
    }
    ZipEntry entry = jar.getEntry(PAYLOAD + name);
    return entry == null ? null : jar.getInputStream(entry);
  }

  /**
   * Returns whether only the agent's jar may answer: its libraries must not find services of
   * others.
   */
  private static boolean isOwnAlone(String name) {
    return name.startsWith(SERVICES);
  }

  private byte @Nullable [] classFile(String className) throws IOException {
    byte[] bytes = packs.find(className);
    if (bytes == null) {
      ZipEntry entry = jar.getEntry(entryName(className));
      if (entry == null) {
        return null;
      }
      bytes = new byte[(int) entry.getSize()];
      try (DataInputStream in = new DataInputStream(jar.getInputStream(entry))) {
        in.readFully(bytes);
      }
    }
    ClassFileNames renamed = names;
    return renamed == null ? bytes : renamed.applyTo(bytes);
  }

  private static String entryName(String className) {
    return PAYLOAD + className.replace('.', '/') + CLASS_SUFFIX;
  }

  /** Checks that the jar is the shipped one, and returns the agent's version. */
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
        || jar.getEntry(ClassPacks.entryName(ClassPacks.START, 0)) == null) {
      throw new AgentJarException(
          "its classes were merged into "
              + file
              + ". Keep agentlog out of the application's jar and name the shipped agentlog.jar in"
              + " -javaagent");
    }
    String version = attributes.getValue("Implementation-Version");
    return version == null ? "unknown" : version;
  }

  /**
   * Returns the platform loader, the last one before the boot loader. This class is compiled for
   * Java 8, which has no method for it, and a reflective call costs 15 ms at start-up.
   */
  private static ClassLoader platformLoader() throws Exception {
    ClassLoader last = ClassLoader.getSystemClassLoader();
    for (ClassLoader next = last; next != null; next = next.getParent()) {
      last = next;
    }
    return last.getClass().getName().equals(PLATFORM_LOADER)
        ? last // Differs if the application's own system loader has no parent.
        : (ClassLoader) ClassLoader.class.getMethod("getPlatformClassLoader").invoke(null);
  }
}
