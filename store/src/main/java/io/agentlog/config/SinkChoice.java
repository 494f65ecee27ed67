package io.agentlog.config;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The sinks that the configuration asks for.
 *
 * @param origins origin of the setting that turns a sink on, by the sink's name, in the order
 *     {@code postgres}, {@code kafka}, {@code file}; a sink that is not here is off
 * @param problem one line for the log; null if all is well
 */
public record SinkChoice(Map<String, String> origins, @Nullable String problem) {
  /** Name of the PostgreSQL sink. */
  public static final String POSTGRES = "postgres";

  /** Name of the Kafka sink. */
  public static final String KAFKA = "kafka";

  /** Name of the file sink. */
  public static final String FILE = "file";

  /** The names of all sinks. */
  public static final List<String> NAMES = List.of(POSTGRES, KAFKA, FILE);

  public SinkChoice {
    // Not Map.copyOf: it would lose the order.
    origins = Collections.unmodifiableMap(new LinkedHashMap<>(origins));
  }

  /** Reads the sinks from a configuration. */
  public static SinkChoice of(Config config) {
    Map<String, String> origins = new LinkedHashMap<>();
    if (config.find(Options.POSTGRES_URL) != null) {
      origins.put(POSTGRES, config.origin(Options.POSTGRES_URL));
    } else if (config.find(Options.POSTGRES_HOST) != null) {
      origins.put(POSTGRES, config.origin(Options.POSTGRES_HOST));
    }
    if (config.find(Options.KAFKA_BOOTSTRAP_SERVERS) != null) {
      origins.put(KAFKA, config.origin(Options.KAFKA_BOOTSTRAP_SERVERS));
    }
    Boolean file = config.find(Options.FILE_ENABLED);
    if (file == null ? origins.isEmpty() : file) {
      origins.put(FILE, config.origin(Options.FILE_ENABLED));
    }
    return new SinkChoice(origins, origins.isEmpty() ? nothing(config) : null);
  }

  /** True if the sink is on. */
  public boolean has(String sink) {
    return origins.containsKey(sink);
  }

  private static String nothing(Config config) {
    return "nothing is delivered: file.enabled=false (%s) and neither postgres.url, postgres.host nor kafka.bootstrap-servers is set. Set one of them or file.enabled=true. See docs/configuration.md"
        .formatted(config.origin(Options.FILE_ENABLED));
  }
}
