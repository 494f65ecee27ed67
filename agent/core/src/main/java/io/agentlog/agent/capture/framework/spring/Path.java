package io.agentlog.agent.capture.framework.spring;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Steps of Spring AI that each thread is in, innermost last. Nothing stays on a thread that is in
 * nothing. Thread-safe: each thread sees its own.
 */
final class Path {
  /** Shared by all handlers, whose calls are nested. */
  @SuppressWarnings("ThreadLocalUsage")
  private static final ThreadLocal<Step> INNERMOST = new ThreadLocal<>();

  private Path() {}

  /** Kinds of steps that a thread can be in. */
  enum Kind {
    /** The blocking method of a model. */
    MODEL,
    /** The method of a model that makes a stream. */
    ASSEMBLY,
    /** A model's stream on the way upstream: where it is subscribed to, or asked for elements. */
    UPSTREAM,
    /** A model's stream on the way downstream, which is outside of its call. */
    DOWNSTREAM,
    /** The call of all tools that a model has asked for. */
    ROUND,
    /** The call of one tool. */
    TOOL,
    /** The search of a retriever or a vector store. */
    RETRIEVAL
  }

  /** Something that a thread is in. Used by its thread alone. */
  static final class Step {
    final Kind kind;

    /** The model, the tool, or the observed subscription. */
    final Object subject;

    final @Nullable Step outer;

    /** Name of the tool. */
    @Nullable String name;

    /** Handle that the handler records with: a call of a model or a tool. */
    @Nullable Object call;

    /** Calls of tools that a model has asked for and that have not begun. */
    @Nullable List<@Nullable Object> asked;

    /** True for a model's method inside of which tools or models were called. */
    boolean isRepeated;

    private Step(Kind kind, Object subject, @Nullable Step outer) {
      this.kind = kind;
      this.subject = subject;
      this.outer = outer;
    }
  }

  /** Returns what the thread is in if it is of this kind; null otherwise. */
  static @Nullable Step innermost(Kind kind) {
    Step step = INNERMOST.get();
    return step != null && step.kind == kind ? step : null;
  }

  /** Returns the nearest step of this kind that the thread is in, or null. */
  static @Nullable Step nearest(Kind kind) {
    Step step = INNERMOST.get();
    while (step != null && step.kind != kind) {
      step = step.outer;
    }
    return step;
  }

  static Step enter(Kind kind, Object subject) {
    Step step = new Step(kind, Objects.requireNonNull(subject), INNERMOST.get());
    INNERMOST.set(step);
    return step;
  }

  /** Leaves a step and all that is inside it. */
  static void leave(Step step) {
    if (step.outer == null) {
      INNERMOST.remove();
    } else {
      INNERMOST.set(step.outer);
    }
  }
}
