package io.agentlog.agent.capture;

import io.agentlog.agent.capture.file.FileCall;
import io.agentlog.agent.capture.file.FileCalls;
import io.agentlog.agent.capture.value.WeakIdentityMap;
import org.jspecify.annotations.Nullable;

/**
 * Handles what the JDK's woven file classes report. While the JDK works on a file, the thread's
 * place is {@link Execution#READING}: what the JDK calls for it, and what the agent itself loads
 * and asks the file system for, is not another operation.
 *
 * <p>Outside an execution a call costs a look at the thread's place; a close also a look whether
 * any execution has a file open. Thread-safe.
 */
final class FileHooks {
  private final FileRecorder recorder;
  private final CurrentExecutions current;
  private final StackCheck stack;

  /** Open files of running executions, by the object that the application closes. */
  private final WeakIdentityMap<Handle> handles = new WeakIdentityMap<>();

  FileHooks(FileRecorder recorder, CurrentExecutions current, StackCheck stack) {
    this.recorder = recorder;
    this.current = current;
    this.stack = stack;
  }

  /** A call on a file that has begun; for an open file also after the call. */
  private record Handle(FileCall call, ExecutionLink execution) {}

  /**
   * A call of the JDK that is under way on a thread.
   *
   * @param before the thread's own execution, or null
   */
  private record Token(Handle handle, boolean isClose, @Nullable Execution before) {}

  @Nullable Object enter(int call, int mode, Object first, @Nullable Object second) {
    if (call == FileCalls.CLOSE) {
      return handles.isEmpty() ? null : enterClose(first);
    }
    Execution execution = current.get();
    if (execution == null || execution.isEnded()) { // As the markers have.
      return null;
    }
    long now = System.nanoTime();
    stack.run(now);
    Execution before = current.ofThread();
    Token token = null;
    current.set(Execution.READING);
    try {
      FileCall begun = recorder.begin(execution, call, mode, first, second, now);
      token = begun == null ? null : new Token(new Handle(begun, execution.link()), false, before);
    } finally {
      if (token == null) {
        restore(before);
      }
    }
    return token;
  }

  /** An execution may have its file closed by any thread. */
  private @Nullable Object enterClose(Object closed) {
    Execution before = current.ofThread();
    if (before == Execution.READING) {
      return null;
    }
    Handle handle = handles.get(closed);
    if (handle == null) {
      return null;
    }
    stack.run(0);
    Token token = new Token(handle, true, before);
    current.set(Execution.READING);
    handles.remove(closed, handle);
    return token;
  }

  void exit(Object entered, @Nullable Object result, @Nullable Throwable thrown) {
    Token token = (Token) entered;
    Handle handle = token.handle;
    try {
      Execution execution = handle.execution.running();
      if (execution != null) {
        boolean isOpened = !token.isClose && handle.call.opens() && thrown == null;
        if (!isOpened) {
          boolean isDone = !Boolean.FALSE.equals(result);
          recorder.ended(execution, handle.call, token.isClose, isDone, thrown);
        } else if (result != null && recorder.opened(execution, handle.call)) {
          handles.put(result, handle);
        }
      }
    } finally {
      restore(token.before);
    }
  }

  private void restore(@Nullable Execution before) {
    if (before == null) {
      current.remove();
    } else {
      current.set(before == Execution.READING ? before : Execution.runningOrOver(before));
    }
  }

  void start(Execution execution, @Nullable Execution parent, @Nullable String project) {
    recorder.started(execution, parent, project);
  }

  void stage(Execution execution, String stage) {
    if (!execution.isEnded()) {
      recorder.filesOf(execution).stage(stage);
    }
  }

  void end(Execution execution, long now) {
    recorder.end(execution, now);
  }

  /** Records what would be lost with the JVM. */
  void stop() {
    recorder.stop();
  }

  void tidy() {
    handles.removeGone();
    recorder.tidy(System.nanoTime());
  }
}
