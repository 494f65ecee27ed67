package io.agentlog.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The configuration that {@link ConfigLoader} found. Settings never change, but the text of a
 * secret's file is read anew with each question. Thread-safe.
 */
public final class LoadedConfig implements Config {
  private final Map<String, Setting> settings;
  private final List<String> problems;

  /**
   * A configuration.
   *
   * @param settings by key; the texts of options can be parsed
   * @param problems one line each
   */
  LoadedConfig(Map<String, Setting> settings, List<String> problems) {
    this.settings = Map.copyOf(settings);
    this.problems = List.copyOf(problems);
  }

  /**
   * Returns the mistakes in the configuration for the log, one line each, without secrets or
   * control characters; empty if all is well. No mistake stops the application or the agent.
   */
  public List<String> problems() {
    return problems;
  }

  @Override
  public <T> T get(Option<T> option) {
    T value = find(option);
    if (value == null) {
      throw new IllegalStateException(option.key() + " has no default and is not set");
    }
    return value;
  }

  @Override
  public <T> @Nullable T find(Option<T> option) {
    String text = text(option);
    if (text == null) {
      text = option.defaultText();
    }
    return text == null ? null : option.parser().apply(text);
  }

  @Override
  public String origin(Option<?> option) {
    Setting setting = settings.get(option.key());
    return setting == null || setting.text() == null ? "default" : setting.origin();
  }

  @Override
  public boolean isExplicit(Option<?> option) {
    Setting setting = settings.get(option.key());
    return setting != null && setting.text() != null && setting.explicit();
  }

  @Override
  public Map<String, String> family(String prefix) {
    Map<String, String> family = new LinkedHashMap<>();
    settings.forEach(
        (key, setting) -> {
          String text = key.startsWith(prefix) ? SecretFile.current(setting) : null;
          if (text != null) {
            family.put(key.substring(prefix.length()), text);
          }
        });
    return family;
  }

  private @Nullable String text(Option<?> option) {
    Setting setting = settings.get(option.key());
    return setting == null ? null : SecretFile.current(setting);
  }
}
