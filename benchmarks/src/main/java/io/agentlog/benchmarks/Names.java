package io.agentlog.benchmarks;

import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads names from a command line. */
final class Names {
  private Names() {}

  /**
   * Variants by name, in any case and with {@code -} for {@code _}.
   *
   * @param text names separated by commas; null for the default
   * @throws IllegalArgumentException if there is no such variant
   */
  static Set<Variant> variants(@Nullable String text, Variant... byDefault) {
    if (text == null) {
      return EnumSet.copyOf(List.of(byDefault));
    }
    Set<Variant> variants = EnumSet.noneOf(Variant.class);
    for (String name : text.split(",", -1)) {
      variants.add(Variant.valueOf(name.strip().toUpperCase(Locale.ROOT).replace('-', '_')));
    }
    return variants;
  }

  /**
   * Settings of the form {@code KEY=value}.
   *
   * @throws IllegalArgumentException if a key is not among those known
   */
  static Map<String, String> settings(String[] arguments, List<String> keys) {
    Map<String, String> settings = new HashMap<>();
    for (String argument : arguments) {
      int equals = argument.indexOf('=');
      if (equals < 0 || !keys.contains(argument.substring(0, equals))) {
        throw new IllegalArgumentException(argument + ": expected KEY=value with one of " + keys);
      }
      settings.put(argument.substring(0, equals), argument.substring(equals + 1));
    }
    return settings;
  }
}
