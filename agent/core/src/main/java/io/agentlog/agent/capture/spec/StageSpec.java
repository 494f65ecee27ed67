package io.agentlog.agent.capture.spec;

import java.util.List;

/** {@code @ProgressStage}; the stage's name is never empty, a negative percent means: not given. */
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
