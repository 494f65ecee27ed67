package io.agentlog.insight.rules;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.Node;

/** Reads an entry of the section {@code mute}. */
final class MuteReader {
  static final List<String> KEYS = List.of("from", "to", "agent", "agents");

  private MuteReader() {}

  static Mute read(Node node, Mistakes mistakes) {
    Entry entry = Entry.of(node, "an entry of 'mute'", KEYS, mistakes);
    Instant from = time(entry, "from");
    Instant to = time(entry, "to");
    if (from != null && to != null && !from.isBefore(to)) {
      entry.wrong("to", "'to' must be after 'from'");
    }
    return new Mute(
        from == null ? Instant.EPOCH : from,
        to == null ? Instant.EPOCH : to,
        entry.agents(List.of("*")));
  }

  private static @Nullable Instant time(Entry entry, String key) {
    String example = "2026-12-24T00:00Z";
    String text = entry.required(key, example);
    if (!text.isEmpty()) {
      try {
        return OffsetDateTime.parse(text).toInstant();
      } catch (DateTimeException e) {
        entry.wrong(
            key,
            "'%s' must be a time with its zone, such as %s, was %s"
                .formatted(key, example, Mistakes.shown(text)));
      }
    }
    return null;
  }
}
