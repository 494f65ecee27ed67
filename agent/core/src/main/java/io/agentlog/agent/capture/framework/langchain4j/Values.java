package io.agentlog.agent.capture.framework.langchain4j;

import io.agentlog.agent.capture.framework.FrameworkContext;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads what several handlers read of the framework's objects. */
final class Values {
  /** The memory that the framework takes where the caller gives none. */
  private static final String DEFAULT_MEMORY = "default";

  private static final List<String> CORRELATION_KEYS =
      List.of("correlation_id", "correlationId", "X-Correlation-ID", "x-correlation-id");

  private final FrameworkContext context;

  Values(FrameworkContext context) {
    this.context = context;
  }

  /** Returns an ID as text; null if there is none. */
  @Nullable String id(@Nullable Object id) {
    return id == null ? null : id.toString();
  }

  /** Returns a memory's ID; null if it is the one of everybody. */
  @Nullable Object session(@Nullable Object memoryId) {
    return DEFAULT_MEMORY.equals(memoryId) ? null : memoryId;
  }

  /** Returns the caller's identifier among the parameters of a call. */
  @Nullable Object correlation(@Nullable Object parameters) {
    if (parameters instanceof Map<?, ?> map) {
      for (String key : CORRELATION_KEYS) {
        Object value = map.get(key);
        if (value != null) {
          return value;
        }
      }
    }
    return null;
  }

  /** Returns the texts of a user's message, a line each; null if it has none. */
  @Nullable String prompt(@Nullable Object userMessage) {
    if (!(context.read(userMessage, "contents") instanceof List<?> contents)) {
      return null;
    }
    StringBuilder all = null;
    String only = null;
    for (Object content : contents) {
      String text = context.text(content, "text");
      if (text != null && only == null) {
        only = text;
      } else if (text != null) {
        all = all == null ? new StringBuilder(only) : all;
        all.append('\n').append(text);
      }
    }
    return all == null ? only : all.toString();
  }

  /** Returns the names and values of texts, numbers and truth values among arguments. */
  @Nullable String prompt(Map<?, ?> arguments) {
    Map.Entry<?, ?>[] shown =
        arguments.entrySet().stream()
            .filter(each -> isShort(each.getValue()))
            .toArray(Map.Entry<?, ?>[]::new);
    if (shown.length == 0) {
      return null;
    }
    if (shown.length == 1) {
      return String.valueOf(shown[0].getValue());
    }
    StringBuilder all = new StringBuilder();
    for (Map.Entry<?, ?> each : shown) {
      all.append(all.length() == 0 ? "" : "\n")
          .append(each.getKey())
          .append(": ")
          .append(each.getValue());
    }
    return all.toString();
  }

  private static boolean isShort(@Nullable Object value) {
    return value instanceof String || value instanceof Number || value instanceof Boolean;
  }
}
