package io.agentlog.agent.capture.value;

import io.agentlog.agent.capture.spec.MethodSpec;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Sources of the values of a woven method's calls. Immutable, thread-safe. Keep it in a {@link
 * ClassValue} of the woven class, because it refers to that class's own parameter types.
 *
 * @param execution null unless the method is an execution
 * @param stage null unless the method is a stage
 * @param decision null unless the method is a routing decision
 * @param intelligence null unless the method finds or applies knowledge
 * @param resumption the label of a suspending method's own object; null for other methods
 */
public record MethodSources(
    @Nullable ExecutionSources execution,
    @Nullable StageSources stage,
    @Nullable DecisionSources decision,
    @Nullable IntelligenceSources intelligence,
    @Nullable ValueSource resumption) {

  /**
   * Finds the sources of a method. Loads the method's parameter types if it must search annotations
   * and names; initialises nothing. Never throws: reports and leaves out a source that does not
   * resolve.
   *
   * @param type the woven class
   */
  public static MethodSources bind(
      MethodSpec spec, Class<?> type, PackageOpener opener, ValueFailures failures) {
    try {
      return new SourceBinder(spec, type, opener, failures).bind();
    } catch (Throwable t) { // Unexpected. A first call must not fail where later calls don't.
      new FailureOnce(failures, spec.displayName(), "*").reportThrown("binding", t);
      return empty(spec);
    }
  }

  private static MethodSources empty(MethodSpec spec) {
    return new MethodSources(
        spec.execution() == null
            ? null
            : new ExecutionSources(
                null, null, null, null, null, null, null, null, List.of(), List.of()),
        spec.stage() == null ? null : new StageSources(List.of(), List.of()),
        spec.decision() == null
            ? null
            : new DecisionSources(null, null, null, null, null, null, null, null, null, null),
        spec.intelligence() == null ? null : IntelligenceSources.NONE,
        null);
  }

  /** A metadata key and the source of its value. */
  public record KeyedSource(String key, ValueSource source) {}

  /**
   * Sources of an execution; null where no rule names one.
   *
   * @param prompt read at entry
   * @param instructions read at entry, if they are recorded
   * @param correlation read at entry
   * @param session read at entry
   * @param projectPath read at entry
   * @param projectName read at entry
   * @param traceparent read at entry; the W3C's header of this name
   * @param quality read at the end; the caller checks that its value is a number in range
   * @param entryMetadata read at entry; no key occurs twice, not even in {@code exitMetadata}
   * @param exitMetadata read at the end
   */
  public record ExecutionSources(
      @Nullable ValueSource prompt,
      @Nullable ValueSource instructions,
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
   * @param entryMetadata paths outside the result; read at entry even for a stage that is reported
   *     at exit, because arguments may change during the call
   * @param exitMetadata paths below the result
   */
  public record StageSources(List<KeyedSource> entryMetadata, List<KeyedSource> exitMetadata) {
    public StageSources {
      entryMetadata = List.copyOf(entryMetadata);
      exitMetadata = List.copyOf(exitMetadata);
    }
  }

  /**
   * Sources of a routing decision, all read at the end; null if not given.
   *
   * @param components the object or map from which the four sources after it read
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
