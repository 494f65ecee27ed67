package io.agentlog.agent.capture.framework;

import io.agentlog.agent.capture.value.WeakIdentityMap;
import java.net.URL;
import java.security.CodeSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Versions of the frameworks of each loader. Thread-safe; holds loaders and classes weakly.
 *
 * <p>The check of a framework reads its jar, on the agent's own thread, a moment after the first of
 * its classes is loaded. A run that begins before has the version in the jar's name, if the jar is
 * named as its artifact: that needs no input or output on the application's thread, and can't be
 * the version of an application that holds the framework's classes in a jar of its own.
 */
public final class FrameworkVersions {
  private static final Pattern JAR = Pattern.compile("([^/]+?)-(\\d[\\w.-]{0,62})\\.jar(?:!?/)?$");

  private final WeakIdentityMap<Map<String, String>> checked = new WeakIdentityMap<>();

  private final ClassValue<ConcurrentMap<String, Optional<String>>> inJarName =
      new ClassValue<>() {
        @Override
        protected ConcurrentMap<String, Optional<String>> computeValue(Class<?> type) {
          return new ConcurrentHashMap<>();
        }
      };

  /** Takes the version that a check has found. Called by one thread. */
  public void found(ClassLoader loader, FrameworkSpec framework, String version) {
    Map<String, String> known = checked.get(loader);
    if (known == null) {
      known = new ConcurrentHashMap<>();
      checked.put(loader, known);
    }
    known.put(framework.name(), version);
  }

  /**
   * Returns the version of a framework.
   *
   * @param type a class of the framework, in the jar of its artifact
   * @return null if it is not known, or not yet
   */
  @Nullable String of(FrameworkSpec framework, Class<?> type) {
    ClassLoader loader = type.getClassLoader();
    Map<String, String> known = loader == null ? null : checked.get(loader);
    String version = known == null ? null : known.get(framework.name());
    return version != null
        ? version
        : inJarName
            .get(type)
            .computeIfAbsent(framework.artifact(), artifact -> inJarName(type, artifact))
            .orElse(null);
  }

  private static Optional<String> inJarName(Class<?> type, String artifact) {
    CodeSource source = type.getProtectionDomain().getCodeSource();
    URL place = source == null ? null : source.getLocation();
    return place == null ? Optional.empty() : inJarName(place.toString(), artifact);
  }

  /** Returns the version in the URL of a jar that is named as its artifact. */
  static Optional<String> inJarName(String url, String artifact) {
    Matcher jar = JAR.matcher(url);
    return jar.find() && jar.group(1).equals(artifact.substring(artifact.indexOf(':') + 1))
        ? Optional.of(jar.group(2))
        : Optional.empty();
  }
}
