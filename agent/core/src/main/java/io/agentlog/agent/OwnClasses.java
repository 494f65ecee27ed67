package io.agentlog.agent;

import io.agentlog.log.AgentLog;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.Enumeration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * Loads the classes that deliver events before a failure needs them.
 *
 * <p>A class whose initialisation fails for lack of memory is unusable for the life of the JVM.
 * Otherwise an application that ran out of memory and recovered would keep a sink that can't even
 * report that it is down.
 */
final class OwnClasses {
  /** The folder of the agent's jar that holds the classes of the isolated loader. */
  private static final String ROOT = "agentlog/";

  private static final String SUFFIX = ".classdata";

  private OwnClasses() {}

  /**
   * Loads and initialises all classes in the packages of the given classes, but not those of
   * packages below them. Throws only for lack of memory. Does nothing unless the agent runs from
   * its jar.
   *
   * @param anchors one class of each package
   */
  static void initialize(List<Class<?>> anchors) {
    CodeSource source = OwnClasses.class.getProtectionDomain().getCodeSource();
    if (source == null) {
      return;
    }
    Set<String> folders =
        anchors.stream()
            .map(anchor -> ROOT + anchor.getPackageName().replace('.', '/'))
            .collect(Collectors.toSet());
    try (ZipFile jar = new ZipFile(Path.of(source.getLocation().toURI()).toFile())) {
      for (Enumeration<? extends ZipEntry> all = jar.entries(); all.hasMoreElements(); ) {
        String name = all.nextElement().getName();
        int end = name.lastIndexOf('/');
        if (end > 0 && name.endsWith(SUFFIX) && folders.contains(name.substring(0, end))) {
          initialize(name.substring(ROOT.length(), name.length() - SUFFIX.length()));
        }
      }
    } catch (IOException | URISyntaxException | IllegalArgumentException e) {
      AgentLog.debug("agent", "classes are loaded when needed: " + AgentLog.describe(e));
    }
  }

  private static void initialize(String internalName) {
    try {
      Class.forName(internalName.replace('/', '.'), true, OwnClasses.class.getClassLoader());
    } catch (ClassNotFoundException | LinkageError e) { // Loading fails later in the same way.
      AgentLog.debug("agent", internalName + " is not usable here: " + AgentLog.describe(e));
    }
  }
}
