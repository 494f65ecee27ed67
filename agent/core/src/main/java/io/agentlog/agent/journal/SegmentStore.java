package io.agentlog.agent.journal;

import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Makes, recycles and removes the segment files of a journal, within the budget. A file has a
 * temporary name until it is ready. Not thread-safe.
 */
final class SegmentStore {
  private static final int WRITE_BYTES = 256 * 1024;

  private final JournalStorage storage;
  private final UUID instanceId;
  private final JournalLimits limits;
  private final LongSupplier nonces;
  private final byte[] zeros;
  private final BiConsumer<String, Exception> failed;

  /** Files that could not be removed. They count towards the budget, which so bounds them. */
  private final Set<String> unwanted = new LinkedHashSet<>();

  /** Version of new segments. */
  private volatile int version;

  /** Version that no spare is below. */
  private int sparesVersion;

  private long nextNumber;

  /** Number of a file that is being made; -1 if none. Its file goes if an error ended that. */
  private long madeNumber = -1;

  /** Segment that is out of use, until its file is removed or has another number. */
  private @Nullable Segment leaving;

  private final AtomicLong fileCount = new AtomicLong();
  private String blockedWhy = "";

  /** True if the last attempt to make a segment was made and failed. */
  private boolean thrown;

  private volatile @Nullable DropCause blocked;

  /** True while a segment has a name that may not be on the disk yet. */
  private volatile boolean nameIsNew;

  /**
   * @param failed takes what can't be changed on the disk, and why; the change is tried again, or
   *     not needed
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
    this.version = limits.version();
    this.sparesVersion = version;
    this.nonces = nonces;
    this.failed = failed;
    this.zeros = new byte[Math.min(WRITE_BYTES, limits.segmentLength())];
  }

  /** Counts a file that was found when the journal was opened. */
  void addFound(long number) {
    fileCount.incrementAndGet();
    reserveNumber(number);
  }

  /** Keeps a number from being used for a new file. */
  void reserveNumber(long number) {
    nextNumber = Math.max(nextNumber, number + 1);
  }

  /** Bytes of all segment files; for another thread than that of the upkeep, of a moment ago. */
  long bytes() {
    return (fileCount.get() + unwanted.size()) * limits.segmentLength();
  }

  /** True if {@code journal.max-size} allows one more segment. */
  boolean isWithinBudget() {
    return bytes() + limits.segmentLength() <= limits.bytesMax();
  }

  /** Reason why the last attempt to make a segment failed; null if none. Any thread may call. */
  @Nullable DropCause blocked() {
    return blocked;
  }

  /** True if the last attempt was made and failed, instead of being refused beforehand. */
  boolean hasThrown() {
    return thrown;
  }

  /** The reason in words, for the log. */
  String blockedWhy() {
    return blockedWhy;
  }

