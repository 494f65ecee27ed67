package io.agentlog.agent.capture;

import io.agentlog.agent.capture.file.FileCalls;
import io.agentlog.agent.capture.file.FileScope;
import io.agentlog.agent.capture.file.KeptPaths;
import io.agentlog.agent.capture.privacy.Privacy;
import io.agentlog.agent.metrics.Counters;
import java.io.FileNotFoundException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The part of {@link WarmUp} for file operations. Opens and changes no file. */
final class FileWarmUp {
  /** A path that no file has: its name is too long. */
  private static final Path ABSENT = Path.of("/agentlog-warm-up/" + "x".repeat(300));

  private static final int LONGEST_PATH_BYTES = 64;

  private FileWarmUp() {}

  static FileRecorder recorder(Capture capture, Counters counters) {
    FileScope scope = FileScope.below(Path.of("/agentlog-warm-up"));
    KeptPaths paths = KeptPaths.full(scope.project(), Privacy.none(), LONGEST_PATH_BYTES);
    FileRecorder recorder = new FileRecorder(capture, scope, paths, true, counters);
    recorder.hashBy(request -> false);
    return recorder;
  }

  /** Makes every call that the woven JDK makes for files. */
  static void run(CaptureBridge bridge) {
    Object stream = new Object();
    opened(bridge, FileCalls.READ, ABSENT.toString(), null, stream);
    opened(bridge, FileCalls.READ, ABSENT.toString(), null, stream);
    Object close = bridge.onEnterFile(FileCalls.CLOSE, 0, stream, null);
    ended(bridge, close, null, null);
    Set<StandardOpenOption> options = Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE);
    opened(bridge, FileCalls.CHANNEL, ABSENT, options, new Object());
    call(bridge, FileCalls.WRITE, ABSENT.toString(), null, new FileNotFoundException("a"));
    call(bridge, FileCalls.CREATE, ABSENT.toFile(), null, new NoSuchFileException("a"));
    call(bridge, FileCalls.CREATE, ABSENT.toFile(), null, null);
    call(bridge, FileCalls.MOVE, ABSENT, ABSENT.resolveSibling("b"), null);
    call(bridge, FileCalls.COPY, ABSENT, ABSENT.resolveSibling("b"), null);
    call(bridge, FileCalls.DELETE, ABSENT, null, null);
  }

  private static void opened(
      CaptureBridge bridge, int call, Object file, @Nullable Object options, Object open) {
    ended(bridge, bridge.onEnterFile(call, 0, file, options), open, null);
  }

  private static void call(
      CaptureBridge bridge,
      int call,
      Object file,
      @Nullable Object second,
      @Nullable Throwable thrown) {
    ended(bridge, bridge.onEnterFile(call, 0, file, second), true, thrown);
  }

  private static void ended(
      CaptureBridge bridge,
      @Nullable Object token,
      @Nullable Object result,
      @Nullable Throwable thrown) {
    if (token != null) {
      bridge.onExitFile(token, result, thrown);
    }
  }
}
