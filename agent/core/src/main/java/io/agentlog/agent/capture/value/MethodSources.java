package io.agentlog.agent.capture.value;

import io.agentlog.agent.capture.spec.MethodSpec;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where the values of a woven method's calls are. Immutable, thread-safe. Belongs into a {@link
 * ClassValue} of the woven class: it refers to that class's own parameter types.
 *
 * @param execution null unless the method is an execution
 * @param stage null unless the method is a stage
 * @param decision null unless the method is a routing decision
 */
public record MethodSources(
    @Nullable ExecutionSources execution,
    @Nullable StageSources stage,
    @Nullable DecisionSources decision) {

  /**
   * Finds the sources of a method. Loads the method's parameter types where annotations and names
   * must be searched; initialises nothing. Never throws: what does not resolve is reported and left
   * out.
   *
   * @param type the woven class
   */
  public static MethodSources bind(
      MethodSpec spec, Class<?> type, PackageOpener opener, ValueFailures failures) {
    try {
      return new SourceBinder(spec, type, opener, failures).bind();
    } catch (Throwable t) { // Not expected; but a first call must not fail where later ones don't.
      new FailureOnce(failures, spec.displayName(), "*").reportThrown("binding", t);
      return empty(spec);
    }
  }

  private static MethodSources empty(MethodSpec spec) {
    return new MethodSources(
        spec.execution() == null
            ? null
            : new ExecutionSources(null, null, null, null, null, null, null, List.of(), List.of()),
        spec.stage() == null ? null : new StageSources(List.of(), List.of()),
        spec.decision() == null
            ? null
            : new DecisionSources(null, null, null, null, null, null, null, null, null, null));
  }

  /** An entry of a metadata object. */
  public record KeyedSource(String key, ValueSource source) {}

  /**
   * Sources of an execution; null where no rule names one.
   *
   * @param prompt read at entry
   * @param correlation read at entry
   * @param session read at entry
   * @param projectPath read at entry
   * @param projectName read at entry
   * @param traceparent read at entry; the header that the W3C names so
   * @param quality read at the end; whether its value is a number in range is left to the caller
   * @param entryMetadata read at entry, of distinct keys, also from {@code exitMetadata}'s
   * @param exitMetadata read at the end
   */
  public record ExecutionSources(
      @Nullable ValueSource prompt,
      @Nullable ValueSource correlation,
      @Nullable ValueSource session,
      @Nullable ValueSource projectPath,
      @Nullable ValueSource projectName,
      @Nullable ValueSource traceparent,
      @Nullable ValueSource quality,
      List<KeyedSource> entryMetadata,
      List<KeyedSource> exitMetadata) {
    public ExecutionSources {
      entryMetadata = List.copyOf(entryMetadata);
      exitMetadata = List.copyOf(exitMetadata);
    }
  }

  /**
   * Sources of a stage.
   *
   * @param entryMetadata not under the result; to be read at entry whenever the stage is reported,
   *     since arguments may change during the call
   * @param exitMetadata under the result
   */
  public record StageSources(List<KeyedSource> entryMetadata, List<KeyedSource> exitMetadata) {
    public StageSources {
      entryMetadata = List.copyOf(entryMetadata);
      exitMetadata = List.copyOf(exitMetadata);
    }
  }

  /**
   * Sources of a routing decision, all read at the end; null where not given.
   *
   * @param components the object or map of the four that follow, which read from it
   */
  public record DecisionSources(
      @Nullable ValueSource agent,
      @Nullable ValueSource confidence,
      @Nullable ValueSource strategy,
      @Nullable ValueSource reasoning,
      @Nullable ValueSource alternatives,
      @Nullable ValueSource components,
      @Nullable ValueSource trigger,
      @Nullable ValueSource context,
      @Nullable ValueSource capability,
      @Nullable ValueSource historical) {}
}
