package io.agentlog.agent.capture;

import io.agentlog.agent.bootstrap.AgentBridge;
import io.agentlog.agent.capture.logline.LogLines;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ForkJoinTask;
import org.jspecify.annotations.Nullable;

/**
 * The calls of woven code that need only the current execution: work that is handed on, IDs, log
 * events. They record nothing.
 */
abstract class CurrentBridge extends AgentBridge {
  final CurrentExecutions current = new CurrentExecutions();
  private final HandedOnWork work = new HandedOnWork(current);
  private final LogLines lines;

  CurrentBridge(LogLines lines) {
    this.lines = lines;
  }

  /**
   * Forgets collected threads and work that never ran. A thread of the agent calls it regularly.
   */
  public void tidy() {
    work.tidy();
  }

  @Override
  protected void onHandOn(Object handedOn) {
    work.handOn(handedOn);
  }

  @Override
  protected void onUseTag(ForkJoinTask<?> task) {
    work.useTag(task);
  }

  @Override
  protected void onSubmit(Runnable task) {
    work.submit(task);
  }

  @Override
  protected void onNotHandedOn(Object notHandedOn) {
    work.takeBack(notHandedOn);
  }

  @Override
  protected void onStartThread(Thread thread) {
    work.startThread(thread);
  }

  @Override
  protected void onBecomeWorker() {
    work.becomeWorker();
  }

  @Override
  protected @Nullable Object onEnterWork(Object handedOn, boolean last) {
    return work.enter(handedOn, last);
  }

  @Override
  protected void onLeaveWork(Object entered) {
    work.leave(entered);
  }

  @Override
  protected void onWorkerRuns(Object task) {
    work.workerRuns(task);
  }

  @Override
  protected void onWorkerIdle() {
    work.workerIdle();
  }

  @Override
  protected @Nullable UUID onExecutionId() {
    Execution execution = current.running();
    return execution == null ? null : execution.id();
  }

  @Override
  protected @Nullable UUID onCorrelationId() {
    Execution execution = current.running();
    return execution == null ? null : execution.correlationId();
  }

  @Override
  protected boolean onNeedsLogContext(Object event) {
    return current.running() != null && lines.isFresh(event);
  }

  @Override
  protected Map<String, String> onLogContext(Object event, Map<String, String> context) {
    Execution execution = current.running();
    return execution == null
        ? context
        : lines.add(event, context, execution.id(), execution.correlationId());
  }

  @Override
  protected Object onLogData(@Nullable Object own, Object data) {
    Execution execution = current.running();
    return execution == null
        ? data
        : lines.add(data, own, execution.id(), execution.correlationId());
  }
}
