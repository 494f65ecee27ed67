package io.agentlog.agent.capture;

import io.agentlog.agent.capture.file.ExecutionFiles;
import io.agentlog.agent.capture.file.FileCall;
import io.agentlog.agent.capture.file.FileOperation;
import io.agentlog.agent.capture.file.FileScope;
import io.agentlog.agent.capture.file.FileState;
import io.agentlog.agent.capture.file.HashQueue;
import io.agentlog.agent.capture.file.HashRequest;
import io.agentlog.agent.capture.file.HashResult;
import io.agentlog.agent.capture.file.KeptPaths;
import io.agentlog.agent.capture.file.ProjectFolder;
import io.agentlog.agent.capture.value.WeakIdentityMap;
import io.agentlog.agent.metrics.Counters;
import io.agentlog.agent.metrics.Counters.Counter;
import io.agentlog.event.FileOperationType;
import io.agentlog.event.FileOperationValues;
import java.nio.file.FileSystemException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Turns what happens to files in executions into events, and hashes that come later into events
 * that complete them. Thread-safe. Asks the file system for the state of files, and hands their
 * content to nobody.
 */
public final class FileRecorder implements HashResult {
  private static final String OMITTED = "files_omitted";
  private static final String HASH_MISSING = "hash_missing";
  private static final long RELEASE_INTERVAL_NANOS = 1_000_000_000L;

  private final Capture capture;
  private final FileScope scope;
  private final KeptPaths paths;
  private final boolean hashesBefore;
  private final Counters counters;
  private final WeakIdentityMap<ExecutionFiles> executions = new WeakIdentityMap<>();
  private volatile @Nullable HashQueue hashing;
  private long releasedNanos = System.nanoTime(); // Of the agent's own thread.

  /**
   * @param hashesBefore whether content is hashed on the caller's thread before it is replaced
   */
  public FileRecorder(
      Capture capture, FileScope scope, KeptPaths paths, boolean hashesBefore, Counters counters) {
    this.capture = capture;
    this.scope = scope;
    this.paths = paths;
    this.hashesBefore = hashesBefore;
    this.counters = counters;
  }

  /** Has files hashed from now on; without it no hash is recorded. */
  public void hashBy(HashQueue queue) {
    hashing = queue;
  }

  /**
   * Takes note of an execution's folder, which an execution within it inherits.
   *
   * @param project as the event has it; null if the execution names none
   */
  void started(Execution execution, @Nullable Execution parent, @Nullable String project) {
    ProjectFolder folder = project == null ? null : scope.folder(project);
    ExecutionFiles around = parent == null ? null : executions.get(parent);
    if (folder == null && around != null) {
      folder = around.project();
    }
    if (folder != null) {
      executions.put(execution, new ExecutionFiles(folder));
    }
  }

  /** Returns what is known of an execution's files; makes it at first use. */
  ExecutionFiles filesOf(Execution execution) {
    ExecutionFiles known = executions.get(execution);
    if (known != null) {
      return known;
    }
    executions.putIfAbsent(execution, new ExecutionFiles(null));
    ExecutionFiles made = executions.get(execution);
    return made == null ? new ExecutionFiles(null) : made; // Ended meanwhile.
  }

  /** Begins a call; null if none of its files counts. */
  @Nullable FileCall begin(
      Execution execution, int call, int mode, Object first, @Nullable Object second, long now) {
    ProjectFolder project = filesOf(execution).project();
    FileCall begun = FileCall.of(scope, project, hashesBefore, call, mode, first, second, now);
    HashQueue queue = hashing;
    FileState before = begun == null ? null : begun.before();
    if (queue != null && before != null) {
      queue.changes(before);
    }
    return begun;
  }

  /** Takes note of an open file; false if its close is not needed. */
  boolean opened(Execution execution, FileCall call) {
    ExecutionFiles files = filesOf(execution);
    boolean isFollowed = files.open(call);
    counters.add(Counter.FILES_OMITTED, files.newlyOmitted());
    return isFollowed;
  }

  /**
   * Records the operations of a call that has ended.
   *
   * @param isClose true if the call had opened a file, which is closed now
   */
  void ended(
      Execution execution,
      FileCall call,
      boolean isClose,
      boolean isDone,
      @Nullable Throwable thrown) {
    ExecutionFiles files = filesOf(execution);
    if (!isClose || files.close(call)) {
      long now = System.nanoTime();
      List<FileOperation> operations = call.end(isDone, thrown, now);
      describe(execution, operations, files, thrown);
      take(execution, files, operations, call.moves());
    }
  }

  private void describe(
      Execution execution,
      List<FileOperation> operations,
      ExecutionFiles files,
      @Nullable Throwable thrown) {
    for (FileOperation operation : operations) {
      operation.id =
          capture.identities().nextId(execution, operation.endNanos - execution.startNanos);
      operation.tool = files.stage();
      if (thrown != null) {
        operation.errorType = Outcome.typeName(thrown);
        operation.errorMessage =
            thrown instanceof FileSystemException failed
                ? failed.getReason()
                : paths.keepMessage(thrown.getMessage());
      }
    }
  }

  private void take(
      Execution execution, ExecutionFiles files, List<FileOperation> operations, boolean moves) {
    List<FileOperation> due = new ArrayList<>();
    List<FileOperation> added = new ArrayList<>();
    if (moves) {
      FileOperation into = null;
      FileOperation from = null;
      for (FileOperation each : operations) {
        if (each.type == FileOperationType.DELETE) {
          from = each;
        } else {
          into = each;
        }
      }
      files.move(into, from, due, added);
    } else {
      for (FileOperation each : operations) {
        if (files.add(each, due)) {
          added.add(each);
        }
      }
    }
    counters.add(Counter.FILES_OMITTED, files.newlyOmitted());
    added.forEach(this::hash);
    due.forEach(each -> record(execution, files, each));
  }

