package io.agentlog.agent.capture;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the class file of a woven method says, as plain data: found when the class is transformed,
 * kept by name until its first call binds it. Holds no class and no loader.
 *
 * @param typeName binary name of the class that was woven
 * @param name of the method
 * @param descriptor of the method, as in the class file
 * @param parameters in order, without the receiver
 * @param execution null unless marked {@code @AgentExecution}
 * @param stage null unless marked {@code @ProgressStage}
 * @param decision null unless marked {@code @RoutingDecision}
 */
public record MethodSpec(
    String typeName,
    String name,
    String descriptor,
    boolean isStatic,
    List<ParameterSpec> parameters,
    @Nullable ExecutionSpec execution,
    @Nullable StageSpec stage,
    @Nullable DecisionSpec decision) {

  public MethodSpec {
    parameters = List.copyOf(parameters);
  }

  /** The method as messages name it: {@code com.acme.Router.route}. */
  public String displayName() {
    return typeName + "." + name;
  }

  /**
   * A parameter.
   *
   * @param name from {@code -parameters}, else from debug info, else {@code argN}
   * @param marks simple names of our annotations on it, such as {@code Prompt}
   * @param metadataKey of {@code @Metadata}, or null
   */
  public record ParameterSpec(String name, Set<String> marks, @Nullable String metadataKey) {
    public ParameterSpec {
      marks = Set.copyOf(marks);
    }
  }

  /** {@code @AgentExecution}; an empty path means: not given. The agent's name is never empty. */
  public record ExecutionSpec(
      String agentName,
      String prompt,
      String correlationId,
      String sessionId,
      String quality,
      List<String> metadata) {
    public ExecutionSpec {
      metadata = List.copyOf(metadata);
    }
  }

  /**
   * {@code @ProgressStage}; the stage's name is never empty, a negative percent means: not given.
   */
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

  /** {@code @RoutingDecision}; an empty path means: not given. */
  public record DecisionSpec(
      String agent,
      String confidence,
      String strategy,
      String reasoning,
      String alternatives,
      String components) {}
}
