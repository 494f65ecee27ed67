package io.agentlog.config;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * One key with its text from one place.
 *
 * @param key canonical, without {@code agentlog.}
 * @param text null if the key was set to nothing, which hides the values of later places
 * @param origin the place, for the log: {@code system property agentlog.service}
 * @param explicit true if the place is one of agentlog's own
 * @param secretFile the file that the text is from, which may change; null for any other text
 */
record Setting(
    String key, @Nullable String text, String origin, boolean explicit, @Nullable Path secretFile) {
  Setting(String key, @Nullable String text, String origin, boolean explicit) {
    this(key, text, origin, explicit, null);
  }

  Setting withText(@Nullable String newText) {
    return new Setting(key, newText, origin, explicit, secretFile);
  }

  /** Returns key and origin, without the text, which may be a secret. */
  @Override
  public String toString() {
    return key + " (" + origin + ")";
  }
}
