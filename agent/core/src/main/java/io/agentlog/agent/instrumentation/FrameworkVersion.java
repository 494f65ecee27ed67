package io.agentlog.agent.instrumentation;

import io.agentlog.agent.capture.framework.HookSpec;
import java.io.InputStream;
import java.net.URL;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Finds and compares versions of libraries. Asks the application's loaders, which may throw. */
final class FrameworkVersion {
  static final String UNKNOWN = "of unknown version";

  private static final Pattern IN_JAR_NAME = Pattern.compile("-(\\d[\\w.-]*)");
  private static final Pattern NUMBER = Pattern.compile("\\d{1,9}");
  private static final String JAR_SUFFIX = ".jar!";
  private static final int TEXT_LENGTH_MAX = 64;

  private FrameworkVersion() {}

  /**
   * Returns the version in the file that Maven leaves in a jar; null if there is none.
   *
   * @param artifact group and artifact with a colon between
   */
  static @Nullable String ofArtifact(ClassLoader loader, String artifact) {
    String file = "META-INF/maven/" + artifact.replace(':', '/') + "/pom.properties";
    try (InputStream in = loader.getResourceAsStream(file)) {
      if (in == null) {
        return null;
      }
      Properties properties = new Properties();
      properties.load(in);
      return cut(properties.getProperty("version", UNKNOWN));
    } catch (Throwable t) { // The loader is the application's, and may throw anything.
      return null;
    }
  }

  /**
   * Returns the version in the name of the jar that has a hook's class, if it is named as the
   * artifact; null otherwise. The name of a jar that an application has packed all its classes into
   * has the application's version.
   *
   * @param artifact group and artifact with a colon between
   */
  static @Nullable String ofJarWith(ClassLoader loader, List<HookSpec> hooks, String artifact) {
    for (HookSpec hook : hooks) {
      String version = ofJarWith(loader, hook.className(), artifact);
      if (version != null) {
        return version;
      }
    }
    return null;
  }

  private static @Nullable String ofJarWith(ClassLoader loader, String className, String artifact) {
    try {
      URL file = loader.getResource(className + ".class");
      String jar = artifact.substring(artifact.indexOf(':') + 1) + "-";
      return file == null || !isInJar(file.toString(), jar) ? null : ofJarIn(file.toString());
    } catch (Throwable t) { // The loader is the application's, and may throw anything.
      return null;
    }
  }

  /** Returns whether the innermost jar of a class file's URL is named so, before its version. */
  private static boolean isInJar(String url, String name) {
    int end = url.lastIndexOf(JAR_SUFFIX);
    int begin = url.lastIndexOf('/', end) + 1;
    return end >= 0
        && url.startsWith(name, begin)
        && Character.isDigit(url.charAt(begin + name.length()));
  }

  /** Returns the version in the name of the innermost jar of a class file's URL. */
  static @Nullable String ofJarIn(String url) {
    int end = url.lastIndexOf(JAR_SUFFIX);
    Matcher matcher =
        end < 0 ? null : IN_JAR_NAME.matcher(url.substring(url.lastIndexOf('/', end) + 1, end));
    return matcher != null && matcher.find() ? cut(matcher.group(1)) : null;
  }

  private static String cut(String version) {
    return version.length() <= TEXT_LENGTH_MAX ? version : version.substring(0, TEXT_LENGTH_MAX);
  }

  /** Returns whether a version is older than another, by their numbers alone. */
  static boolean isOlder(String version, String than) {
    List<Long> some = numbers(version);
    List<Long> others = numbers(than);
    for (int i = 0; i < Math.min(some.size(), others.size()); i++) {
      int order = some.get(i).compareTo(others.get(i));
      if (order != 0) {
        return order < 0;
      }
    }
    return false;
  }

  private static List<Long> numbers(String version) {
    List<Long> numbers = new ArrayList<>();
    Matcher matcher = NUMBER.matcher(version);
    while (matcher.find()) {
      numbers.add(Long.parseLong(matcher.group()));
    }
    return numbers;
  }
}
