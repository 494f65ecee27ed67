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
import java.lang.reflect.Proxy;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Plan for the calls of a woven method: its specification, bound to a class. One per method and
 * class. Thread-safe.
 */
final class MethodPlan {
  /** Count of the agent's own errors after which a method is no longer recorded. */
  static final int FAULTS_MAX = 1_000;

  /** Ends the name of the class in which Kotlin keeps the bodies of an interface. */
  private static final String DEFAULTS_SUFFIX = "$DefaultImpls";

  final MethodSpec spec;
  final Class<?> type;
  final MethodSources sources;

  /** The agent's name as every event carries it; empty unless the method is an execution. */
  final byte[] encodedAgentName;

  /** True for a proxy of the JDK, which is woven if no class has the code. */
  private final boolean isProxy;

  /** See {@link #defaultSignature(MethodSpec)}. */
  private final @Nullable String defaultSignature;

  private final @Nullable Stage stage;
  final boolean reportsStageAtEntry;
  final boolean reportsStageAtExit;

  /** True if a path that is read at the end starts at the receiver or an argument. */
  final boolean readsCallAtExit;

  /** Null if a result is always complete when the method returns. */
  final @Nullable AsyncType asyncType;

  /** Computed at first use. A race is harmless: every thread computes the same value. */
  @Nullable PromptMode promptMode;

  /** Computed at first use. A race is harmless: every thread computes the same value. */
  ApplicationMdc.@Nullable Found mdc;

  /** Computed at first use. A race is harmless: every thread computes the same value. */
  AmbientTrace.@Nullable Found tracers;

  private final AtomicBoolean outsideReported = new AtomicBoolean();

  /** Count of the agent's own errors while it recorded calls of the method. */
  private final AtomicInteger faults = new AtomicInteger();

  private volatile boolean switchedOff;

  /**
   * @param nameBytesMax limit for the names of the agent and the stage, which are cut there
   */
  MethodPlan(MethodSpec spec, Class<?> type, MethodSources sources, int nameBytesMax) {
    this.spec = spec;
    this.type = type;
    this.sources = sources;
    this.isProxy = Proxy.isProxyClass(type);
    this.defaultSignature = defaultSignature(spec);
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

  /** Returns the stage of a method that reports one. */
  Stage stage() {
    return requireNonNull(stage, "the method reports no stage");
  }

  ExecutionSources executionSources() {
    return requireNonNull(sources.execution(), "the method is no execution");
  }

  StageSources stageSources() {
    return requireNonNull(sources.stage(), "the method reports no stage");
  }

  DecisionSources decisionSources() {
    return requireNonNull(sources.decision(), "the method is no routing decision");
  }

  /** True if a value is read from the result of the method. */
  boolean readsResult() {
    ExecutionSources execution = sources.execution();
    StageSources stages = sources.stage();
    return sources.decision() != null
        || sources.intelligence() != null
        || (execution != null
            && (execution.quality() != null || !execution.exitMetadata().isEmpty()))
        || (stages != null && !stages.exitMetadata().isEmpty());
  }

  private static boolean readsCallAtExit(MethodSources sources) {
    ExecutionSources execution = sources.execution();
    DecisionSources decision = sources.decision();
    if (sources.intelligence() != null && sources.intelligence().usesCall()) {
      return true;
    }
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

  /** True once calls of the method are no longer recorded. */
  boolean isSwitchedOff() {
    return switchedOff;
  }

  /**
   * Counts an error of the agent's own while it recorded a call. Each one costs the application an
   * exception, so the {@value #FAULTS_MAX}th switches the method off.
   *
   * @return true if this error has switched the method off
   */
  boolean countFault() {
    if (faults.incrementAndGet() != FAULTS_MAX) {
      return false;
    }
    switchedOff = true;
    return true;
  }

  /** Returns true for the first call outside an execution only. */
  boolean isFirstOutside() {
    return !outsideReported.get() && outsideReported.compareAndSet(false, true);
  }

  /**
   * True if a call of this method continues the current execution, because that one's method calls
   * it by {@code super}, or is a proxy's.
   */
  boolean continues(
      @Nullable Execution current, @Nullable Object self, Object @Nullable [] arguments) {
    if (current == null || current.isEnded()) {
      return false;
    }
    if (self == null) {
      return defaultSignature != null
          && arguments != null
          && arguments[0] == current.self
          && current.plan.spec.signatures().contains(defaultSignature);
    }
    return isOverriddenBy(current.plan)
        ? isReceiverOf(current, self)
        : current.plan.isProxy && isBehind(current.plan);
  }

  /**
   * Returns the signature that the static method has in the interface whose body it holds, with the
   * receiver as its first argument; null for other methods. Kotlin keeps bodies of interfaces so.
   */
  private static @Nullable String defaultSignature(MethodSpec spec) {
    int end = spec.descriptor().indexOf(';');
    String holder = "(L" + spec.typeName().replace('.', '/');
    return spec.isStatic()
            && end > 0
            && holder.equals(spec.descriptor().substring(0, end) + DEFAULTS_SUFFIX)
        ? spec.name() + "(" + spec.descriptor().substring(end + 1)
        : null;
  }

  /**
   * True if the current execution may have called its overridden method for this object. Once it
   * has returned it no longer knows its receiver. Then the class decides: what it overrides can be
   * reached by {@code super} alone.
   */
  private static boolean isReceiverOf(Execution current, Object self) {
    Object receiver = current.self;
    return receiver == null ? current.plan.type.isInstance(self) : receiver == self;
  }

  /** True if the proxy was made when no class had the code, and now calls this method. */
  private boolean isBehind(MethodPlan proxy) {
    return !isProxy
        && spec.signatures().contains(proxy.spec.signature())
        && Objects.equals(spec.execution(), proxy.spec.execution());
  }

  /**
   * True if the call only goes on with one that has begun before: Kotlin calls a suspending method
   * again after each suspension, with the call's own object and a mark in its label.
   */
  boolean isResumed(Object @Nullable [] arguments) {
    if (spec.resumedBy() == null || arguments == null) {
      return false;
    }
    Object continuation = arguments[arguments.length - 1];
    return continuation != null
        && continuation.getClass().getName().equals(spec.resumedBy())
        && sources.resumption() != null
        && sources.resumption().read(null, arguments, null) instanceof Integer label
        && label < 0;
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
