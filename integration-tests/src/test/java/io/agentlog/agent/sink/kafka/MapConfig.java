package io.agentlog.agent.sink.kafka;

import io.agentlog.agent.config.Config;
import io.agentlog.agent.config.Option;
import java.util.HashMap;
import java.util.Map;

/** Settings that a test gives, by key. */
record MapConfig(Map<String, String> settings) implements Config {
  @Override
  public <T> T get(Option<T> option) {
    T value = find(option);
    if (value == null) {
      throw new IllegalStateException(option.key() + " is not set");
    }
    return value;
  }

  @Override
  public <T> T find(Option<T> option) {
    String text = settings.getOrDefault(option.key(), option.defaultText());
    return text == null ? null : option.parser().apply(text);
  }

  @Override
  public String origin(Option<?> option) {
    return "test";
  }

  @Override
  public boolean isExplicit(Option<?> option) {
    return settings.containsKey(option.key());
  }

  @Override
  public Map<String, String> family(String prefix) {
    Map<String, String> family = new HashMap<>();
    settings.forEach(
        (key, value) -> {
          if (key.startsWith(prefix)) {
            family.put(key.substring(prefix.length()), value);
          }
        });
    return family;
  }
}
