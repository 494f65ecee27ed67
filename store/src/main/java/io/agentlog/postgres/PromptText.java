package io.agentlog.postgres;

import io.agentlog.event.Event;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A text of instructions under its hash. Immutable. */
record PromptText(String sha256, String text, Instant firstSeen) {
  /** Returns the instructions of a prompt; null if their text or hash is withheld. */
  static @Nullable PromptText of(Event.Prompt event) {
    String sha256 = event.instructionsSha256();
    String text = event.instructions();
    return sha256 == null || text == null
        ? null
        : new PromptText(sha256, text, event.header().occurredAt());
  }

  /** Returns the length in code points. */
  int length() {
    return text.codePointCount(0, text.length());
  }

  /** Returns the one that was seen first. */
  static PromptText earlier(PromptText a, PromptText b) {
    return b.firstSeen.isBefore(a.firstSeen) ? b : a;
  }
}
