package io.agentlog.agent.capture;

import io.agentlog.agent.capture.logline.LogLines;
import org.jspecify.annotations.Nullable;

/**
 * The calls of woven code of the JDK that work on files. Does nothing unless files are recorded.
 */
abstract class FileBridge extends CurrentBridge {
  final StackCheck stack = new StackCheck();
  private final @Nullable FileHooks files;

  FileBridge(LogLines lines, @Nullable FileRecorder files) {
    super(lines);
    this.files = files == null ? null : new FileHooks(files, current, stack);
  }

  @Override
  public void tidy() {
    super.tidy();
    FileHooks hooks = files;
    if (hooks != null) {
      hooks.tidy();
    }
  }

  /** Records, at the end of the JVM, what running executions hold back. */
  public void stopFiles() {
    FileHooks hooks = files;
    if (hooks != null) {
      hooks.stop();
    }
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