  /**
   * Makes a segment: writes and forces every block, maps the file, and touches every page. Takes
   * some milliseconds.
   *
   * @return null if the budget or the disk does not allow a segment; see {@link #blocked}
   */
  @Nullable Segment make() {
    long length = limits.segmentLength();
    thrown = false;
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
                + " MiB are free, and journal.min-free reserves "
                + limits.freeBytesMin() / (1 << 20)
                + " MiB for others");
      }
      removeHalfMade();
      long number = nextNumber++;
      madeNumber = number;
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
      madeNumber = -1;
      fileCount.incrementAndGet();
      unblock();
      return segment;
    } catch (IOException | RuntimeException e) {
      if (temporary != null) {
        removeHalfMade();
      }
      thrown = true;
      return block(DropCause.DISK_FULL, String.valueOf(e));
    }
  }

  /**
   * Prepares a retired segment under a new number, at a tenth of the cost of a new segment, and
   * adds it to the spares. If that fails, its file is removed.
   */
  void recycle(Segment retired, SpareSegments spares, LongSupplier nanoTime) {
    Segment ready = recycle(retired);
    if (ready != null) {
      ready.touched(nanoTime.getAsLong());
      spares.add(ready);
    }
  }

  private @Nullable Segment recycle(Segment retired) {
    SegmentMemory memory = retired.memory();
    if (memory == null) {
      remove(retired);
      return null;
    }
    leaves(retired);
    removeHalfMade();
    long number = nextNumber++;
    madeNumber = number;
    String temporary = SegmentNames.of(number) + SegmentNames.TEMPORARY_SUFFIX;
    try {
      storage.rename(retired.fileName(), temporary);
      memory.zero(0, limits.segmentLength());
      Segment ready = ready(number, memory, temporary);
      madeNumber = -1;
      leaving = null;
      return ready;
    } catch (IOException | RuntimeException e) {
      failed.accept("a recycled segment", e);
      removeHalfMade();
      remove(retired);
      return null;
    }
  }

  /** Gives segments from now on the version of those that may hold usage. Any thread may call. */
  void holdUsage() {
    version = SegmentHeader.VERSION_OF_USAGE;
  }

  /**
   * Prepares spares of an older version again. An agent that does not know the version of one file
   * leaves the whole journal alone, so the files in use need no other header.
   */
  void renew(SpareSegments spares, LongSupplier nanoTime) {
    int wanted = version;
    removeLeaving();
    for (int slot = 0; slot < spares.slotCount() && sparesVersion != wanted; slot++) {
      Segment spare = spares.peek(slot);
      if (spare != null && spares.remove(slot, spare)) {
        recycle(spare, spares, nanoTime);
      }
    }
    sparesVersion = wanted;
  }

  /** Removes a segment that no thread reads or stores to any more. */
  void remove(Segment segment) {
    leaves(segment);
    segment.releaseMemory();
    removeFile(segment);
  }

  /** Removes only the file, because a thread may still store to the memory. */
  void removeFile(Segment segment) {
    leaves(segment);
    delete(segment.fileName());
    leaving = null;
    fileCount.decrementAndGet();
  }

  /**
   * Notes a segment that goes out of use. If an error, such as no memory, then stops what becomes
   * of its file, {@link #removeLeaving} does that later. Needs no memory after that method.
   */
  void leaves(Segment segment) {
    if (leaving != segment && !segment.isPlaceholder()) {
      removeLeaving();
      leaving = segment;
    }
  }

  /** Removes what an error left: a segment out of use, and a file that was being made. */
  void removeLeaving() {
    Segment segment = leaving;
    if (segment != null) {
      if (segment.recordCount() >= 0) {
        segment.releaseMemory();
      }
      removeFile(segment);
    }
    removeHalfMade();
  }

  private void removeHalfMade() {
    if (madeNumber >= 0) {
      String name = SegmentNames.of(madeNumber);
      delete(name + SegmentNames.TEMPORARY_SUFFIX);
      delete(name);
      madeNumber = -1;
    }
  }

  private SegmentMemory newMemory(String name) throws IOException {
    StorageFile file = storage.create(name);
    boolean done = false;
    try {
      // Written instead of extended, so that a full disk fails here, not in an application's store.
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
    byte[] header = SegmentHeader.encode(version, number, nonce, length, instanceId);
    memory.put(0, header, header.length);
    memory.put(length - header.length, header, header.length);
    memory.touch(0, length);
    storage.rename(temporary, SegmentNames.of(number));
    nameIsNew = true;
    return Segment.spare(number, nonce, length, memory);
  }

  /**
   * Forces the names of segments to the disk. Otherwise the loss of power could restore the
   * temporary name of a file, which would then be removed with its records. Another thread may call
   * this method.
   */
  void forceNames() throws IOException {
    if (nameIsNew) {
      nameIsNew = false; // Before the force: the next call handles a file named during it.
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

  /** Notes that segments can be made again. */
  void unblock() {
    blocked = null;
  }

  private void delete(String name) {
    try {
      storage.delete(name);
      unwanted.remove(name);
    } catch (IOException e) {
      unwanted.add(name);
      failed.accept("the removal of a segment", e);
    }
  }

  /** Tries again to remove the files that could not be removed. */
  void removeUnwanted() {
    if (!unwanted.isEmpty()) {
      Set.copyOf(unwanted).forEach(this::delete);
    }
  }
}
