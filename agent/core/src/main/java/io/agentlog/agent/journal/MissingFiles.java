package io.agentlog.agent.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * Notices that somebody has removed files of the journal under the running JVM, a cleaner of
 * temporary files for one, and makes them again from what is still mapped. What was not mapped any
 * more is lost, and its readers say so. Of the journal's own thread, under the keeper's locks.
 */
final class MissingFiles {
  private static final long LOOK_NANOS = 1_000_000_000L;

  private final DiskJournal journal;
  private final JournalStorage storage;
  private final SegmentStore store;
  private final SpareSegments spares;
  private long lookedNanos;

  MissingFiles(DiskJournal journal, SegmentStore store, SpareSegments spares) {
    this.journal = journal;
    this.storage = journal.storage();
    this.store = store;
    this.spares = spares;
    this.lookedNanos = journal.nanoTime();
  }

  /** True each second. */
  boolean isDue() {
    long now = journal.nanoTime();
    if (now - lookedNanos < LOOK_NANOS) {
      return false;
    }
    lookedNanos = now;
    return true;
  }

  /**
   * Looks, and makes again what is not there.
   *
   * @param makeSpares makes segments ready, so that no event has to wait for one
   * @return files made again or given up; what could not be is tried at the next call
   * @throws IOException if nothing can be made there
   */
  int restore(Runnable makeSpares) throws IOException {
    int count = storage.restoreDirectory() ? 1 : 0;
    count += dropSpares();
    if (count > 0) {
      makeSpares.run();
    }
    for (int i = 0; i < journal.stripeCount(); i++) {
      Stripe stripe = journal.stripe(i);
      for (Segment s = stripe.oldest(); s != null; s = s.next()) {
        if (isMissing(s)) {
          count += restore(stripe, s);
        }
      }
    }
    count += journal.restoreCursors();
    if (count > 0) {
      journal.report(
          "files of the journal were removed while it was in use; "
              + count
              + " were made again. Exclude its folder from whatever cleans up there");
    }
    return count;
  }

  /** They hold nothing, and what is stored into them would be found by nobody. */
  private int dropSpares() throws IOException {
    int count = 0;
    for (int left = spares.count(); left > 0; left--) {
      Segment spare = spares.take();
      if (spare == null) {
        break;
      }
      if (storage.exists(spare.fileName())) {
        spares.giveBack(spare);
      } else {
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

  /** Whoever still stores to it does so before the copy, or the copy waits. */
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
    segment.releaseMemory(); // It is that of the file that is gone: not to be used again.
    return 1;
  }

  private static byte[] copy(SegmentMemory memory, int length) {
    ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    for (int offset = 0; offset < length; offset += Integer.BYTES) {
      bytes.putInt(offset, memory.getIntAcquire(offset));
    }
    return bytes.array();
  }

  /** Makes a cursor's file again if it is gone. */
  static int restore(JournalStorage storage, String sinkName, @Nullable Cursor cursor)
      throws IOException {
    if (cursor == null || storage.exists(Cursor.fileName(sinkName))) {
      return 0;
    }
    cursor.restore(storage, sinkName);
    return 1;
  }
}
