package io.agentlog.connect;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The events that {@code docs/events/README.md} shows, one of each type, each on one line. */
final class DocumentedEvents {
  private static final Pattern BLOCK = Pattern.compile("```json\n(.*?)\n```", Pattern.DOTALL);
  private static final Pattern OF_DETAILS =
      Pattern.compile(
          "\"event_type\": \"(prompt|file_operation|file_hash|intelligence_usage|model_call)\"");

  private DocumentedEvents() {}

  /** Those of the topic of executions. */
  static List<byte[]> ofExecutions() {
    return all()
        .filter(event -> !OF_DETAILS.matcher(event).find())
        .map(DocumentedEvents::bytes)
        .toList();
  }

  /** Those of the topic of details. */
  static List<byte[]> ofDetails() {
    return all()
        .filter(event -> OF_DETAILS.matcher(event).find())
        .map(DocumentedEvents::bytes)
        .toList();
  }

  private static Stream<String> all() {
    try {
      String page = Files.readString(Path.of("../docs/events/README.md"));
      return BLOCK
          .matcher(page)
          .results()
          .map(block -> block.group(1).replaceAll("\n *", ""))
          .filter(event -> !event.contains("\"event_type\": \"instance\"")); // No event of one.
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] bytes(String event) {
    return event.getBytes(StandardCharsets.UTF_8);
  }
}
