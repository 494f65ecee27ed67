package io.agentlog.postgres;

import io.agentlog.config.Config;
import io.agentlog.config.Option;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Settings of a test; each is explicit unless it is set as the Python logger's. */
public final class TestConfig implements Config {
  private final Map<String, String> values = new HashMap<>();
  private final Set<String> python = new HashSet<>();

  /** Sets {@code KEY} of {@code agentlog.KEY}. */
  public TestConfig with(String key, String value) {
    values.put(key, value);
    return this;
  }

  /** Sets {@code KEY} as if it came from the Python logger's environment. */
  public TestConfig withPython(String key, String value) {
    python.add(key);
    return with(key, value);
  }

  @Override
  public <T> T get(Option<T> option) {
    T value = find(option);
    if (value == null) {
      throw new IllegalStateException(option.key());
    }
    return value;
  }

  @Override
  public <T> T find(Option<T> option) {
    String text = values.getOrDefault(option.key(), option.defaultText());
    return text == null ? null : option.parser().apply(text);
  }

  @Override
  public String origin(Option<?> option) {
    return "test";
  }

  @Override
  public boolean isExplicit(Option<?> option) {
    return values.containsKey(option.key()) && !python.contains(option.key());
  }

  @Override
  public Map<String, String> family(String prefix) {
    Map<String, String> family = new HashMap<>();
    values.forEach(
        (key, value) -> {
          if (key.startsWith(prefix)) {
            family.put(key.substring(prefix.length()), value);
          }
        });
    return family;
  }
}