  private void hash(FileOperation operation) {
    HashQueue queue = hashing;
    UUID id = operation.id;
    if (queue != null && id != null && operation.isHashable()) {
      HashRequest request =
          new HashRequest(
              operation.path, operation.atBegin, operation.atEnd, operation.type, id, operation);
      operation.isQueueFull = !queue.offer(request);
    }
  }

  /** Writes the event, and that of its hashes if they are there. */
  private void record(Execution execution, ExecutionFiles files, FileOperation operation) {
    UUID id = operation.id;
    int seq = id == null ? 0 : execution.nextSeq();
    if (seq == 0 || id == null) {
      operation.drop();
      counters.increment(Counter.AFTER_END);
      return;
    }
    int count = files.tellCount(operation);
    if (count > 1) {
      operation.metadata.put("count", count);
    }
    long elapsed = operation.endNanos - execution.startNanos;
    EventOrigin origin = EventOrigin.of(execution, seq, elapsed);
    FileOperationValues values = values(operation, files.project());
    capture.recorder().fileOperation(execution, seq, elapsed, id, values);
    counters.increment(Counter.FILES_RECORDED);
    FileOperation.Hashes hashes = operation.recordedAs(origin);
    if (hashes != null) {
      hashed(origin, id, hashes);
    }
  }

  private FileOperationValues values(FileOperation operation, @Nullable ProjectFolder project) {
    KeptPaths.Kept path = paths.keep(operation.path, project);
    Map<String, @Nullable Object> metadata = new LinkedHashMap<>(operation.metadata);
    if (path.isRedacted()) {
      metadata.put("file_path" + MetadataBuilder.REDACTED_SUFFIX, true);
    }
    if (path.isUndecodable()) {
      metadata.put("path_undecodable", true);
    }
    if (operation.movedFrom != null) {
      metadata.put("moved_from", paths.keep(operation.movedFrom, project).shown());
    }
    if (operation.movedTo != null) {
      metadata.put("moved_to", paths.keep(operation.movedTo, project).shown());
    }
    if (operation.atEnd != null && !operation.atEnd.isRegular()) {
      metadata.put(HASH_MISSING, "not_regular");
    } else if (operation.isQueueFull) {
      metadata.put(HASH_MISSING, "queue_full");
    }
    return new FileOperationValues(
        operation.type,
        path.text(),
        path.sha256(),
        operation.atEnd == null ? -1 : operation.atEnd.sizeBytes(),
        -1,
        operation.bytesWritten,
        Math.max(0, operation.endNanos - operation.startNanos) / 1_000,
        operation.sha256Before,
        operation.tool,
        operation.isSuccess,
        operation.errorType,
        operation.errorMessage,
        operation.parameters,
        metadata);
  }

  @Override
  public void hashed(
      Object origin,
      UUID operationId,
      long sizeBytes,
      @Nullable String sha256Before,
      @Nullable String sha256After,
      Map<String, @Nullable Object> metadata) {
    FileOperation.Hashes hashes =
        new FileOperation.Hashes(sizeBytes, sha256Before, sha256After, metadata);
    Object of = ((FileOperation) origin).hashed(hashes);
    if (of != null) {
      hashed((EventOrigin) of, operationId, hashes);
    }
  }

  private void hashed(EventOrigin origin, UUID id, FileOperation.Hashes hashes) {
    capture
        .recorder()
        .fileHash(
            origin,
            id,
            hashes.sizeBytes(),
            hashes.sha256Before(),
            hashes.sha256After(),
            hashes.metadata());
  }

  /** Records what is held back, what is open and how often content was read again. */
  void end(Execution execution, long now) {
    ExecutionFiles files = executions.get(execution);
    if (files == null) {
      return;
    }
    tellOpen(execution, files, now);
    files.end().forEach(each -> record(execution, files, each));
    for (FileOperation read : files.repeated()) {
      if (read.origin() instanceof EventOrigin origin && read.id != null) {
        Map<String, @Nullable Object> count = Map.of("count", files.tellCount(read));
        capture.recorder().fileHash(origin, read.id, -1, null, null, count);
      }
    }
    executions.remove(execution);
    int omitted = files.omitted();
    if (omitted > 0) {
      execution.changeMetadata(before -> before.with(OMITTED, omitted, before.sizeBytes()));
    }
  }

  private void tellOpen(Execution execution, ExecutionFiles files, long now) {
    for (FileCall call : files.stillOpen()) {
      List<FileOperation> operations = call.end(true, null, now);
      operations.forEach(each -> each.metadata.put("open_at_end", true));
      describe(execution, operations, files, null);
      take(execution, files, operations, false);
    }
  }

  /** Records, at the end of the JVM, what running executions hold back or have open. */
  void stop() {
    long now = System.nanoTime();
    executions.forEachKey(
        key -> {
          Execution execution = (Execution) key;
          ExecutionFiles files = executions.get(execution);
          if (files != null) {
            tellOpen(execution, files, now);
            files.releaseAll().forEach(each -> record(execution, files, each));
          }
        });
  }

  /** Records what has been held back long enough. Only the agent's own thread calls it. */
  void tidy(long now) {
    if (now - releasedNanos < RELEASE_INTERVAL_NANOS) {
      return;
    }
    releasedNanos = now;
    executions.removeGone();
    executions.forEachKey(
        key -> {
          Execution execution = (Execution) key;
          ExecutionFiles files = executions.get(execution);
          if (files != null) {
            files.release(now).forEach(each -> record(execution, files, each));
          }
        });
  }
}
