package io.agentlog.agent.capture;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.agentlog.agent.capture.privacy.Privacy;
import io.agentlog.agent.capture.privacy.PromptMode;
import io.agentlog.event.CleanText;
import io.agentlog.event.EventBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The part of a prompt or of instructions that the policy keeps. Made on the caller's thread, and
 * only if there is a policy, because a reader could hash only a text that the journal holds.
 *
 * @param text null if it is not kept
 * @param sha256 of the text as it would be kept, in hexadecimal digits; null unless the hash
 *     replaces the text
 * @param lengthGiven of the prompt before any change, in code points
 * @param flags metadata that names each change
 */
record KeptPrompt(
    @Nullable String text, @Nullable String sha256, int lengthGiven, Map<String, Object> flags) {

  /**
   * @param field begins the keys of the flags
   * @param length of the prompt, in code points; the given text may be its beginning
   */
  static KeptPrompt of(
      String field, String given, int length, PromptMode mode, Privacy privacy, int bytesMax) {
    Map<String, Object> flags = new LinkedHashMap<>();
    if (mode == PromptMode.NONE) {
      flags.put(field + "_omitted", true);
      return new KeptPrompt(null, null, length, flags);
    }
    String redacted = privacy.redact(given);
    if (privacy.isRedacted(redacted)) {
      flags.put(field + "_redacted", true);
    }
    if (mode == PromptMode.FULL) {
      return new KeptPrompt(redacted, null, length, flags);
    }
    String cut = EventBuffer.cut(redacted, bytesMax);
    if (cut.length() < redacted.length()) {
      flags.put(field + "_truncated", true);
    }
    String clean = CleanText.of(cut);
    if (!clean.equals(cut)) {
      flags.put(field + "_sanitized", true);
    }
    flags.put(field + "_hashed", true);
    return new KeptPrompt(null, sha256(clean), length, flags);
  }

  private static String sha256(String text) {
    try {
      return HexFormat.of()
          .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
