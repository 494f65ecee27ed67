package io.agentlog.config;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Reads the environment variables of the Python logger that agentlog replaces. They often belong to
 * the application, so they rank last and none of them counts as explicit.
 */
final class PythonEnvironment {
  private static final Map<String, String> POSTGRES =
      Map.of(
          "POSTGRES_PORT", "postgres.port",
          "POSTGRES_DATABASE", "postgres.database",
          "POSTGRES_USER", "postgres.user",
          "POSTGRES_PASSWORD", "postgres.password",
          "POSTGRES_PASSWORD_FILE", "postgres.password" + KnownKeys.FILE_SUFFIX);

  private PythonEnvironment() {}

  /**
   * Returns the settings of the variables.
   *
   * @param explicitKeys keys that agentlog's own places set
   */
  static Map<String, Setting> read(Map<String, String> environment, Set<String> explicitKeys) {
    Map<String, Setting> found = new LinkedHashMap<>();
    put(found, environment, "POSTGRES_HOST", Options.POSTGRES_HOST.key());
    // Without a host the others mean something else: next to a service called "postgres",
    // Kubernetes sets POSTGRES_PORT=tcp://10.0.0.1:5432 in every pod.
    if (found.containsKey(Options.POSTGRES_HOST.key())
        || explicitKeys.contains(Options.POSTGRES_HOST.key())
        || explicitKeys.contains(Options.POSTGRES_URL.key())) {
      POSTGRES.forEach((variable, key) -> put(found, environment, variable, key));
    }
    if ("true".equalsIgnoreCase(environment.getOrDefault("KAFKA_ENABLE_LOGGING", "").strip())) {
      put(found, environment, "KAFKA_BOOTSTRAP_SERVERS", Options.KAFKA_BOOTSTRAP_SERVERS.key());
    }
    return found;
  }

  private static void put(
      Map<String, Setting> found, Map<String, String> environment, String variable, String key) {
    String value = environment.getOrDefault(variable, "");
    if (!value.isBlank() && value.length() <= ConfigLoader.VALUE_CHARS_MAX) {
      boolean secret = key.equals(Options.POSTGRES_PASSWORD.key());
      found.put(
          key, new Setting(key, secret ? value : value.strip(), "environment " + variable, false));
    }
  }
}
