package io.agentlog.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** All known keys, in their canonical form and as environment variables. */
final class KnownKeys {
  static final String PROPERTY_PREFIX = "agentlog.";
  static final String VARIABLE_PREFIX = "AGENTLOG_";

  /** Suffix of a secret's key that makes it the key of a file with the secret. */
  static final String FILE_SUFFIX = "-file";

  private static final List<String> FAMILIES =
      List.of(Options.POSTGRES_CLIENT, Options.KAFKA_CLIENT);

  /**
   * Unknown keys that may be shown; a piece of a secret that lost its quotes does not look like
   * this.
   */
  private static final Pattern PRINTABLE = Pattern.compile("[a-z][a-z0-9._-]{0,63}");

  private static final Pattern SECRET_LIKE = Pattern.compile("pass|secret|token|credential|jaas");

  private final Map<String, Option<?>> options = new LinkedHashMap<>();
  private final Map<String, String> keyByVariable = new TreeMap<>();

  KnownKeys() {
    for (Option<?> option : OptionGroups.options()) {
      options.put(option.key(), option);
      keyByVariable.put(variable(option.key()), option.key());
      if (option.secret()) {
        keyByVariable.put(variable(option.key() + FILE_SUFFIX), option.key() + FILE_SUFFIX);
      }
    }
    for (String key : Options.SECRET_CLIENT_KEYS) {
      keyByVariable.put(variable(key), key);
      keyByVariable.put(variable(key + FILE_SUFFIX), key + FILE_SUFFIX);
    }
  }

  /** Returns the variable of a key: {@code AGENTLOG_POSTGRES_HOST} for {@code postgres.host}. */
  static String variable(String key) {
    return VARIABLE_PREFIX + key.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
  }

  /** Returns the family of a key, or null. */
  static @Nullable String family(String key) {
    for (String family : FAMILIES) {
      if (key.startsWith(family) && key.length() > family.length()) {
        return family;
      }
    }
    return null;
  }

  /**
   * Returns the secret's key for the key of its file, such as {@code postgres.password-file}, or
   * null.
   */
  @Nullable String secretOfFileKey(String key) {
    if (!key.endsWith(FILE_SUFFIX)) {
      return null;
    }
    String secret = key.substring(0, key.length() - FILE_SUFFIX.length());
    return isSecret(secret) ? secret : null;
  }

  /** True if the value of the key is used unchanged and never printed. */
  boolean isSecret(String key) {
    Option<?> option = options.get(key);
    return option != null ? option.secret() : Options.SECRET_CLIENT_KEYS.contains(key);
  }

  boolean isKnown(String key) {
    return options.containsKey(key) || secretOfFileKey(key) != null || family(key) != null;
  }

  /** True if the value may hold a secret, so that text near the key is not printed either. */
  boolean mayHoldSecret(String key) {
    String nearest = options.containsKey(key) ? key : NearestKey.of(key, options.keySet());
    return isSecret(key)
        || family(key) != null
        || SECRET_LIKE.matcher(key.toLowerCase(Locale.ROOT)).find()
        || (nearest != null && (isSecret(nearest) || nearest.equals(Options.POSTGRES_URL.key())));
  }

  /** Returns the key of a variable with the agent's prefix, or null if there is none. */
  @Nullable String keyOfVariable(String variable) {
    String key = keyByVariable.get(variable);
    if (key != null) {
      return key;
    }
    for (String family : FAMILIES) {
      String prefix = variable(family);
      if (variable.startsWith(prefix) && variable.length() > prefix.length()) {
        String rest = variable.substring(prefix.length()).toLowerCase(Locale.ROOT);
        return family + rest.replace('_', '.');
      }
    }
    return null;
  }

  /** Returns the printable form of an unknown key. */
  static String shown(String key) {
    return PRINTABLE.matcher(key).matches() ? "'" + key + "'" : "(not shown, might be a secret)";
  }

  /** Returns the sentence that helps with an unknown key. */
  String hint(String key) {
    String nearest = NearestKey.of(key, options.keySet());
    return nearest == null
        ? "See docs/configuration.md"
        : "Did you mean '" + nearest + "'? See docs/configuration.md";
  }

  /** Returns the sentence that helps with an unknown variable. */
  String variableHint(String variable) {
    String nearest = NearestKey.of(variable, keyByVariable.keySet());
    return nearest == null
        ? "See docs/configuration.md"
        : "Did you mean " + nearest + "? See docs/configuration.md";
  }
}
