package io.agentlog.agent.capture.privacy;

import io.agentlog.config.Config;
import io.agentlog.config.Options;
import java.util.Locale;

/**
 * How much beyond the executions themselves is recorded.
 *
 * @param isOn true if prompts with instructions, and used knowledge, are recorded
 * @param keepsTexts true if the summary and the query of used knowledge are kept
 */
public record TraceOptions(boolean isOn, boolean keepsTexts) {
  /** Records none of it. */
  public static final TraceOptions OFF = new TraceOptions(false, false);

  /** Reads the options; any text but {@code full} keeps names alone. */
  public static TraceOptions of(Config config) {
    String retrieval = config.get(Options.CAPTURE_RETRIEVAL).strip().toLowerCase(Locale.ROOT);
    return new TraceOptions(config.get(Options.TRACEABILITY), retrieval.equals("full"));
  }
}
