package io.agentlog.agent.capture.spec;

import java.util.List;

/** {@code @ProgressStage}; its name is never empty, a percent that is not given is negative. */
public record StageSpec(String stage, int percent, At at, List<String> metadata) {
  /** When the stage is reported. */
  public enum At {
    ENTRY,
    EXIT,
    BOTH
  }

  public StageSpec {
    metadata = List.copyOf(metadata);
  }
}
