package io.agentlog.config;

import java.util.Map;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The name of this service, the same at each start, so that a later JVM finds the journals of
 * earlier ones.
 *
 * @param text the name as it is shown and stored
 * @param folder the name of its folder: 1 to {@value #LENGTH_MAX} ASCII letters, digits, dots,
 *     minuses and underscores, never beginning with a dot
 */
public record ServiceName(String text, String folder) {
  /** Most characters of a name. */
  public static final int LENGTH_MAX = 80;

  private static final String FALLBACK = "java";

  /** A jar at the start of the command, with or without spaces in its path. */
  private static final Pattern JAR = Pattern.compile("(.*?)\\.jar(\\s.*)?", Pattern.DOTALL);

  /** The part of a jar's name that changes with each release. */
  private static final Pattern VERSION = Pattern.compile("-v?\\d+(\\.\\d+)*([.+-].*)?$");

  private static final Pattern NOT_FOR_FOLDER = Pattern.compile("[^A-Za-z0-9._-]+");

  /**
   * Returns the option {@code service}, otherwise {@code OTEL_SERVICE_NAME}, otherwise the main
   * class or the name of its jar without a version.
   */
  public static ServiceName of(
      Config config, Properties systemProperties, Map<String, String> environment) {
    ServiceName configured = configured(config, environment);
    if (configured != null) {
      return configured;
    }
    String text = program(systemProperties);
    return of(text == null || text.isBlank() ? FALLBACK : text);
  }

  /** Returns the option {@code service}, otherwise {@code OTEL_SERVICE_NAME}, otherwise null. */
  public static @Nullable ServiceName configured(Config config, Map<String, String> environment) {
    String text = config.find(Options.SERVICE);
    if (isBlank(text)) {
      text = environment.get("OTEL_SERVICE_NAME");
    }
    return text == null || text.isBlank() ? null : of(text);
  }

  /** Returns a name with its folder. */
  static ServiceName of(String name) {
    String text = cut(name.strip());
    String folder = NOT_FOR_FOLDER.matcher(text).replaceAll("-").replaceAll("^[.-]+|[.-]+$", "");
    if (folder.isEmpty()) {
      // Without ASCII characters each name still has a folder of its own, valid in every file
      // system.
      folder = "service-" + Integer.toHexString(text.hashCode());
    }
    return new ServiceName(text, folder);
  }

  private static @Nullable String program(Properties systemProperties) {
    String command = systemProperties.getProperty("sun.java.command", "").strip();
    if (command.isEmpty()) { // A linked image has another launcher than java.
      String mainClass = systemProperties.getProperty("jdk.module.main.class");
      return mainClass != null ? mainClass : systemProperties.getProperty("jdk.module.main");
    }
    String first = command.split("\\s", 2)[0];
    String module = systemProperties.getProperty("jdk.module.main");
    if (module != null && first.startsWith(module + "/")) {
      return first.substring(module.length() + 1);
    }
    boolean isClass = first.indexOf('/') < 0 && first.indexOf('\\') < 0 && !first.endsWith(".jar");
    Matcher jar = JAR.matcher(command);
    if (isClass || !jar.matches()) {
      return first;
    }
    String path = jar.group(1);
    String name = path.substring(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
    String unversioned = VERSION.matcher(name).replaceFirst("");
    return unversioned.isEmpty() ? name : unversioned;
  }

  private static String cut(String text) {
    if (text.length() <= LENGTH_MAX) {
      return text;
    }
    boolean splitsPair = Character.isHighSurrogate(text.charAt(LENGTH_MAX - 1));
    return text.substring(0, splitsPair ? LENGTH_MAX - 1 : LENGTH_MAX);
  }

  private static boolean isBlank(@Nullable String text) {
    return text == null || text.isBlank();
  }
}
