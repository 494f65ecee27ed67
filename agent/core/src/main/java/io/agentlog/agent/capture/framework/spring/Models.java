package io.agentlog.agent.capture.framework.spring;

import io.agentlog.agent.capture.framework.FrameworkContext;
import io.agentlog.agent.capture.framework.ModelRequest;
import org.jspecify.annotations.Nullable;

/** Reads what a model is asked. Thread-safe. */
final class Models {
  private static final String PACKAGE = "org.springframework.ai.";

  private Models() {}

  static ModelRequest request(
      FrameworkContext context, Object model, @Nullable Object prompt, boolean isStreaming) {
    String name = context.text(prompt, "getOptions.getModel");
    return new ModelRequest(
        SpringAi.NAME,
        provider(model),
        name == null ? context.text(model, "getDefaultOptions.getModel") : name,
        isStreaming,
        model);
  }

  /** Spring AI's own models are in packages of their providers; null for another's model. */
  private static @Nullable String provider(Object model) {
    Class<?> type = model.getClass();
    while (type != null && !type.getName().startsWith(PACKAGE)) {
      type = type.getSuperclass();
    }
    if (type == null) {
      return null;
    }
    String name = type.getName();
    int end = name.indexOf('.', PACKAGE.length());
    String provider = end < 0 ? "" : name.substring(PACKAGE.length(), end);
    return provider.isEmpty() || provider.equals("chat") ? null : provider;
  }
}
