package io.agentlog.config;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Values of options as found at start-up, with the place of each. They don't change, save secrets
 * in files of their own: these are read again with each question.
 */
public interface Config {
  /**
   * Returns the value of an option that has a default.
   *
   * @throws IllegalStateException if the option has no default and is not set; use {@link #find}
   */
  <T> T get(Option<T> option);

  /** Returns the value of an option, or null if it is not set and has no default. */
  <T> @Nullable T find(Option<T> option);

  /**
   * Returns the place that the value came from: {@code default}, or for example {@code environment
   * POSTGRES_HOST}.
   */
  String origin(Option<?> option);

  /**
   * True if the value comes from an agentlog setting, not from the default or the Python logger's
   * environment.
   */
  boolean isExplicit(Option<?> option);

  /**
   * Returns the settings of a family, such as {@code kafka.client.}, by their keys without that
   * prefix.
   */
  Map<String, String> family(String prefix);
}
