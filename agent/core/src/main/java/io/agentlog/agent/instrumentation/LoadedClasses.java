package io.agentlog.agent.instrumentation;

import io.agentlog.log.AgentLog;
import io.agentlog.log.DeferredLog;
import java.io.InputStream;
import java.lang.instrument.Instrumentation;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Weaves marked classes that were loaded before the agent, by retransforming them: where the agent
 * is attached late, or where another agent before it has loaded them. Calls that are running at
 * that moment are not recorded.
 *
 * <p>Reads each class file as a resource of the class's own loader. A class without a file, made at
 * run time, stays as it is.
 */
public final class LoadedClasses {
  /** Class files are read up to this size; a larger one is ignored. */
  private static final int CLASS_FILE_BYTES_MAX = 8 * 1024 * 1024;

  /** Classes of ours in the application's loader. */
  private static final String OWN = "io/agentlog/agent/";

  private final IdentityHashMap<ClassLoader, Boolean> mayBeMarked = new IdentityHashMap<>();
  private final boolean early;
  private final Instrumentation instrumentation;
  private final AgentTransformer transformer;

  /**
   * @param early true before the application has begun: then only loaders of the JDK have its
   *     classes, and those of other agents are not searched
   */
  public LoadedClasses(
      Instrumentation instrumentation, AgentTransformer transformer, boolean early) {
    this.early = early;
    this.instrumentation = instrumentation;
    this.transformer = transformer;
  }

  /**
   * Weaves the classes on the calling thread. Takes some milliseconds for each thousand loaded
   * classes, and the time to open the agent if one is marked. Never throws; a class that can't be
   * woven is reported.
   *
   * @return number of woven classes
   */
  public int weave() {
    int count = 0;
    Set<Class<?>> seen = new HashSet<>();
    boolean more = true;
    while (more) { // A class may have passed the transformer and not be loaded yet.
      more = false;
      for (Class<?> type : instrumentation.getAllLoadedClasses()) {
        if (seen.add(type) && concerns(type)) {
          count += weave(type) ? 1 : 0;
          more = true;
        }
      }
    }
    return count;
  }

  private boolean weave(Class<?> type) {
    try {
      instrumentation.retransformClasses(type);
      return true;
    } catch (Throwable t) { // A VerifyError, or another agent refused.
      DeferredLog.once(
          "reweave " + type.getName(),
          "instrumentation",
          ("class %s was loaded before the agent and could not be woven: %s."
                  + " Start with -javaagent, before other agents, to record it")
              .formatted(type.getName(), AgentLog.describe(t)));
      return false;
    }
  }

  private boolean concerns(Class<?> type) {
    ClassLoader loader = type.getClassLoader();
    if (loader == null
        || loader == ClassLoader.getPlatformClassLoader()
        || loader == LoadedClasses.class.getClassLoader()
        || type.isArray()
        || type.isHidden()
        || !instrumentation.isModifiableClass(type)) {
      return false;
    }
    String name = type.getName().replace('.', '/');
    try {
      if (transformer.note(loader, name)
          || name.startsWith(OWN)
          || !(mayBeMarked.computeIfAbsent(loader, this::mayMark)
              || transformer.mayBeOfFramework(type))) {
        return false; // Not read: another agent may have loaded thousands of its own classes.
      }
      byte[] file = read(loader, name);
      return file != null
          && transformer.wovenMethodsOf(type).isEmpty() // Else woven at load.
          && transformer.concerns(loader, name, file);
    } catch (Throwable t) { // A class file may hold anything.
      return false;
    }
  }

  private boolean mayMark(ClassLoader loader) {
    return (!early || loader.getClass().getClassLoader() == null) && transformer.mayMark(loader);
  }

  private static byte @Nullable [] read(ClassLoader loader, String name) {
    try (InputStream in = loader.getResourceAsStream(name + ".class")) {
      return in == null ? null : in.readNBytes(CLASS_FILE_BYTES_MAX);
    } catch (Throwable t) { // The loader is the application's, and may throw anything.
      return null;
    }
  }
}
