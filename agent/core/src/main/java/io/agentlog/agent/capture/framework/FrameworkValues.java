package io.agentlog.agent.capture.framework;

import io.agentlog.agent.capture.value.PackageOpener;
import io.agentlog.agent.capture.value.PublicValues;
import io.agentlog.config.AgentNames;
import io.agentlog.log.DeferredLog;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The one implementation of {@link FrameworkContext}. */
public final class FrameworkValues implements FrameworkContext {
  /** Name of a run whose caller can't be named. */
  static final String UNNAMED = "agent";

  /** Frames are looked at up to this depth; the calling class is near the framework's frames. */
  private static final int FRAMES_MAX = 256;

  /** Begin the names of classes that call on behalf of others. */
  private static final List<String> BETWEEN =
      List.of("java.", "javax.", "jdk.", "sun.", "io.agentlog.agent.", "reactor.");

  private static final ClassValue<String> KEBAB_CASES =
      new ClassValue<>() {
        @Override
        protected String computeValue(Class<?> type) {
          return agentName(type.getName());
        }
      };

  private final FrameworkCapture capture;
  private final PublicValues values;
  private final FrameworkVersions versions;

  /**
   * @param opener opens packages whose values are read
   * @param versions may be added to later
   */
  public FrameworkValues(
      FrameworkCapture capture, PackageOpener opener, FrameworkVersions versions) {
    this.capture = capture;
    this.versions = versions;
    this.values = new PublicValues(opener);
  }

  @Override
  public FrameworkCapture capture() {
    return capture;
  }

  @Override
  public @Nullable Object read(@Nullable Object target, String path) {
    return values.read(target, path);
  }

  @Override
  public String callingClassName(FrameworkSpec framework) {
    String own = framework.markerPrefix().replace('/', '.');
    Optional<String> caller = StackWalker.getInstance().walk(frames -> firstOutside(frames, own));
    return caller.map(FrameworkValues::agentName).orElse(UNNAMED);
  }

  private static Optional<String> firstOutside(Stream<StackWalker.StackFrame> frames, String own) {
    return frames
        .limit(FRAMES_MAX)
        .map(StackWalker.StackFrame::getClassName)
        .filter(name -> !name.startsWith(own) && !isBetween(name))
        .findFirst();
  }

  private static boolean isBetween(String className) {
    for (String prefix : BETWEEN) {
      if (className.startsWith(prefix)) {
        return true;
      }
    }
    return className.contains("$$") || className.contains("$Proxy");
  }

  @Override
  public String kebabCase(Class<?> type) {
    return KEBAB_CASES.get(type);
  }

  /**
   * Returns the last part of a class's name in kebab case; of a class without a name, its owner's.
   */
  static String agentName(String className) {
    String name = className.substring(className.lastIndexOf('.') + 1);
    int end = name.length();
    while (end > 0) {
      int dollar = name.lastIndexOf('$', end - 1);
      String part = name.substring(dollar + 1, end);
      if (!part.isEmpty() && !Character.isDigit(part.charAt(0))) {
        return AgentNames.kebabCase(part);
      }
      end = dollar;
    }
    return UNNAMED;
  }

  @Override
  public String kebabCase(String className) {
    return agentName(className);
  }

  @Override
  public @Nullable String version(FrameworkSpec framework, @Nullable Object object) {
    return object == null ? null : versions.of(framework, object.getClass());
  }

  @Override
  public void reportOnce(String key, String line) {
    DeferredLog.once("framework " + key, "frameworks", line);
  }
}
