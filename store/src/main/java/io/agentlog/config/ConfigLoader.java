package io.agentlog.config;

import io.agentlog.files.BoundedFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Finds the values of all options.
 *
 * <pre>
 *  agent arguments > system properties > AGENTLOG_* > file agentlog.config > Python logger's > default
 * </pre>
 *
 * A key set to nothing in one place hides the places after it, save in the environment, where an
 * empty variable counts as not set. Whatever is wrong becomes a line of {@link
 * LoadedConfig#problems()}: nothing is thrown, since the application is to run in any case.
 *
 * <p>Reads files, so it is not for the application's threads. Not thread-safe.
 */
public final class ConfigLoader {
  /** Most characters of one value. */
  static final int VALUE_CHARS_MAX = 64 * 1024;

  private static final int FILE_BYTES_MAX = 1024 * 1024;

  /** Variables that Kubernetes sets in every pod when a service is called "agentlog". */
  private static final Pattern SERVICE_LINK =
      Pattern.compile("AGENTLOG_(SERVICE_HOST|SERVICE_PORT(_.*)?|PORT(_.*)?)");

  private final KnownKeys keys = new KnownKeys();
  private final Problems problems = new Problems();
  private final List<Map<String, Setting>> places = new ArrayList<>();

  private ConfigLoader() {}

  /**
   * Finds the values of all options.
   *
   * @param agentArguments what follows {@code -javaagent:agentlog.jar=}; null if nothing does
   */
  public static LoadedConfig load(
      @Nullable String agentArguments,
      Properties systemProperties,
      Map<String, String> environment) {
    ConfigLoader loader = new ConfigLoader();
    loader.places.add(loader.fromArguments(agentArguments == null ? "" : agentArguments));
    return loader.loadFrom(systemProperties, environment);
  }

  /**
   * Finds the values of all options.
   *
   * @param options of a command, by key; they go before all other places
   */
  public static LoadedConfig loadForCommand(
      Map<String, String> options, Properties systemProperties, Map<String, String> environment) {
    ConfigLoader loader = new ConfigLoader();
    loader.places.add(loader.fromOptions(options));
    return loader.loadFrom(systemProperties, environment);
  }

  private LoadedConfig loadFrom(Properties systemProperties, Map<String, String> environment) {
    places.add(fromSystemProperties(systemProperties));
    places.add(fromEnvironment(environment));
    Setting file = merge().get(Options.CONFIG.key());
    if (file != null && file.text() != null) {
      places.add(fromFile(file.text(), file.origin()));
    }
    places.add(PythonEnvironment.read(environment, merge().keySet()));
    Map<String, Setting> settings = merge();
    readSecretFiles(settings);
    for (Option<?> option : OptionGroups.options()) {
      settings.computeIfPresent(option.key(), (key, setting) -> usable(option, setting));
    }
    pullKillSwitch(settings);
    return new LoadedConfig(settings, problems.lines());
  }

  private Map<String, Setting> fromOptions(Map<String, String> options) {
    Map<String, Setting> found = new LinkedHashMap<>();
    options.forEach(
        (name, value) -> {
          String key = withoutPrefix(name);
          if (keys.isKnown(key)) {
            put(found, key, value, "command option " + key);
          } else {
            unknown("command options: ", key);
          }
        });
    return found;
  }

  private Map<String, Setting> fromArguments(String text) {
    Map<String, Setting> found = new LinkedHashMap<>();
    String doubtful = null; // The key before, if an unquoted secret may have been split after it.
    for (AgentArguments.Argument argument : AgentArguments.parse(text, problems)) {
      String key = withoutPrefix(argument.key());
      if (keys.isKnown(key)) {
        put(found, key, argument.value(), "agent argument " + key);
      } else if (doubtful != null) {
        problems.add(
            "agent arguments: an unknown key after %s is not shown, it might be part of that value; ignored. A value with , and = goes in quotes: KEY='...'. See docs/configuration.md"
                .formatted(KnownKeys.shown(doubtful)));
        continue; // What follows may be a part as well.
      } else {
        unknown("agent arguments: ", key);
      }
      doubtful = keys.mayHoldSecret(key) ? key : null;
    }
    return found;
  }

  private Map<String, Setting> fromSystemProperties(Properties properties) {
    Map<String, Setting> found = new LinkedHashMap<>();
    for (String name : new TreeSet<>(properties.stringPropertyNames())) {
      if (name.startsWith(KnownKeys.PROPERTY_PREFIX)) {
        String key = withoutPrefix(name);
        String value = properties.getProperty(name);
        if (!keys.isKnown(key)) {
          unknown("system properties agentlog.*: ", key);
        } else if (value != null) {
          put(found, key, value, "system property " + name);
        }
      }
    }
    return found;
  }

  private Map<String, Setting> fromEnvironment(Map<String, String> environment) {
    Map<String, Setting> found = new LinkedHashMap<>();
    new TreeMap<>(environment)
        .forEach(
            (variable, value) -> {
              if (!variable.startsWith(KnownKeys.VARIABLE_PREFIX)
                  || SERVICE_LINK.matcher(variable).matches()) {
                return;
              }
              String key = keys.keyOfVariable(variable);
              if (value.isBlank() && (key == null || !mayBeEmpty(key))) {
                return;
              }
              if (key != null) {
                put(found, key, value, "environment " + variable);
              } else {
                problems.add(
                    "environment variable %s is not known; ignored. %s"
                        .formatted(Problems.shown(variable), keys.variableHint(variable)));
              }
            });
    return found;
  }

  private Map<String, Setting> fromFile(String name, String nameOrigin) {
    Map<String, Setting> found = new LinkedHashMap<>();
    byte[] bytes;
    try {
      bytes = BoundedFile.read(Path.of(name), FILE_BYTES_MAX);
    } catch (IOException | RuntimeException e) { // Also what Path.of thinks of a text.
      problems.add(
          "agentlog.config=%s (%s) can't be read: %s; going on without it. Make the file readable to the user of this process or take the setting away"
              .formatted(Problems.shown(name), nameOrigin, reason(e)));
      return found;
    }
    for (ConfigFile.Line line : ConfigFile.parse(bytes, name, problems)) {
      String key = withoutPrefix(line.key());
      String at = "file %s, line %s: ".formatted(Problems.shown(name), line.lineNumber());
      if (key.equals(Options.CONFIG.key())) {
        problems.add(at + "'config' is ignored, a file can't name another");
      } else if (keys.isKnown(key)) {
        put(found, key, line.value(), "file " + name);
      } else {
        unknown(at, key);
      }
    }
    return found;
  }

  /** The settings of all places, each key from the first place that has it. */
  private Map<String, Setting> merge() {
    Map<String, Setting> merged = new LinkedHashMap<>();
    for (Map<String, Setting> place : places) {
      place.forEach(
          (key, setting) -> {
            String secret = keys.secretOfFileKey(key);
            if (secret == null) {
              merged.putIfAbsent(key, setting);
            } else if (!place.containsKey(secret)) { // In one place the value wins over its file.
              merged.putIfAbsent(
                  secret, new Setting(key, setting.text(), setting.origin(), setting.explicit()));
            }
          });
    }
    return merged;
  }

  /** Puts the contents in place of settings that name a secret's file. */
  private void readSecretFiles(Map<String, Setting> settings) {
    settings.replaceAll(
        (key, setting) -> {
          String fileKey = setting.key();
          String name = setting.text();
          if (fileKey.equals(key) || name == null) {
            return setting;
          }
          String origin = setting.origin() + "=" + Problems.shown(name);
          Setting secret = new Setting(key, null, origin, setting.explicit());
          try {
            Path file = Path.of(name.strip());
            secret = new Setting(key, null, origin, setting.explicit(), file);
            return secret.withText(SecretFile.read(file));
          } catch (IOException | RuntimeException e) {
            problems.add(
                "%s=%s (%s) can't be read: %s; going on without %s. Make the file readable to the user of this process or correct the path"
                    .formatted(fileKey, Problems.shown(name), setting.origin(), reason(e), key));
            return secret;
          }
        });
  }

  private Setting usable(Option<?> option, Setting setting) {
    String text = setting.text();
    if (text == null) {
      return setting;
    }
    try {
      Object unused = option.parser().apply(text);
      return setting;
    } catch (RuntimeException e) { // Parsers share no narrower type.
      problems.add(
          "%s=%s (%s) is not usable: %s; %s. See docs/configuration.md"
              .formatted(
                  option.key(),
                  option.secret() ? "****" : Problems.shown(text),
                  setting.origin(),
                  option.secret() ? "hidden" : reason(e),
                  option.defaultText() == null ? "ignored" : "using " + option.defaultText()));
      return setting.withText(null);
    }
  }

  /** Whoever says "off" is obeyed, even where a stronger place says "on": it is the way out. */
  private void pullKillSwitch(Map<String, Setting> settings) {
    for (Map<String, Setting> place : places) {
      Setting setting = place.get(Options.ENABLED.key());
      if (setting != null && setting.text() != null && isFalse(setting.text())) {
        settings.put(Options.ENABLED.key(), setting);
        return;
      }
    }
  }

  private static boolean isFalse(String text) {
    try {
      return !Parsers.flag(text);
    } catch (IllegalArgumentException e) {
      return false; // Reported where it is the value that counts.
    }
  }

  private void put(Map<String, Setting> found, String key, String value, String origin) {
    String text = keys.isSecret(key) ? value : value.strip();
    if (text.length() > VALUE_CHARS_MAX) {
      problems.add(
          "%s (%s) is longer than %s characters; ignored".formatted(key, origin, VALUE_CHARS_MAX));
      return;
    }
    boolean isNothing = text.isEmpty() && !mayBeEmpty(key);
    found.put(key, new Setting(key, isNothing ? null : text, origin, true));
  }

  /**
   * True for settings where an empty text is a value: those of Kafka's client, two topics, and the
   * driver's password, which then is in no file of the user's either.
   */
  private boolean mayBeEmpty(String key) {
    return key.equals(Options.KAFKA_DETAIL_TOPIC.key())
        || key.equals(Options.KAFKA_INSTANCES_TOPIC.key())
        || key.equals(Options.POSTGRES_CLIENT + "password")
        || (key.startsWith(Options.KAFKA_CLIENT) && keys.secretOfFileKey(key) == null);
  }

  private void unknown(String where, String key) {
    problems.add(where + "unknown key " + KnownKeys.shown(key) + " is ignored. " + keys.hint(key));
  }

  private static String withoutPrefix(String key) {
    return key.startsWith(KnownKeys.PROPERTY_PREFIX)
        ? key.substring(KnownKeys.PROPERTY_PREFIX.length())
        : key;
  }

  private static String reason(Exception e) {
    String message = e.getMessage();
    return message == null ? e.getClass().getSimpleName() : Problems.shown(message);
  }
}
