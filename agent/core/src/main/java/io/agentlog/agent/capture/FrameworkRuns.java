package io.agentlog.agent.capture;

import io.agentlog.agent.capture.framework.FrameworkCapture;
import io.agentlog.agent.capture.framework.FrameworkOptions;
import io.agentlog.agent.capture.framework.ModelAnswer;
import io.agentlog.agent.capture.framework.ModelCall;
import io.agentlog.agent.capture.framework.ModelRequest;
import io.agentlog.agent.capture.framework.Retrieval;
import io.agentlog.agent.capture.framework.Run;
import io.agentlog.agent.capture.framework.RunStart;
import io.agentlog.agent.capture.framework.ToolCall;
import io.agentlog.agent.metrics.Counters;
import io.agentlog.agent.metrics.Counters.Counter;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which run, model's call and tool's call the threads of frameworks are in. What is to be recorded
 * of them goes to {@link FrameworkRecorder}. Thread-safe.
 *
 * <pre>
 *  execution of the thread   [ handle() ]--[ run of a chat client ]---------------------.
 *  frames of the thread                      model --> tool --> model   (innermost last)
 *                                                       '- ends the path: both models count
 * </pre>
 */
final class FrameworkRuns implements FrameworkCapture {
  /** Marks that the thread had no execution before. */
  private static final Object NONE = new Object();

  final ThreadFrame.All frames = new ThreadFrame.All();
  private final CaptureBridge bridge;
  private final FrameworkRecorder recorder;
  private final FrameworkPlans plans;
  private final boolean areStagesInside;
  private final Counters counters;

  FrameworkRuns(
      CaptureBridge bridge,
      FrameworkRecorder recorder,
      CaptureLimits limits,
      FrameworkOptions options,
      Counters counters) {
    this.bridge = bridge;
    this.recorder = recorder;
    this.plans = new FrameworkPlans(options, limits.valueBytes());
    this.areStagesInside = options.areStagesInside();
    this.counters = counters;
  }

  @Override
  public @Nullable Run begin(RunStart start) {
    Execution before = bridge.current.ofThread();
    Run begun = make(start, System.nanoTime());
    if (begun instanceof FrameworkExecution execution) {
      execution.isOutermostOfThread = before == null;
      execution.beginHere();
      bridge.current.set(execution);
    } else if (begun instanceof StageRun stage) {
      stage.beginHere();
    }
    return begun;
  }

  @Override
  public @Nullable Run beginElsewhere(RunStart start) {
    return make(start, System.nanoTime());
  }

  private @Nullable Run make(RunStart start, long now) {
    Execution enclosing = bridge.current.get();
    if (enclosing == Execution.READING) {
      return null;
    }
    FrameworkPlans.RunPlan plan = plans.of(start);
    if (plan.isDisabled()) {
      return null;
    }
    Execution parent = enclosing == null || enclosing.isEnded() ? null : enclosing;
    if (parent != null && areStagesInside && !(parent instanceof FrameworkExecution)) {
      String stage = recorder.stageName(start.kind().wireName(), plan.agentName());
      return new StageRun(this, parent, stage, plan.agentName(), now);
    }
    bridge.stack.run(now);
    Execution before = beginReading();
    try {
      FrameworkExecution execution = recorder.create(this, start, plan, parent, now);
      bridge.startFiles(execution, parent, null);
      return execution;
    } finally {
      bridge.goBackTo(before);
    }
  }

  /** While values are read, what the application's code does is neither recorded nor read. */
  private @Nullable Execution beginReading() {
    Execution before = bridge.current.ofThread();
    bridge.current.set(Execution.READING);
    return before;
  }

  @Override
  public boolean keepsToolTexts() {
    return recorder.keepsToolTexts();
  }

  @Override
  public @Nullable Run current() {
    Execution execution = bridge.current.get();
    if (execution instanceof FrameworkExecution run) {
      return run.isEnded() ? null : run;
    }
    if (execution == null || !areStagesInside) {
      return null;
    }
    ThreadFrame frame = frames.current();
    while (frame != null) {
      if (frame instanceof StageRun.Frame stage && stage.run.isIn(execution)) {
        return stage.run.isEnded() ? null : stage.run;
      }
      frame = frame.outer();
    }
    return null;
  }

  void start(
      FrameworkExecution execution,
      @Nullable String prompt,
      @Nullable String instructions,
      Map<String, @Nullable Object> metadata) {
    Execution before = beginReading();
    try {
      recorder.start(execution, prompt, instructions, metadata);
    } finally {
      bridge.goBackTo(before);
    }
  }

  /** Makes an execution current; returns what {@link #leave} takes, null if nothing changes. */
  @Nullable Object enter(Execution execution) {
    Execution before = bridge.current.ofThread();
    if (before == Execution.READING) {
      return null;
    }
    bridge.current.set(Execution.runningOrOver(execution));
    return before == null ? NONE : before;
  }

  void leave(@Nullable Object entered) {
    if (entered == NONE) {
      bridge.current.remove();
    } else if (entered instanceof Execution before) {
      bridge.current.set(Execution.runningOrOver(before));
    }
  }

