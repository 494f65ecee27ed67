package io.agentlog.config;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One option, declared once in {@link Options}: parses its value, has a default, explains itself
 * and renders its row of {@code docs/configuration.md}.
 *
 * @param key as in {@code agentlog.KEY}
 * @param defaultText value if nothing is set; null for no value
 * @param meaning description for the docs
 * @param secret true if its value is never printed
 * @param parser throws {@link IllegalArgumentException} with a message that says what is expected
 * @param <T> type of the parsed value
 */
public record Option<T>(
    String key,
    @Nullable String defaultText,
    String meaning,
    boolean secret,
    Function<String, T> parser) {

  /** Returns the option's row of the table in the docs. */
  public String docsRow() {
    return "| `%s` | %s | %s |"
        .formatted(
            key,
            defaultText == null || defaultText.isEmpty() ? "" : "`" + defaultText + "`",
            meaning);
  }
}
