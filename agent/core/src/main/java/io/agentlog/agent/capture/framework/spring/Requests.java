package io.agentlog.agent.capture.framework.spring;

import io.agentlog.agent.capture.framework.FrameworkContext;
import io.agentlog.agent.capture.framework.Run;
import io.agentlog.agent.capture.framework.RunStart;
import io.agentlog.event.Event;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads what a chat client is asked. Thread-safe. */
final class Requests {
  /** Where {@code ChatMemory} looks for the conversation, and what it takes if there is none. */
  private static final String CONVERSATION = "chat_memory_conversation_id";

  private static final String NO_CONVERSATION = "default";

  private static final List<String> CORRELATION =
      List.of("correlation_id", "correlationId", "X-Correlation-ID", "x-correlation-id");

  private final FrameworkContext context;

  Requests(FrameworkContext context) {
    this.context = context;
  }

  /**
   * Returns what is known when the execution begins.
   *
   * @param client a class of Spring AI, which sees the application's libraries
   */
  RunStart start(String agentName, String method, Object request, Class<?> client) {
    Map<?, ?> values = context.read(request, "context") instanceof Map<?, ?> map ? map : Map.of();
    Map<String, @Nullable Object> framework = new LinkedHashMap<>();
    framework.put("name", SpringAi.NAME);
    framework.put("version", context.version(SpringAi.SPEC, context.read(request, "prompt")));
    framework.put("method", method);
    return new RunStart(
        Event.Kind.CHAT_CLIENT,
        agentName,
        first(values, CORRELATION),
        conversation(values),
        client,
        Map.of("framework", framework));
  }

  /** Returns the class that calls the chat client, in kebab case. */
  String agentName() {
    return context.callingClassName(SpringAi.SPEC);
  }

  /** Records the start with the last message of the user and the system's message. */
  void start(Run run, Object request) {
    run.start(
        text(request, "prompt.getUserMessage.getText"),
        text(request, "prompt.getSystemMessage.getText"),
        Map.of());
  }

  /** An absent message is an empty one there. */
  private @Nullable String text(Object request, String path) {
    String text = context.text(request, path);
    return text == null || text.isEmpty() ? null : text;
  }

  private static @Nullable Object conversation(Map<?, ?> values) {
    Object conversation = values.get(CONVERSATION);
    return NO_CONVERSATION.equals(conversation) ? null : conversation;
  }

  private static @Nullable Object first(Map<?, ?> values, List<String> keys) {
    for (String key : keys) {
      Object value = values.get(key);
      if (value != null) {
        return value;
      }
    }
    return null;
  }
}