  void leaveBegun(FrameworkExecution execution) {
    if (execution.takeBegin()) {
      bridge.leave(execution);
    }
  }

  void end(
      FrameworkExecution execution,
      @Nullable Throwable thrown,
      Map<String, @Nullable Object> metadata) {
    long now = System.nanoTime();
    if (execution.isEnded()) {
      leaveBegun(execution);
      return;
    }
    Execution enclosing = execution.runningParent();
    try {
      recorder.addMetadata(execution, metadata);
      bridge.endWhileReading(execution, null, thrown, now);
    } finally {
      if (execution.takeBegin()) {
        bridge.leave(execution);
      } else {
        bridge.leaveIfCurrent(execution, enclosing);
      }
    }
  }

  /** Returns the execution that the thread adds to; counts a call that adds to none. */
  private @Nullable Execution recorded() {
    Execution execution = bridge.current.get();
    if (execution == null) {
      counters.increment(Counter.OUTSIDE_EXECUTION);
      return null;
    }
    if (execution == Execution.READING) {
      return null;
    }
    if (execution.isEnded()) {
      counters.increment(Counter.AFTER_END);
      return null;
    }
    return execution;
  }

  @Override
  public boolean isInside() {
    return bridge.current.running() != null;
  }

  @Override
  public @Nullable ToolCall tool(String name, @Nullable String callId, @Nullable Object arguments) {
    long now = System.nanoTime();
    Execution execution = recorded();
    if (execution == null) {
      return null;
    }
    Execution before = beginReading();
    try {
      RecordedToolCall call = recorder.beginTool(this, execution, name, callId, arguments, now);
      if (!call.isOmitted) {
        bridge.inStage(execution, call.stage);
      }
      frames.open(call);
      return call;
    } finally {
      bridge.goBackTo(before);
    }
  }

  void endTool(RecordedToolCall call, @Nullable Object result, @Nullable String errorType) {
    long now = System.nanoTime();
    Execution before = beginReading();
    try {
      recorder.endTool(call, result, errorType, now);
    } finally {
      bridge.goBackTo(before);
    }
  }

  @Override
  public @Nullable ModelCall model(ModelRequest request) {
    long now = System.nanoTime();
    Execution execution = recorded();
    if (execution == null) {
      return null;
    }
    RecordedModelCall around =
        frames.current() instanceof RecordedModelCall innermost ? innermost : null;
    if (around != null && around.isOf(execution, request.receiver())) {
      return null;
    }
    Execution before = beginReading();
    try {
      RecordedModelCall call = recorder.beginModel(this, execution, request, now);
      if (around != null) {
        around.delegate();
      }
      frames.open(call);
      return call;
    } finally {
      bridge.goBackTo(before);
    }
  }

  @Override
  public @Nullable Aside aside() {
    return frames.current() instanceof RecordedModelCall ? new AsideFrame() : null;
  }

  /** Ends the path of models, as a tool does. */
  private final class AsideFrame extends ThreadFrame implements Aside {
    AsideFrame() {
      frames.open(this);
    }

    @Override
    public void end() {
      frames.close(this);
    }
  }

  void endModel(RecordedModelCall call, @Nullable ModelAnswer answer, @Nullable Throwable thrown) {
    long now = System.nanoTime();
    Execution before = beginReading();
    try {
      recorder.endModel(call, answer, thrown, now);
    } finally {
      bridge.goBackTo(before);
    }
  }

  @Override
  public void stage(String name, Map<String, @Nullable Object> metadata) {
    long now = System.nanoTime();
    Execution execution = recorded();
    if (execution != null) {
      Execution before = beginReading();
      try {
        recorder.stage(execution, name, metadata, now);
      } finally {
        bridge.goBackTo(before);
      }
    }
  }

  void startStage(
      StageRun run,
      Execution execution,
      @Nullable String instructions,
      Map<String, @Nullable Object> metadata) {
    Execution before = beginReading();
    try {
      bridge.inStage(execution, run.stage);
      recorder.startStage(run, execution, instructions, metadata);
    } finally {
      bridge.goBackTo(before);
    }
  }

  void endStage(
      StageRun run,
      Execution execution,
      @Nullable Throwable thrown,
      Map<String, @Nullable Object> metadata) {
    long now = System.nanoTime();
    Execution before = beginReading();
    try {
      recorder.endStage(run, execution, thrown, metadata, now);
    } finally {
      bridge.goBackTo(before);
    }
  }

  @Override
  public boolean recordsKnowledge() {
    if (!recorder.recordsKnowledge()) {
      return false;
    }
    Execution execution = bridge.current.get();
    return execution != null && !execution.isEnded();
  }

  @Override
  public boolean keepsKnowledgeTexts() {
    return recorder.keepsKnowledgeTexts();
  }

  @Override
  public void knowledge(Retrieval retrieval) {
    long now = System.nanoTime();
    Execution execution = recorder.recordsKnowledge() ? recorded() : null;
    if (execution != null) {
      recorder.knowledge(execution, retrieval, now);
    }
  }
}
