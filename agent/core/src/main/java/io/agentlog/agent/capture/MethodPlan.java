package io.agentlog.agent.capture;

import static java.util.Objects.requireNonNull;

import io.agentlog.agent.capture.async.AsyncType;
import io.agentlog.agent.capture.async.AsyncTypes;
import io.agentlog.agent.capture.privacy.PromptMode;
import io.agentlog.agent.capture.spec.MethodSpec;
import io.agentlog.agent.capture.spec.StageSpec.At;
import io.agentlog.agent.capture.value.MethodSources;
import io.agentlog.agent.capture.value.MethodSources.DecisionSources;
import io.agentlog.agent.capture.value.MethodSources.ExecutionSources;
import io.agentlog.agent.capture.value.MethodSources.StageSources;
import io.agentlog.agent.capture.value.ValueSource;
import io.agentlog.event.EventBuffer;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What to do when a woven method is called: its specification, bound to the class. One a method and
 * class; thread-safe.
 */
final class MethodPlan {
  /** Faults of ours after which calls of a method are not recorded any more. */
  static final int FAULTS_MAX = 1_000;

  final MethodSpec spec;
  final Class<?> type;
  final MethodSources sources;

  /** The agent's name as every event carries it; empty unless the method is an execution. */
  final byte[] encodedAgentName;

  private final @Nullable Stage stage;
  final boolean reportsStageAtEntry;
  final boolean reportsStageAtExit;

  /** True if a value that is read at the end lies in the receiver or an argument. */
  final boolean readsCallAtExit;

  /** Null if a result is always complete when the method returns. */
  final @Nullable AsyncType asyncType;

  /** Null until it is asked for; of several threads each finds the same. */
  @Nullable PromptMode promptMode;

  /** Null until it is asked for; of several threads each finds the same. */
  ApplicationMdc.@Nullable Found mdc;

  private final AtomicBoolean outsideReported = new AtomicBoolean();

  /** Faults of ours while a call of the method was recorded. */
  private final AtomicInteger faults = new AtomicInteger();

  private volatile boolean switchedOff;

  /**
   * @param nameBytesMax where the names of the agent and the stage are cut
   */
  MethodPlan(MethodSpec spec, Class<?> type, MethodSources sources, int nameBytesMax) {
    this.spec = spec;
    this.type = type;
    this.sources = sources;
    this.encodedAgentName =
        spec.execution() == null
            ? new byte[0]
            : EventBuffer.encodedText(spec.execution().agentName(), nameBytesMax);
    this.stage = spec.stage() == null ? null : Stage.of(spec.stage(), nameBytesMax);
    At at = spec.stage() == null ? null : spec.stage().at();
    this.reportsStageAtEntry = at == At.ENTRY || at == At.BOTH;
    this.reportsStageAtExit = at == At.EXIT || at == At.BOTH;
    this.readsCallAtExit = readsCallAtExit(sources);
    this.asyncType = AsyncTypes.of(spec.descriptor(), type);
  }

  /** The annotation that made it report a stage. */
  Stage stage() {
    return requireNonNull(stage, "only a stage's plan reports one");
  }

  ExecutionSources executionSources() {
    return requireNonNull(sources.execution(), "bound with the specification");
  }

  StageSources stageSources() {
    return requireNonNull(sources.stage(), "bound with the specification");
  }

  DecisionSources decisionSources() {
    return requireNonNull(sources.decision(), "bound with the specification");
  }

  /** True if a value is read from the result of the method. */
  boolean readsResult() {
    ExecutionSources execution = sources.execution();
    StageSources stages = sources.stage();
    return sources.decision() != null
        || (execution != null
            && (execution.quality() != null || !execution.exitMetadata().isEmpty()))
        || (stages != null && !stages.exitMetadata().isEmpty());
  }

  private static boolean readsCallAtExit(MethodSources sources) {
    ExecutionSources execution = sources.execution();
    DecisionSources decision = sources.decision();
    Stream<@Nullable ValueSource> ofExecution =
        execution == null ? Stream.empty() : Stream.of(execution.quality());
    Stream<@Nullable ValueSource> ofDecision =
        decision == null
            ? Stream.empty()
            : Stream.of(
                decision.agent(),
                decision.confidence(),
                decision.strategy(),
                decision.reasoning(),
                decision.alternatives(),
                decision.components());
    return Stream.concat(ofExecution, ofDecision)
        .anyMatch(source -> source != null && !source.usesResult());
  }

  /** True once calls of the method are not recorded any more. */
  boolean isSwitchedOff() {
    return switchedOff;
  }

  /**
   * Recording a call has failed by a fault of ours. Each costs the application an exception, so
   * there is an end to it.
   *
   * @return true for the one that switches the method off
   */
  boolean failed() {
    if (faults.incrementAndGet() != FAULTS_MAX) {
      return false;
    }
    switchedOff = true;
    return true;
  }

  /** True the first time, and never again. */
  boolean isFirstOutside() {
    return !outsideReported.get() && outsideReported.compareAndSet(false, true);
  }

  /**
   * True if a call of this method is the same execution as the current one, whose method calls it
   * by {@code super}, or only forwards to it.
   */
  boolean continues(@Nullable Execution current, @Nullable Object self) {
    return current != null
        && self != null
        && (current.self == self ? isOverriddenBy(current.plan) : isForwardedToBy(current.plan));
  }

  /**
   * True if the other plan's method is the static one that a compiler makes beside this one, with
   * its annotations: of a Kotlin companion ({@code @JvmStatic}), or of a Scala object.
   */
  private boolean isForwardedToBy(MethodPlan other) {
    return other.spec.isStatic()
        && !spec.isStatic()
        && spec.typeName().startsWith(other.spec.typeName() + "$")
        && spec.signature().equals(other.spec.signature());
  }

  /**
   * True if the other plan's method overrides this one, so that it may call it by {@code super}.
   */
  boolean isOverriddenBy(MethodPlan other) {
    return type != other.type
        && type.isAssignableFrom(other.type)
        && spec.isOverriddenBy(other.spec);
  }
}
