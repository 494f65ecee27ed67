package io.agentlog.agent.instrumentation;

import io.agentlog.agent.capture.framework.FrameworkSpec;
import io.agentlog.agent.capture.framework.FrameworkVersions;
import io.agentlog.agent.capture.framework.UnsupportedFramework;
import io.agentlog.agent.instrumentation.FrameworkCheck.Findings;
import io.agentlog.agent.instrumentation.FrameworkHooks.Hook;
import io.agentlog.log.AgentLog;
import java.io.InputStream;
import java.lang.ref.WeakReference;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Tells the user which frameworks are recorded, and what is not recorded of a version that lacks
 * something: one line for each framework of a loader, never the same line twice.
 *
 * <p><b>Threads:</b> any thread notes; the agent's own checks and prints; any reads. <b>Limit:</b>
 * {@value #LINES_MAX} lines.
 */
final class FrameworkSightings {
  static final int LINES_MAX = 32;

  private static final String AREA = "frameworks";
  private static final int CLASS_FILE_BYTES_MAX = 8 << 20;

  private final LoaderMap<Set<String>> seen = new LoaderMap<>();
  private final Queue<Sighting> unchecked = new ConcurrentLinkedQueue<>();
  private final Queue<Hook> missingAtLoad = new ConcurrentLinkedQueue<>();
  private final List<FoundFramework> found = new CopyOnWriteArrayList<>();
  private final FrameworkVersions versions = new FrameworkVersions();
  private final Set<String> lines = ConcurrentHashMap.newKeySet();

  /** A framework in a loader that has not been looked at. */
  private record Sighting(WeakReference<ClassLoader> loader, FrameworkSpec framework) {}

  /** Notes that a loader defines a class of a framework. Does not ask the loader. */
  void note(ClassLoader loader, FrameworkSpec framework) {
    Set<String> ofLoader = seen.computeIfAbsent(loader, ConcurrentHashMap::newKeySet);
    if (!ofLoader.contains(framework.name()) && ofLoader.add(framework.name())) {
      unchecked.add(new Sighting(new WeakReference<>(loader), framework));
    }
  }

  /** Notes that a class was loaded without the method of a hook. */
  void noteMissing(Hook hook) {
    missingAtLoad.add(hook);
  }

  /** Returns the versions that were found, and takes those that will be. */
  FrameworkVersions versions() {
    return versions;
  }

  /** Returns the frameworks that were found. */
  List<FoundFramework> found() {
    return List.copyOf(found);
  }

  /** Looks at what was noted, and prints. For the agent's own thread. */
  void check() {
    for (Sighting next = unchecked.poll(); next != null; next = unchecked.poll()) {
      ClassLoader loader = next.loader.get();
      if (loader != null) {
        check(loader, next.framework);
      }
    }
    for (Hook hook = missingAtLoad.poll(); hook != null; hook = missingAtLoad.poll()) {
      reportChanged(hook);
    }
  }

  /** Reports a method that the class file has and the loaded class lacks. */
  private void reportChanged(Hook hook) {
    String name = hook.spec().displayName();
    String line =
        "%s: %s was loaded without %s, perhaps changed by another agent: %s"
            .formatted(
                hook.framework().name(),
                hook.spec().className().replace('/', '.'),
                name,
                hook.spec().loss());
    boolean isKnown = found.stream().anyMatch(one -> one.hooksMissing().contains(name));
    if (!isKnown && isNews(line)) {
      AgentLog.warn(AREA, line);
    }
  }

  private void check(ClassLoader loader, FrameworkSpec framework) {
    String version = FrameworkVersion.ofArtifact(loader, framework.artifact());
    AtomicReference<@Nullable String> readable = new AtomicReference<>();
    Findings findings =
        new FrameworkCheck(framework, version != null, name -> file(loader, name, readable))
            .compare();
    if (findings.hooksMatched() == 0 && findings.missing().isEmpty()) {
      return; // Other jars of the framework, in which there is nothing to record.
    }
    if (!findings.missing().isEmpty() && isClosed(loader, framework, version, readable.get())) {
      return; // What could not be read any more is not missing.
    }
    if (version == null) {
      version = FrameworkVersion.ofJarWith(loader, framework.hooks(), framework.artifact());
    }
    if (version != null) {
      versions.found(loader, framework, version);
    }
    report(framework, version, findings);
    for (UnsupportedFramework unsupported : UnsupportedFramework.ALL) {
      if (unsupported.framework().equals(framework.name())
          && file(loader, unsupported.className()) != null
          && isNews(unsupported.line())) {
        AgentLog.warn(AREA, unsupported.line());
      }
    }
  }

  private void report(FrameworkSpec framework, @Nullable String version, Findings findings) {
    String known = version == null ? FrameworkVersion.UNKNOWN : version;
    boolean isOld = FrameworkVersion.isOlder(known, framework.oldest());
    String line =
        framework.name()
            + " "
            + known
            + ": "
            + describe(framework, findings)
            + (isOld
                ? " (older than " + framework.oldest() + ", the oldest that is supported)"
                : tested(framework, findings));
    if (!isNews(line)) {
      return;
    }
    found.add(
        new FoundFramework(framework.name(), known, findings.hooksMatched(), findings.missing()));
    if (findings.missing().isEmpty() && !isOld) {
      AgentLog.info(AREA, line);
    } else {
      AgentLog.warn(AREA, line);
    }
  }

  private boolean isNews(String line) {
    return lines.size() < LINES_MAX && lines.add(line);
  }

  private static String describe(FrameworkSpec framework, Findings findings) {
    return findings.missing().isEmpty()
        ? framework.captured() + " are recorded"
        : "no "
            + String.join(", no ", findings.missing())
            + ": "
            + String.join("; ", findings.losses());
  }

  private static String tested(FrameworkSpec framework, Findings findings) {
    List<String> tested = framework.tested();
    return findings.missing().isEmpty() || tested.isEmpty()
        ? ""
        : " (tested %s to %s)".formatted(tested.get(0), tested.get(tested.size() - 1));
  }

  /**
   * Returns whether a loader no longer gives what it has given, because the application has closed
   * it: it was undeployed, or its work was done.
   */
  private static boolean isClosed(
      ClassLoader loader,
      FrameworkSpec framework,
      @Nullable String version,
      @Nullable String readable) {
    return (version != null && FrameworkVersion.ofArtifact(loader, framework.artifact()) == null)
        || (readable != null && file(loader, readable) == null);
  }

  /** Reads a class file, and notes its name if it can be read. */
  private static byte @Nullable [] file(
      ClassLoader loader, String className, AtomicReference<@Nullable String> readable) {
    byte[] file = file(loader, className);
    if (file != null) {
      readable.set(className);
    }
    return file;
  }

  private static byte @Nullable [] file(ClassLoader loader, String className) {
    try (InputStream in = loader.getResourceAsStream(className + ".class")) {
      return in == null ? null : in.readNBytes(CLASS_FILE_BYTES_MAX);
    } catch (Throwable t) { // The loader is the application's, and may throw anything.
      return null;
    }
  }
}
