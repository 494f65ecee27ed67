package io.agentlog.config;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One option, declared once in {@link Options}: parses, falls back, explains itself and renders its
 * row of {@code docs/configuration.md}.
 *
 * @param key as in {@code agentlog.KEY}
 * @param defaultText what stands when nothing is set; null if the option is then absent
 * @param meaning one sentence for the docs
 * @param secret true if its value is never printed
 * @param parser throws {@link IllegalArgumentException} with a message that says what is expected
 * @param <T> what it parses to
 */
public record Option<T>(
    String key,
    @Nullable String defaultText,
    String meaning,
    boolean secret,
    Function<String, T> parser) {

  /** Its row of the table in the docs. */
  public String docsRow() {
    return "| `%s` | %s | %s |"
        .formatted(
            key,
            defaultText == null || defaultText.isEmpty() ? "" : "`" + defaultText + "`",
            meaning);
  }
}
