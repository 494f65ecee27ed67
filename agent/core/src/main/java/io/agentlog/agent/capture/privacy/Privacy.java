package io.agentlog.agent.capture.privacy;

import io.agentlog.agent.metrics.Counters;
import io.agentlog.agent.metrics.Counters.Counter;
import io.agentlog.config.AgentNames;
import io.agentlog.config.Config;
import io.agentlog.config.NamePattern;
import io.agentlog.config.Options;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The policy for prompts and texts. Immutable; thread-safe. */
public final class Privacy {
  private record AgentMode(NamePattern agents, PromptMode mode) {}

  private final PromptMode mode;
  private final List<AgentMode> agentModes;
  private final @Nullable Redactor redactor;
  private final Counters counters;

  private Privacy(
      PromptMode mode, List<AgentMode> agentModes, @Nullable Redactor redactor, Counters counters) {
    this.mode = mode;
    this.agentModes = List.copyOf(agentModes);
    this.redactor = redactor;
    this.counters = counters;
  }

  /** Returns the policy that keeps everything as it is. */
  public static Privacy none() {
    return new Privacy(PromptMode.FULL, List.of(), null, new Counters());
  }

  /**
   * Reads the policy.
   *
   * @param log takes one line for each setting that is not understood
   */
  public static Privacy of(Config config, Counters counters, Consumer<String> log) {
    PromptMode mode = mode(config.get(Options.CAPTURE_PROMPT));
    if (mode == null) {
      log.accept(
          "capture.prompt is not full, hash or none, so no prompt is kept. See"
              + " docs/configuration.md");
      mode = PromptMode.NONE;
    }
    List<AgentMode> agentModes = new ArrayList<>();
    for (String entry : orEmpty(config.find(Options.CAPTURE_PROMPT_AGENTS)).split(",", -1)) {
      if (!entry.isBlank()) {
        List<AgentMode> ofEntry = agentModes(entry);
        if (ofEntry.isEmpty()) {
          log.accept(
              "capture.prompt.agents is not a list of AGENT:full|hash|none with commas between, so"
                  + " no prompt is kept. See docs/configuration.md");
          return new Privacy(PromptMode.NONE, List.of(), Redactor.of(config, log), counters);
        }
        agentModes.addAll(ofEntry);
      }
    }
    return new Privacy(mode, agentModes, Redactor.of(config, log), counters);
  }

  /** Reads {@code AGENT:MODE}; returns nothing if it is not that. */
  private static List<AgentMode> agentModes(String entry) {
    int colon = entry.lastIndexOf(':');
    PromptMode mode = mode(entry.substring(colon + 1));
    if (colon < 1 || mode == null) {
      return List.of();
    }
    try {
      return AgentNames.patterns(entry.substring(0, colon).strip()).stream()
          .map(pattern -> new AgentMode(pattern, mode))
          .toList();
    } catch (IllegalArgumentException e) {
      return List.of();
    }
  }

  private static @Nullable PromptMode mode(String text) {
    return switch (text.strip().toLowerCase(Locale.ROOT)) {
      case "full" -> PromptMode.FULL;
      case "hash" -> PromptMode.HASH;
      case "none" -> PromptMode.NONE;
      default -> null;
    };
  }

  private static String orEmpty(@Nullable String text) {
    return text == null ? "" : text;
  }

  /** Returns what is kept of an agent's prompts; the first pattern that matches it decides. */
  public PromptMode promptMode(String agentName) {
    for (AgentMode each : agentModes) {
      if (each.agents().matches(agentName)) {
        return each.mode();
      }
    }
    return mode;
  }

  /** True if texts are searched for secrets. */
  public boolean redacts() {
    return redactor != null;
  }

  /** Redacts a text; returns the same object if it has no secret. Never throws. */
  public String redact(String text) {
    if (redactor == null) {
      return text;
    }
    try {
      return redactor.redact(text);
    } catch (Throwable t) { // A nearly full stack, too, must not let the text through.
      counters.increment(Counter.WITHHELD);
      return Redactor.WITHHELD;
    }
  }

  /** Redacts a text, like {@link #redact}; null stays null. */
  public @Nullable String redactOrNull(@Nullable String text) {
    return text == null ? null : redact(text);
  }

  /** True if a text, or one in a list or map, was redacted or withheld. */
  public boolean isRedacted(@Nullable Object value) {
    if (redactor == null || value == null) {
      return false;
    }
    if (value instanceof String text) {
      return text.contains(Redactor.MARK) || text.contains(Redactor.WITHHELD);
    }
    if (value instanceof Collection<?> list) {
      return list.stream().anyMatch(this::isRedacted);
    }
    return value instanceof Map<?, ?> map && (isRedacted(map.keySet()) || isRedacted(map.values()));
  }
}
