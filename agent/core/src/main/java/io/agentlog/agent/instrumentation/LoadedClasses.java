package io.agentlog.agent.instrumentation;

import io.agentlog.log.AgentLog;
import io.agentlog.log.DeferredLog;
import java.io.InputStream;
import java.lang.instrument.Instrumentation;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Weaves classes that were loaded before the agent came: those that would have been woven are asked
 * of the JVM once more. Calls that run meanwhile end as they began.
 *
 * <p>Which they are is told by their class files, asked of their own loaders as resources; a class
 * that was made at run time has none, and is left alone.
 */
public final class LoadedClasses {
  /** A class file larger than this is not read. */
  private static final int CLASS_FILE_BYTES_MAX = 8 * 1024 * 1024;

  private final Instrumentation instrumentation;
  private final AgentTransformer transformer;

  public LoadedClasses(Instrumentation instrumentation, AgentTransformer transformer) {
    this.instrumentation = instrumentation;
    this.transformer = transformer;
  }

  /**
   * Weaves them, on the calling thread; takes some milliseconds for each thousand classes, and as
   * long as the agent takes to open if there are any. Never throws: a class that can't be woven is
   * reported.
   *
   * @return how many were woven
   */
  public int weave() {
    int count = 0;
    Set<Class<?>> seen = new HashSet<>();
    boolean more = true;
    while (more) { // A class may be on its way past the transformer, and not loaded yet.
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
    } catch (Throwable t) { // VerifyError, or another agent's refusal.
      DeferredLog.once(
          "reweave " + type.getName(),
          "instrumentation",
          "class %s was loaded before the agent and could not be woven: %s"
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
    byte[] file = read(loader, name);
    try {
      return file != null
          && transformer.wovenMethodsOf(type).isEmpty() // Else it came by meanwhile.
          && transformer.concerns(loader, name, file);
    } catch (Throwable t) { // A class file may hold anything.
      return false;
    }
  }

  private static byte @Nullable [] read(ClassLoader loader, String name) {
    try (InputStream in = loader.getResourceAsStream(name + ".class")) {
      return in == null ? null : in.readNBytes(CLASS_FILE_BYTES_MAX);
    } catch (Throwable t) { // The loader is the application's, and may throw anything.
      return null;
    }
  }
}
