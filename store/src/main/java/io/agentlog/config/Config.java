package io.agentlog.config;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Values of options as found at start-up, and where each came from. Immutable. */
public interface Config {
  /**
   * The value of an option that has a default.
   *
   * @throws IllegalStateException if the option has no default and is not set; use {@link #find}
   */
  <T> T get(Option<T> option);

  /** The value of an option, or null if it is not set and has no default. */
  <T> @Nullable T find(Option<T> option);

  /**
   * Where the value came from: {@code default}, or for example {@code environment POSTGRES_HOST}.
   */
  String origin(Option<?> option);

  /**
   * True if an agentlog setting, not the default nor the Python logger's environment, gave the
   * value.
   */
  boolean isExplicit(Option<?> option);

  /**
   * Settings under a prefix that names a family, such as {@code kafka.client.}; keys without the
   * prefix.
   */
  Map<String, String> family(String prefix);
}
