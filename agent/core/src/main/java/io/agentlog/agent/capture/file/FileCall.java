package io.agentlog.agent.capture.file;

import io.agentlog.event.FileOperationType;
import java.io.File;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A call of the JDK that works on a file, from its begin to its end; for an open file, to its
 * close. Says what the call is in the terms of {@link FileOperationType}. Holds paths and numbers
 * alone. Immutable.
 *
 * <p>Costs one call of the file system at the end, and one at the begin if the file may be changed.
 */
public final class FileCall {
  /** Bits of the mode in which {@code RandomAccessFile} opens a file. */
  private static final int RANDOM_WRITES = 2;

  private enum Kind {
    OPEN,
    CREATE,
    DELETE,
    MOVE,
    COPY
  }

  /**
   * How a file is opened.
   *
   * @param names of the options, for the event
   */
  private record Access(
      boolean reads,
      boolean writes,
      boolean replaces,
      boolean appends,
      boolean deletesOnClose,
      List<String> names) {
    static final Access READ = new Access(true, false, false, false, false, List.of("read"));
    static final Access RANDOM =
        new Access(true, true, false, false, false, List.of("read", "write", "create"));
    static final Access REPLACE =
        new Access(
            false, true, true, false, false, List.of("write", "create", "truncate_existing"));
    static final Access APPEND =
        new Access(false, true, false, true, false, List.of("append", "create"));
    static final Access NONE = new Access(false, false, false, false, false, List.of());

    static Access of(Set<?> options) {
      List<String> names = new ArrayList<>();
      for (Object option : options) {
        if (option instanceof StandardOpenOption standard) {
          names.add(standard.name().toLowerCase(Locale.ROOT));
        }
      }
      Collections.sort(names);
      boolean appends = names.contains("append");
      boolean writes = appends || names.contains("write");
      return new Access(
          !writes || names.contains("read"),
          writes,
          writes && names.contains("truncate_existing") && !appends,
          appends,
          names.contains("delete_on_close"),
          names.isEmpty() ? List.of("read") : List.copyOf(names));
    }
  }

  private final Kind kind;
  private final @Nullable Path path;
  private final @Nullable Path target;
  private final Access access;
  private final @Nullable FileState before;
  private final @Nullable String sha256Before;
  private final long startNanos;

  private FileCall(
      Kind kind,
      @Nullable Path path,
      @Nullable Path target,
      Access access,
      boolean hashes,
      long startNanos) {
    this.kind = kind;
    this.path = path;
    this.target = target;
    this.access = access;
    this.startNanos = startNanos;
    Path changed = kind == Kind.MOVE || kind == Kind.COPY ? target : path;
    boolean changes = kind != Kind.OPEN || access.writes;
    this.before = changed == null || !changes ? null : stateOf(kind, changed);
    boolean replaces = access.replaces || kind == Kind.MOVE || kind == Kind.COPY;
    this.sha256Before =
        hashes && replaces && changed != null && before != null
            ? ContentBefore.sha256(changed, before)
            : null;
  }

  /**
   * Makes a call.
   *
   * @param ownProject the folder of the execution, if it has named one
   * @param hashes whether content is hashed before it is replaced, on this thread
   * @param call one of {@link FileCalls}
   * @param mode as the constant says
   * @param first a {@link Path}, a {@link File} or a name
   * @param second the options of an open, or the target of a move or copy
   * @return null if no file of the call counts
   */
  public static @Nullable FileCall of(
      FileScope scope,
      @Nullable ProjectFolder ownProject,
      boolean hashes,
      int call,
      int mode,
      Object first,
      @Nullable Object second,
      long startNanos) {
    Path path = included(scope, ownProject, first);
    boolean hasTarget = call == FileCalls.MOVE || call == FileCalls.COPY;
    Path target = hasTarget && second != null ? included(scope, ownProject, second) : null;
    if (path == null && target == null) {
      return null;
    }
    Access access =
        switch (call) {
          case FileCalls.READ -> Access.READ;
          case FileCalls.WRITE -> mode == FileCalls.APPENDS ? Access.APPEND : Access.REPLACE;
          case FileCalls.RANDOM -> (mode & RANDOM_WRITES) == 0 ? Access.READ : Access.RANDOM;
          case FileCalls.CHANNEL ->
              second instanceof Set<?> options ? Access.of(options) : Access.NONE;
          default -> Access.NONE;
        };
    Kind kind =
        switch (call) {
          case FileCalls.CREATE -> Kind.CREATE;
          case FileCalls.DELETE -> Kind.DELETE;
          case FileCalls.MOVE -> Kind.MOVE;
          case FileCalls.COPY -> Kind.COPY;
          default -> Kind.OPEN;
        };
    return new FileCall(kind, path, target, access, hashes, startNanos);
  }

  private static @Nullable Path included(
      FileScope scope, @Nullable ProjectFolder ownProject, Object given) {
    Path path =
        given instanceof Path known
            ? FileScope.absolute(known)
            : FileScope.absolute(given instanceof File file ? file.getPath() : (String) given);
    return path != null && scope.includes(path, ownProject) ? path : null;
  }

