package io.agentlog.agent.capture;

import io.agentlog.agent.capture.privacy.Privacy;
import io.agentlog.agent.capture.privacy.PromptMode;
import io.agentlog.agent.capture.spec.ExecutionSpec;
import io.agentlog.agent.capture.value.Texts;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Applies the policy for prompts to prompts and instructions. Thread-safe. */
final class PromptPolicy {
  static final String PROMPT = "user_prompt";
  static final String INSTRUCTIONS = "agent_instructions";

  private final Privacy privacy;
  private final int bytesMax;

  /**
   * @param bytesMax limit of a prompt
   */
  PromptPolicy(Privacy privacy, int bytesMax) {
    this.privacy = privacy;
    this.bytesMax = bytesMax;
  }

  /**
   * Applies the policy of the plan's agent; null if there is none and the text is whole, so that
   * such a prompt costs nothing.
   *
   * @param field {@link #PROMPT} or {@link #INSTRUCTIONS}, which begins the keys of the flags
   * @param value as the application has it
   * @param given its text, or the beginning of it
   */
  @Nullable KeptPrompt kept(MethodPlan plan, String field, Object value, String given) {
    PromptMode mode = plan.promptMode;
    if (mode == null) {
      ExecutionSpec spec = plan.spec.execution();
      mode = privacy.promptMode(spec == null ? "" : spec.agentName());
      plan.promptMode = mode;
    }
    if (mode != PromptMode.FULL || privacy.redacts()) {
      int length = Texts.codePointCount(value, given);
      return KeptPrompt.of(field, given, length, mode, privacy, bytesMax);
    }
    return value instanceof CharSequence whole && whole.length() > given.length()
        ? new KeptPrompt(given, null, Texts.codePointCount(value, given), Map.of())
        : null;
  }
}
