package io.agentlog.agent.capture.framework;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Records runs, models and tools of frameworks for their hooks. Thread-safe; every method is called
 * on the thread on which the thing happens, never waits, and does nothing where nothing is to be
 * recorded.
 */
public interface FrameworkCapture {
  /**
   * Begins an execution and makes it current on the calling thread. Its start is recorded by {@link
   * Run#start}, or by the first thing that happens in it.
   *
   * @return null if it is not recorded: the agent is disabled by name, or the agent itself reads
   *     values now
   */
  @Nullable Run begin(RunStart start);

  /**
   * Begins an execution without making it current: it runs elsewhere, as a stream that another
   * thread reads.
   *
   * @return null as for {@link #begin}
   */
  @Nullable Run beginElsewhere(RunStart start);

  /**
   * Returns the framework's run in which the calling thread works, an execution or a stage of one;
   * null if it works in none, or in an annotated method inside it.
   */
  @Nullable Run current();

  /** True if the calling thread works in an execution of any kind that has not ended. */
  default boolean isInside() {
    return false;
  }

  /** True if arguments and results of tools are kept; else they need not be read. */
  default boolean keepsToolTexts() {
    return false;
  }

  /**
   * Records the begin of a tool's call as a stage {@code tool:NAME} of the current execution.
   *
   * @param callId the model's ID of the call, or null
   * @param arguments recorded only if {@code capture.tools} says so
   * @return null outside an execution, which is counted
   */
  @Nullable ToolCall tool(String name, @Nullable String callId, @Nullable Object arguments);

  /**
   * Begins a call of a model: a stage {@code model:NAME} of the current execution now, and an event
   * with its tokens at the end. A call that begins while another one is open on the same path makes
   * that one delegated: the inner one alone has tokens.
   *
   * @return null outside an execution, which is counted, and if it is part of a call that is
   *     recorded: the same receiver's, by another of its methods
   */
  @Nullable ModelCall model(ModelRequest request);

  /**
   * Takes note that the calling thread does something else inside a call of a model, as a listener
   * does: models that it asks meanwhile are no part of that call.
   *
   * @return null if the thread is in no call
   */
  default @Nullable Aside aside() {
    return null;
  }

  /** Something else that a thread does inside a call of a model. */
  interface Aside {
    /** Goes on with the call. */
    void end();
  }

  /** Records a stage of the current execution; nothing outside one, which is counted. */
  void stage(String name, Map<String, @Nullable Object> metadata);

  /**
   * True if items of knowledge are recorded and the thread has an execution that uses them. Ask
   * before reading any.
   */
  default boolean recordsKnowledge() {
    return false;
  }

  /** True if the query and the texts of items are kept; else they need not be read. */
  default boolean keepsKnowledgeTexts() {
    return false;
  }

  /** Records items of knowledge that the current execution has found; nothing outside one. */
  default void knowledge(Retrieval retrieval) {}
}
