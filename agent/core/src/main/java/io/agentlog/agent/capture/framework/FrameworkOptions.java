package io.agentlog.agent.capture.framework;

import io.agentlog.config.Config;
import io.agentlog.config.NamePattern;
import io.agentlog.config.Options;
import java.util.List;
import java.util.Locale;

/**
 * How runs of frameworks are recorded. Immutable.
 *
 * @param areStagesInside true if a run inside an annotated or ruled execution is a stage of that
 *     execution and none of its own
 * @param keepsToolTexts true if arguments and results of tools are kept
 * @param disabledAgents whose runs are not recorded
 */
public record FrameworkOptions(
    boolean areStagesInside, boolean keepsToolTexts, List<NamePattern> disabledAgents) {
  /** The options' defaults. */
  public static final FrameworkOptions DEFAULT = new FrameworkOptions(false, false, List.of());

  public FrameworkOptions {
    disabledAgents = List.copyOf(disabledAgents);
  }

  /** Reads the options; a text that is not understood counts as the default. */
  public static FrameworkOptions of(Config config) {
    return new FrameworkOptions(
        is(config.get(Options.FRAMEWORKS_IN_EXECUTION), "stages"),
        is(config.get(Options.CAPTURE_TOOLS), "full"),
        config.get(Options.AGENTS_DISABLED));
  }

  /** True if runs of an agent are not recorded. */
  public boolean disables(String agentName) {
    for (NamePattern each : disabledAgents) {
      if (each.matches(agentName)) {
        return true;
      }
    }
    return false;
  }

  private static boolean is(String text, String expected) {
    return text.strip().toLowerCase(Locale.ROOT).equals(expected);
  }
}
