package io.agentlog.agent.journal;

import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.UUID;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The segment files of a journal: makes them, makes them ready again, removes them, and keeps their
 * number within the budget. A file has a temporary name until it is ready. Not thread-safe.
 */
final class SegmentStore {
  private static final int WRITE_BYTES = 256 * 1024;

  private final JournalStorage storage;
  private final UUID instanceId;
  private final JournalLimits limits;
  private final LongSupplier nonces;
  private final byte[] zeros;
  private final BiConsumer<String, Exception> failed;

  /** Files that could not be removed. They count, so the budget bounds them. */
  private final Set<String> unwanted = new LinkedHashSet<>();

  private long nextNumber;
  private long fileCount;
  private String blockedWhy = "";
  private volatile @Nullable DropCause blocked;

  /** True while a segment has a name that may not be on the disk yet. */
  private volatile boolean nameIsNew;

  /**
   * @param failed told what can't be changed on the disk; it is tried again, or done without
   */
  SegmentStore(
      JournalStorage storage,
      UUID instanceId,
      JournalLimits limits,
      LongSupplier nonces,
      BiConsumer<String, Exception> failed) {
    this.storage = storage;
    this.instanceId = instanceId;
    this.limits = limits;
    this.nonces = nonces;
    this.failed = failed;
    this.zeros = new byte[Math.min(WRITE_BYTES, limits.segmentLength())];
  }

  /** Counts a file that was there before. */
  void found(long number) {
    fileCount++;
    isTaken(number);
  }

  /** No new file gets this number. */
  void isTaken(long number) {
    nextNumber = Math.max(nextNumber, number + 1);
  }

  /** Bytes of all segment files. */
  long bytes() {
    return (fileCount + unwanted.size()) * limits.segmentLength();
  }

  /** True if {@code journal.max-size} allows one more. */
  boolean isWithinBudget() {
    return bytes() + limits.segmentLength() <= limits.bytesMax();
  }

  /** Why the last attempt to make one failed; null if it did not. Any thread may ask. */
  @Nullable DropCause blocked() {
    return blocked;
  }

  /** In words, for the log. */
  String blockedWhy() {
    return blockedWhy;
  }

  /**
   * Makes a segment: every block written and on the disk, mapped, every page touched. Takes some
   * milliseconds.
   *
   * @return null if the budget or the disk does not allow it; {@link #blocked} says which
   */
  @Nullable Segment make() {
    long length = limits.segmentLength();
    if (!isWithinBudget()) {
      return block(
          DropCause.JOURNAL_FULL,
          "journal.max-size of " + limits.bytesMax() / (1 << 20) + " MiB is reached");
    }
    String temporary = null;
    try {
      long usable = storage.usableBytes();
      if (usable - length < limits.freeBytesMin()) {
        return block(
            DropCause.DISK_FULL,
            usable / (1 << 20)
                + " MiB are free, of which journal.min-free keeps "
                + limits.freeBytesMin() / (1 << 20)
                + " MiB");
      }
      long number = nextNumber++;
      temporary = SegmentNames.of(number) + SegmentNames.TEMPORARY_SUFFIX;
      SegmentMemory memory = newMemory(temporary);
      Segment segment = null;
      try {
        segment = ready(number, memory, temporary);
      } finally {
        if (segment == null) {
          memory.release();
        }
      }
      fileCount++;
      unblock();
      return segment;
    } catch (IOException | RuntimeException e) {
      if (temporary != null) {
        delete(temporary);
      }
      return block(DropCause.DISK_FULL, String.valueOf(e));
    }
  }

  /**
   * Makes a retired segment ready under a new number, at a tenth of the price of a new one.
   *
   * @return null if that failed; the file is gone then
   */
  @Nullable Segment recycle(Segment retired) {
    SegmentMemory memory = retired.memory();
    if (memory == null) {
      remove(retired);
      return null;
    }
    long number = nextNumber++;
    String temporary = SegmentNames.of(number) + SegmentNames.TEMPORARY_SUFFIX;
    try {
      storage.rename(retired.fileName(), temporary);
      memory.zero(0, limits.segmentLength());
      return ready(number, memory, temporary);
    } catch (IOException | RuntimeException e) {
      failed.accept("a segment to be used again", e);
      delete(temporary);
      delete(SegmentNames.of(number));
      remove(retired);
      return null;
    }
  }

  /** Removes a segment that nobody reads or stores to any more. */
  void remove(Segment segment) {
    segment.releaseMemory();
    removeFile(segment);
  }

  /** Removes the file alone: somebody may still store to the memory. */
  void removeFile(Segment segment) {
    delete(segment.fileName());
    fileCount--;
  }

  private SegmentMemory newMemory(String name) throws IOException {
    StorageFile file = storage.create(name);
    boolean done = false;
    try {
      // Written, not lengthened: a full disk has to show here, not under an application's store.
      for (int at = 0; at < limits.segmentLength(); at += zeros.length) {
        file.write(zeros, 0, Math.min(zeros.length, limits.segmentLength() - at), at);
      }
      file.force();
      SegmentMemory memory = file.memory(limits.segmentLength());
      done = true;
      return memory;
    } finally {
      if (!done) {
        file.close();
      }
    }
  }

  private Segment ready(long number, SegmentMemory memory, String temporary) throws IOException {
    int length = limits.segmentLength();
    long nonce = nonces.getAsLong();
    byte[] header = SegmentHeader.encode(number, nonce, length, instanceId);
    memory.put(0, header, header.length);
    memory.put(length - header.length, header, header.length);
    memory.touch(0, length);
    storage.rename(temporary, SegmentNames.of(number));
    nameIsNew = true;
    return Segment.spare(number, nonce, length, memory);
  }

  /**
   * Makes the names of segments outlive the loss of power: what was forced into a file that has its
   * temporary name again would be removed with it. Another thread may call this.
   */
  void forceNames() throws IOException {
    if (nameIsNew) {
      nameIsNew = false; // Before: a name that is given meanwhile is for the next call.
      boolean forced = false;
      try {
        storage.forceNames();
        forced = true;
      } finally {
        nameIsNew |= !forced;
      }
    }
  }

  private @Nullable Segment block(DropCause cause, String why) {
    blockedWhy = why;
    blocked = cause;
    return null;
  }

  /** Segments can be had again. */
  void unblock() {
    blocked = null;
  }

  private void delete(String name) {
    try {
      storage.delete(name);
      unwanted.remove(name);
    } catch (IOException e) {
      unwanted.add(name);
      failed.accept("the end of a segment", e);
    }
  }

  /** Tries again to remove what could not be removed. */
  void removeUnwanted() {
    if (!unwanted.isEmpty()) {
      Set.copyOf(unwanted).forEach(this::delete);
    }
  }
}
