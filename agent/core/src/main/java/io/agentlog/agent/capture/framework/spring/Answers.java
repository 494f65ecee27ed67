package io.agentlog.agent.capture.framework.spring;

import io.agentlog.agent.capture.framework.FrameworkContext;
import io.agentlog.agent.capture.framework.ModelAnswer;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * State of a model's answer so far: of each value the last one that was given, since the parts of a
 * stream have some of them. Used by one thread at a time.
 */
final class Answers {
  private final FrameworkContext context;
  private final Object model;
  private boolean isEmpty = true;
  private @Nullable String name;
  private @Nullable String finishReason;
  private Reported reported = Reported.NOTHING;

  /**
   * @param model that answers
   */
  Answers(FrameworkContext context, Object model) {
    this.context = context;
    this.model = model;
  }

  /**
   * Adds a response; returns whether it reports tokens.
   *
   * @param response a whole one, or a part
   */
  boolean add(@Nullable Object response) {
    if (response == null) {
      return false;
    }
    isEmpty = false;
    Object metadata = context.read(response, "getMetadata");
    name = given(context.text(metadata, "getModel"), name);
    finishReason =
        given(context.text(response, "getResult.getMetadata.getFinishReason"), finishReason);
    Reported now = Usages.reported(context, metadata, model);
    reported = now.after(reported);
    return !now.equals(Reported.NOTHING);
  }

  /** Returns what was added; null if nothing was. */
  @Nullable ModelAnswer answer(boolean hidesRounds) {
    return isEmpty
        ? null
        : new ModelAnswer(
            name,
            finishReason == null ? null : finishReason.toLowerCase(Locale.ROOT),
            reported.tokens(),
            hidesRounds ? Map.of("rounds_hidden", true) : Map.of());
  }

  private static @Nullable String given(@Nullable String value, @Nullable String before) {
    return value == null || value.isEmpty() ? before : value;
  }
}