  /** A deletion takes a link away, and not what it leads to. */
  private static @Nullable FileState stateOf(Kind kind, Path path) {
    return kind == Kind.DELETE ? FileState.ofPathItself(path) : FileState.of(path);
  }

  /** True if the call opens a file, so that the operation ends with the close. */
  public boolean opens() {
    return kind == Kind.OPEN;
  }

  /** State of the file that the call may change, right before it; null if there is none. */
  public @Nullable FileState before() {
    return before;
  }

  /** True if the call renames, so that its operations belong together. */
  public boolean moves() {
    return kind == Kind.MOVE;
  }

  /**
   * Returns the operations of the call now that it has ended; for an open file, that it is closed.
   *
   * @param isDone what the call returned, if it returned a boolean
   * @param error what the call threw, or null
   */
  public List<FileOperation> end(boolean isDone, @Nullable Throwable error, long nowNanos) {
    boolean isSuccess = isDone && error == null;
    return switch (kind) {
      case OPEN -> ofOpen(isSuccess, nowNanos);
      case CREATE ->
          isSuccess || error != null
              ? operations(operation(FileOperationType.CREATE, path, isSuccess, nowNanos))
              : List.of(); // It was there, and nothing was done to it.
      case DELETE ->
          isSuccess || error != null || before != null
              ? operations(deletion(path, isSuccess, nowNanos))
              : List.of(); // It was not there, and nothing was done to it.
      case MOVE -> ofMove(isSuccess, nowNanos);
      case COPY -> ofCopy(isSuccess, error, nowNanos);
    };
  }

  private List<FileOperation> ofOpen(boolean isSuccess, long nowNanos) {
    FileOperationType type =
        !access.writes
            ? FileOperationType.READ
            : before == null || access.names.contains("create_new")
                ? FileOperationType.CREATE
                : access.replaces ? FileOperationType.WRITE : FileOperationType.EDIT;
    FileOperation operation = operation(type, path, isSuccess, nowNanos);
    FileState end = operation.atEnd;
    boolean isWhole = access.replaces || (before == null && !access.reads); // Not one with holes.
    if (isSuccess && end != null && isWhole && access.writes) {
      operation.bytesWritten = end.sizeBytes();
    } else if (isSuccess && end != null && before != null && access.appends) {
      long added = end.sizeBytes() - before.sizeBytes();
      operation.bytesWritten = added < 0 ? -1 : added;
    }
    return isSuccess && access.deletesOnClose
        ? operations(operation, deletion(path, true, nowNanos))
        : operations(operation);
  }

  private List<FileOperation> ofMove(boolean isSuccess, long nowNanos) {
    FileOperation into = target == null ? null : operation(written(), target, isSuccess, nowNanos);
    FileOperation from = path == null ? null : deletion(path, isSuccess, nowNanos);
    if (into != null && path != null) {
      into.movedFrom = path;
    }
    if (from != null) { // What was there before is what the target is now.
      from.atBegin = into == null ? null : into.atEnd;
      from.sha256Before = null;
      from.movedTo = target;
    }
    return isSuccess || into == null ? operations(into, from) : operations(into);
  }

  private List<FileOperation> ofCopy(boolean isSuccess, @Nullable Throwable error, long nowNanos) {
    FileOperation into = target == null ? null : operation(written(), target, isSuccess, nowNanos);
    FileOperation from =
        path == null ? null : operation(FileOperationType.READ, path, isSuccess, nowNanos);
    if (into != null && isSuccess && into.atEnd != null && into.atEnd.isRegular()) {
      into.bytesWritten = into.atEnd.sizeBytes();
    }
    boolean isFolder = from != null && from.atEnd != null && !from.atEnd.isRegular();
    // Then the source was not read.
    boolean isInTheWay = into != null && error instanceof FileAlreadyExistsException;
    return isFolder || isInTheWay ? operations(into) : operations(from, into);
  }

  private FileOperationType written() {
    return before == null ? FileOperationType.CREATE : FileOperationType.WRITE;
  }

  private FileOperation deletion(@Nullable Path of, boolean isSuccess, long nowNanos) {
    return operation(FileOperationType.DELETE, of, isSuccess, nowNanos);
  }

  private FileOperation operation(
      FileOperationType type, @Nullable Path of, boolean isSuccess, long nowNanos) {
    Path file = of == null ? Path.of("") : of; // Never null here: only what counts is asked for.
    FileState atEnd = type == FileOperationType.DELETE || !isSuccess ? null : FileState.of(file);
    Map<String, @Nullable Object> parameters =
        access.names.isEmpty() ? Map.of() : Map.of("options", access.names);
    FileOperation operation =
        new FileOperation(type, file, atEnd, parameters, startNanos, nowNanos);
    operation.isSuccess = isSuccess;
    if (type != FileOperationType.READ) {
      operation.atBegin = before;
      operation.sha256Before = sha256Before;
    }
    return operation;
  }

  private static List<FileOperation> operations(@Nullable FileOperation... all) {
    List<FileOperation> there = new ArrayList<>(all.length);
    for (FileOperation each : all) {
      if (each != null) {
        there.add(each);
      }
    }
    return there;
  }
}
