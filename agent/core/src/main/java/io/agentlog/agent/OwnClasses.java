package io.agentlog.agent;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.agentlog.agent.delivery.SinkPipeline;
import io.agentlog.agent.journal.Journal;
import io.agentlog.event.Event;
import io.agentlog.files.PrivateFolder;
import io.agentlog.json.EventJsonWriter;
import io.agentlog.log.AgentLog;
import io.agentlog.sink.Sink;
import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.ArrayList;
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

  /** Ends the names of files that list the classes of a pack, one a line. */
  private static final String LIST_SUFFIX = ".classes";

  private OwnClasses() {}

  /** Initialises the classes that an event passes on its way from the journal to the sinks. */
  static void initializeDelivery(List<Sink> sinks) {
    List<Class<?>> anchors =
        new ArrayList<>(
            List.of(
                Event.class,
                EventJsonWriter.class,
                Journal.class,
                PrivateFolder.class,
                SinkPipeline.class,
                Sink.class));
    sinks.forEach(sink -> anchors.add(sink.getClass()));
    initialize(anchors);
  }

  /**
   * Loads and initialises all classes in the packages of the given classes, but not those of
   * packages below them. Throws only for lack of memory. Does nothing unless the agent runs from
   * its jar.
   *
   * @param anchors one class of each package
   */
  private static void initialize(List<Class<?>> anchors) {
    CodeSource source = OwnClasses.class.getProtectionDomain().getCodeSource();
    if (source == null) {
      return;
    }
    Set<String> folders =
        anchors.stream()
            .map(anchor -> ROOT + anchor.getPackageName().replace('.', '/'))
            .collect(Collectors.toSet());
    try (ZipFile jar = new ZipFile(Path.of(source.getLocation().toURI()).toFile())) {
      for (String name : classesIn(jar)) {
        if (folders.contains(ROOT + name.substring(0, Math.max(0, name.lastIndexOf('/'))))) {
          initialize(name);
        }
      }
    } catch (IOException | URISyntaxException | IllegalArgumentException e) {
      AgentLog.debug("agent", "classes are loaded when needed: " + AgentLog.describe(e));
    }
  }

  /** Returns internal names: of entries, and those that the lists of packs name. */
  private static List<String> classesIn(ZipFile jar) throws IOException {
    List<String> names = new ArrayList<>();
    for (Enumeration<? extends ZipEntry> all = jar.entries(); all.hasMoreElements(); ) {
      ZipEntry entry = all.nextElement();
      String name = entry.getName();
      if (name.startsWith(ROOT) && name.endsWith(SUFFIX)) {
        names.add(name.substring(ROOT.length(), name.length() - SUFFIX.length()));
      } else if (name.startsWith(ROOT) && name.endsWith(LIST_SUFFIX)) {
        try (InputStream in = jar.getInputStream(entry)) {
          names.addAll(List.of(new String(in.readAllBytes(), UTF_8).split("\n", -1)));
        }
      }
    }
    return names;
  }

  private static void initialize(String internalName) {
    try {
      Class.forName(internalName.replace('/', '.'), true, OwnClasses.class.getClassLoader());
    } catch (ClassNotFoundException | LinkageError e) { // Loading fails later in the same way.
      AgentLog.debug("agent", internalName + " is not usable here: " + AgentLog.describe(e));
    }
  }
}
