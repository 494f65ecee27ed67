package io.agentlog.agent;

import io.agentlog.agent.ops.AgentLog;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.Enumeration;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * Loads the agent's own classes that deliver events, those of failures among them, which else would
 * be loaded at the first failure.
 *
 * <p>A class whose initialisation fails for want of memory is unusable for the life of the JVM. So
 * an application that runs out of memory and recovers would leave a sink behind that can't even say
 * that it is down.
 */
final class OwnClasses {
  private static final String ROOT = "agentlog/io/agentlog/agent/";
  private static final String SUFFIX = ".classdata";

  private OwnClasses() {}

  /**
   * Loads and initialises the classes of these packages, without those below them. Never throws.
   *
   * @param packages relative to the agent's, with slashes: {@code sink/postgres}
   */
  static void initialize(List<String> packages) {
    CodeSource source = OwnClasses.class.getProtectionDomain().getCodeSource();
    if (source == null) {
      return;
    }
    try (ZipFile jar = new ZipFile(Path.of(source.getLocation().toURI()).toFile())) {
      for (Enumeration<? extends ZipEntry> all = jar.entries(); all.hasMoreElements(); ) {
        String name = all.nextElement().getName();
        int end = name.lastIndexOf('/');
        if (name.startsWith(ROOT)
            && name.endsWith(SUFFIX)
            && end >= ROOT.length()
            && packages.contains(name.substring(ROOT.length(), end))) {
          initialize(name.substring("agentlog/".length(), name.length() - SUFFIX.length()));
        }
      }
    } catch (IOException | URISyntaxException | IllegalArgumentException e) {
      AgentLog.debug("agent", "classes are loaded when needed: " + AgentLog.describe(e));
    }
  }

  private static void initialize(String internalName) {
    try {
      Class.forName(internalName.replace('/', '.'), true, OwnClasses.class.getClassLoader());
    } catch (ClassNotFoundException | LinkageError e) { // As without this.
      AgentLog.debug("agent", internalName + " is not usable here: " + AgentLog.describe(e));
    }
  }
}
