package io.agentlog.agent.capture;

import io.agentlog.agent.bootstrap.AgentBridge;
import java.util.concurrent.ForkJoinTask;
import org.jspecify.annotations.Nullable;

/**
 * The calls of woven code of the JDK: threads hand work on, and work on files. Passes each on to
 * the class that handles it.
 */
abstract class WorkBridge extends AgentBridge {
  final CurrentExecutions current = new CurrentExecutions();
  final StackCheck stack = new StackCheck();
  private final HandedOnWork work = new HandedOnWork(current);
  private final @Nullable FileHooks files;

  WorkBridge(@Nullable FileRecorder files) {
    this.files = files == null ? null : new FileHooks(files, current, stack);
  }

  /**
   * Forgets collected threads and work that never ran. A thread of the agent calls it regularly.
   */
  public void tidy() {
    work.tidy();
    FileHooks hooks = files;
    if (hooks != null) {
      hooks.tidy();
    }
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
  protected @Nullable Object onEnterFile(
      int call, int mode, Object first, @Nullable Object second) {
    FileHooks hooks = files;
    return hooks == null ? null : hooks.enter(call, mode, first, second);
  }

  @Override
  protected void onExitFile(Object token, @Nullable Object result, @Nullable Throwable thrown) {
    FileHooks hooks = files;
    if (hooks != null) {
      hooks.exit(token, result, thrown);
    }
  }

  /** Takes note of the folder that an execution names. */
  void startFiles(Execution execution, @Nullable Execution parent, @Nullable String project) {
    FileHooks hooks = files;
    if (hooks != null) {
      hooks.start(execution, parent, project);
    }
  }

  /** Records the file operations that are held back, and what is still open, before the end. */
  void endFiles(Execution execution, long now) {
    FileHooks hooks = files;
    if (hooks != null) {
      hooks.end(execution, now);
    }
  }

  /** Takes note of the stage that an execution is in, for its file operations. */
  void inStage(Execution execution, String stage) {
    FileHooks hooks = files;
    if (hooks != null) {
      hooks.stage(execution, stage);
    }
  }
}
