package io.agentlog.agent.capture.file;

import io.agentlog.event.FileOperationType;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The file operations of one execution, and what they mean together: a file that was read and is
 * then written is edited; a file that is made and then renamed over another is an edit of the
 * other; the same content read again is one operation.
 *
 * <pre>
 *  a call ends -&gt; recorded
 *       | it made a file, or worked on one that is held back
 *       +-&gt; held back -&gt; recorded, after {@link #HOLD_NANOS} or at the end of the execution
 *                 | its file is renamed
 *                 +-&gt; dropped: the rename tells it all
 * </pre>
 *
 * <p>Thread-safe: its lock is held for no I/O. Holds nothing of the application.
 */
public final class ExecutionFiles {
  /** Operations recorded of one execution; more are counted. */
  public static final int OPERATIONS_MAX = 1_000;

  /** Operations held back at once; the oldest is recorded when another comes. */
  static final int HELD_MAX = 256;

  /** Longest time for which an operation is held back; a JVM that is killed loses that much. */
  static final long HOLD_NANOS = 5_000_000_000L;

  private final @Nullable ProjectFolder project;
  private final Set<FileCall> open = Collections.newSetFromMap(new IdentityHashMap<>());
  private final ArrayDeque<FileOperation> held = new ArrayDeque<>();
  private final Map<String, FileOperation> reads = new HashMap<>();
  private final Set<String> readOnce = new HashSet<>();

  /** Reads that were repeated after their event was written. */
  private final Set<FileOperation> repeated = Collections.newSetFromMap(new IdentityHashMap<>());

  private int count;
  private int omitted;
  private int omittedTold;
  private boolean ended;
  private volatile @Nullable String stage;

  /**
   * @param project the folder that the execution has named, or null
   */
  public ExecutionFiles(@Nullable ProjectFolder project) {
    this.project = project;
  }

  public @Nullable ProjectFolder project() {
    return project;
  }

  /** The stage that the execution has entered or reported last; null before the first. */
  public @Nullable String stage() {
    return stage;
  }

  public void stage(String name) {
    stage = name;
  }

  /** Follows an open file until it is closed; false if there are too many, which is counted. */
  public synchronized boolean open(FileCall call) {
    if (ended) {
      return false;
    }
    if (open.size() >= OPERATIONS_MAX) {
      omitted++;
      return false;
    }
    return open.add(call);
  }

  /** Returns false if the file is closed already, or was told when the execution ended. */
  public synchronized boolean close(FileCall call) {
    return open.remove(call);
  }

  /** The files that are open. */
  public synchronized List<FileCall> stillOpen() {
    List<FileCall> calls = new ArrayList<>(open);
    open.clear();
    return calls;
  }

  /**
   * Takes an operation that has ended.
   *
   * @param due gets what is to be recorded now
   * @return false if the operation is one of too many, or the same read again: it has no event
   */
  public synchronized boolean add(FileOperation operation, List<FileOperation> due) {
    String key = operation.path.toString();
    if (operation.isSuccess && operation.type == FileOperationType.READ && isSameRead(operation)) {
      return false;
    }
    if (ended) {
      return false;
    }
    if (count >= OPERATIONS_MAX) {
      omitted++;
      return false;
    }
    count++;
    if (!operation.isSuccess) {
      due.add(operation);
      return true;
    }
    switch (operation.type) {
      case READ -> {
        reads.put(key, operation);
        readOnce.add(key);
      }
      case WRITE, EDIT, CREATE -> {
        reads.remove(key);
        if (operation.type == FileOperationType.WRITE && readOnce.contains(key)) {
          operation.type = FileOperationType.EDIT;
        }
      }
      case DELETE -> {
        reads.remove(key);
        releaseHeld(key, due);
        due.add(operation);
        return true;
      }
    }
    if (operation.type != FileOperationType.CREATE && !isMadeHere(key)) {
      due.add(operation);
      return true;
    }
    held.add(operation);
    while (held.size() > HELD_MAX) {
      due.add(held.remove());
    }
    return true;
  }

  private boolean isSameRead(FileOperation operation) {
    FileOperation same = reads.get(operation.path.toString());
    if (same == null || operation.atEnd == null || !operation.atEnd.equals(same.atEnd)) {
      return false;
    }
    same.count++;
    if (same.countTold > 0) {
      repeated.add(same);
    }
    return true;
  }

  /**
   * Takes a file that was renamed.
   *
   * @param into the operation on the target; null if the target does not count
   * @param from the deletion of the source; null if the source does not count
   * @param due gets what is to be recorded now
   * @param added gets those that have or will have an event
   */
  public synchronized void move(
      @Nullable FileOperation into,
      @Nullable FileOperation from,
      List<FileOperation> due,
      List<FileOperation> added) {
    if (into != null && from != null && isMadeHere(from.path.toString())) {
      into.startNanos = drop(from.path.toString());
      into.metadata.put("via_rename", true);
      into.movedFrom = null;
      into.bytesWritten = into.atEnd == null ? -1 : into.atEnd.sizeBytes();
      if (into.type == FileOperationType.WRITE) {
        into.type = FileOperationType.EDIT;
      }
      from = null;
    }
    if (into != null && add(into, due)) {
      added.add(into);
    }
    if (from != null && add(from, due)) {
      added.add(from);
    }
  }

  /** True if the first thing that is held of a file is that it was made. */
  private boolean isMadeHere(String key) {
    for (FileOperation each : held) {
      if (each.path.toString().equals(key)) {
        return each.type == FileOperationType.CREATE;
      }
    }
    return false;
  }

  /** Drops what is held of a file; returns when it began. */
  private long drop(String key) {
    long begun = 0;
    boolean isFirst = true;
    for (Iterator<FileOperation> all = held.iterator(); all.hasNext(); ) {
      FileOperation each = all.next();
      if (each.path.toString().equals(key)) {
        begun = isFirst ? each.startNanos : begun;
        isFirst = false;
        each.drop();
        all.remove();
        count--;
      }
    }
    reads.remove(key);
    readOnce.remove(key);
    return begun;
  }

  private void releaseHeld(String key, List<FileOperation> due) {
    for (Iterator<FileOperation> all = held.iterator(); all.hasNext(); ) {
      FileOperation each = all.next();
      if (each.path.toString().equals(key)) {
        due.add(each);
        all.remove();
      }
    }
  }

  /** Returns what has been held back long enough. */
  public synchronized List<FileOperation> release(long nowNanos) {
    List<FileOperation> due = new ArrayList<>();
    while (!held.isEmpty() && nowNanos - held.element().endNanos >= HOLD_NANOS) {
      due.add(held.remove());
    }
    return due;
  }

  /** Returns all that is held back. */
  public synchronized List<FileOperation> releaseAll() {
    List<FileOperation> due = new ArrayList<>(held);
    held.clear();
    return due;
  }

  /** Ends it: returns all that is held; what comes later is not taken. */
  public synchronized List<FileOperation> end() {
    ended = true;
    return releaseAll();
  }

  /** Returns how often the content was read, for the event that is written now. */
  public synchronized int tellCount(FileOperation operation) {
    operation.countTold = operation.count;
    return operation.count;
  }

  /** Returns the reads that were repeated after their event was written. */
  public synchronized List<FileOperation> repeated() {
    return new ArrayList<>(repeated);
  }

  /** Count of operations that were too many. */
  public synchronized int omitted() {
    return omitted;
  }

  /** Returns how many operations were too many since the last call. */
  public synchronized int newlyOmitted() {
    int newly = omitted - omittedTold;
    omittedTold = omitted;
    return newly;
  }
}
