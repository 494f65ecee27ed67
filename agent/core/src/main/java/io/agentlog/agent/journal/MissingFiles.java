package io.agentlog.agent.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * Restores files of the journal that another process, such as a cleaner of temporary files, has
 * removed under the running JVM. Mapped segments are written again; the others are lost, which
 * their readers report. For the journal's own thread, under the keeper's locks.
 */
final class MissingFiles {
  private static final long LOOK_NANOS = 1_000_000_000L;

  /** Pause before a segment that was in use is tried again, for {@link #LOOK_NANOS} at most. */
  private static final long RETRY_NANOS = 50_000_000L;

  private final DiskJournal journal;
  private final JournalStorage storage;
  private final SegmentStore store;
  private final SpareSegments spares;
  private long lookedNanos;

  /** True if the last pass left a segment without a file, because a thread still stored to it. */
  private boolean isUnfinished;

  private long unfinishedSinceNanos;
  private int unreportedCount;

  MissingFiles(DiskJournal journal, SegmentStore store, SpareSegments spares) {
    this.journal = journal;
    this.storage = journal.storage();
    this.store = store;
    this.spares = spares;
    this.lookedNanos = journal.nanoTime();
  }

  /** True once a second; for a second more often, while a segment in use has no file yet. */
  boolean isDue() {
    long now = journal.nanoTime();
    boolean isRetry = isUnfinished && now - unfinishedSinceNanos < LOOK_NANOS;
    if (now - lookedNanos < (isRetry ? RETRY_NANOS : LOOK_NANOS)) {
      return false;
    }
    lookedNanos = now;
    return true;
  }

  /**
   * Restores missing files. A segment that a thread still stores to is restored by a later call.
   * The line that reports the files comes once all are there, because whoever reads it takes all
   * that was recorded before for safe. A thread that hangs holds the line back for a second, not
   * for ever.
   *
   * @param makeSpares prepares segments, so that no event has to wait
   * @return number of files restored or given up
   * @throws IOException if the disk refuses
   */
  int restore(Runnable makeSpares) throws IOException {
    boolean wasUnfinished = isUnfinished;
    isUnfinished = false; // If the disk refuses, the next look is a second away.
    int count = storage.restoreDirectory() ? 1 : 0;
    count += dropSpares();
    if (count > 0) {
      makeSpares.run();
    }
    boolean isLeft = false;
    for (int i = 0; i < journal.stripeCount(); i++) {
      Stripe stripe = journal.stripe(i);
      for (Segment s = stripe.oldest(); s != null; s = s.next()) {
        if (isMissing(s)) {
          int restored = restore(stripe, s);
          isLeft |= restored == 0;
          count += restored;
        }
      }
    }
    count += journal.restoreCursors();
    if (isLeft && !wasUnfinished) {
      unfinishedSinceNanos = journal.nanoTime();
    }
    isUnfinished = isLeft;
    report(count);
    return count;
  }

  private void report(int count) {
    unreportedCount += count;
    boolean isHeldBack = isUnfinished && journal.nanoTime() - unfinishedSinceNanos < LOOK_NANOS;
    if (unreportedCount > 0 && !isHeldBack) {
      journal.report(
          "files of the journal were removed while it was in use; "
              + unreportedCount
              + " were made again. Exclude the journal's folder from cleaners of temporary files");
      unreportedCount = 0;
    }
  }

  /** Drops spares without a file, because no reader would find their records. */
  private int dropSpares() throws IOException {
    int count = 0;
    store.removeLeaving();
    for (int slot = 0; slot < spares.slotCount(); slot++) {
      Segment spare = spares.peek(slot); // Not taken: a thread may need a good one at any moment.
      if (spare != null && !storage.exists(spare.fileName()) && spares.remove(slot, spare)) {
        store.remove(spare);
        count++;
      }
    }
    return count;
  }

  private boolean isMissing(Segment segment) throws IOException {
    return !segment.isPlaceholder()
        && segment.memory() != null
        && !storage.exists(segment.fileName());
  }

  /** Writes a sealed segment to a new file, once no thread stores to it. Returns files restored. */
  private int restore(Stripe stripe, Segment segment) throws IOException {
    if (segment.next() == null) {
      stripe.seal();
    }
    SegmentMemory memory = segment.memory();
    if (memory == null || !segment.isWhole()) {
      return 0;
    }
    String temporary = segment.fileName() + SegmentNames.TEMPORARY_SUFFIX;
    storage.delete(temporary);
    try (StorageFile file = storage.create(temporary)) {
      byte[] bytes = copy(memory, journal.limits().segmentLength());
      file.write(bytes, 0, bytes.length, 0);
      file.force();
    }
    storage.rename(temporary, segment.fileName());
    segment.releaseMemory(); // The memory belongs to the removed file, so it can't be recycled.
    return 1;
  }

  private static byte[] copy(SegmentMemory memory, int length) {
    ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    for (int offset = 0; offset < length; offset += Integer.BYTES) {
      bytes.putInt(offset, memory.getIntAcquire(offset));
    }
    return bytes.array();
  }

  /** Restores a cursor's file, if it is missing. Returns files restored. */
  static int restore(JournalStorage storage, String sinkName, @Nullable Cursor cursor)
      throws IOException {
    if (cursor == null || storage.exists(Cursor.fileName(sinkName))) {
      return 0;
    }
    cursor.restore(storage, sinkName);
    return 1;
  }
}
