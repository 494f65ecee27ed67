package io.agentlog.insight.alert;

import io.agentlog.insight.evaluate.Step;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Writes a message for Slack, and for what takes the same JSON. */
final class SlackText {
  /** The most characters that Slack takes in a section. */
  static final int LENGTH_MAX = 3_000;

  private static final String CUT = "...";

  private SlackText() {}

  /** Returns the JSON of an incoming webhook: a text for notifications, and the same as a block. */
  static Map<String, @Nullable Object> values(Message message) {
    String link = "\n<" + escape(message.url()) + "|Open the alert>";
    String text =
        "*%s: %s*%s\n%s\n%s"
            .formatted(
                Posts.word(message.status()),
                escapeAndCut(message.rule(), 200),
                escapeAndCut(labels(message), 500),
                escapeAndCut(message.summary(), 1_500),
                escapeAndCut(time(message), 200));
    Map<String, @Nullable Object> values = new LinkedHashMap<>();
    values.put("text", text);
    values.put(
        "blocks",
        List.of(Map.of("type", "section", "text", Map.of("type", "mrkdwn", "text", text + link))));
    return values;
  }

  private static String labels(Message message) {
    return message.labels().isEmpty()
        ? ""
        : message.labels().entrySet().stream()
            .map(label -> label.getKey() + " " + label.getValue())
            .collect(Collectors.joining(", ", " ", ""));
  }

  private static String time(Message message) {
    Instant begin = message.startsAt().truncatedTo(ChronoUnit.SECONDS);
    Instant end = message.endsAt();
    if (message.status() != Step.Message.RESOLVED || end == null) {
      return "Since " + begin;
    }
    long minutes = Duration.between(message.startsAt(), end).toMinutes();
    String reason = message.reason() == null ? "" : ": " + message.reason();
    return "From %s to %s, %s min%s"
        .formatted(begin, end.truncatedTo(ChronoUnit.SECONDS), Long.toString(minutes), reason);
  }

  /** Slack's control characters; without them no name is a link or calls everybody. */
  private static String escape(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }

  /** Escapes a text and cuts it so that no character and no escape is cut in two. */
  static String escapeAndCut(String text, int lengthMax) {
    String escaped = escape(text);
    if (escaped.length() <= lengthMax) {
      return escaped;
    }
    StringBuilder cut = new StringBuilder();
    for (int i = 0; i < text.length(); ) {
      int codePoint = text.codePointAt(i);
      String next = escape(Character.toString(codePoint));
      if (cut.length() + next.length() + CUT.length() > lengthMax) {
        break;
      }
      cut.append(next);
      i += Character.charCount(codePoint);
    }
    return cut + CUT;
  }
}
