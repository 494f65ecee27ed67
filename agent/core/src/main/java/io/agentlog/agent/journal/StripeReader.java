package io.agentlog.agent.journal;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.TreeSet;

/**
 * Reads one stripe for one reader: walks the segments, steps over holes and returns to them, and
 * tracks what is read and not confirmed. Not thread-safe.
 *
 * <p>A hole is space that was claimed and is not complete. In a living JVM a paused thread may
 * still complete the hole, so the reader looks again; in a dead JVM no thread will. The cursor
 * stays at the first open hole, while delivery runs ahead.
 */
final class StripeReader implements Closeable {
  /** A claim that stays incomplete for so long is a hole, because its thread was paused. */
  private static final long STALL_NANOS = 10_000_000L;

  private final DiskJournal journal;
  private final int stripe;
  private final boolean readsNotes;
  private final SegmentWindow window;
  private final StripeHoles holes;

  /** Starts of runs that are read and not confirmed, and of open holes. */
  private final TreeSet<Long> unsettled = new TreeSet<>();

  private Segment segment;
  private int offset;
  private int countInSegment;
  private long stalledNanos;
  private int stalledOffset = -1;

  /** Starts with the first record at or after a position. */
  StripeReader(DiskJournal journal, int stripe, boolean readsNotes, long position) {
    this.journal = journal;
    this.stripe = stripe;
    this.readsNotes = readsNotes;
    this.window = new SegmentWindow(journal.storage(), journal.limits().segmentLength());
    this.holes = new StripeHoles(journal, stripe, readsNotes, unsettled);
    Segment start = journal.stripe(stripe).oldest();
    for (Segment next = start.next();
        next != null && start.endPosition() <= position;
        next = start.next()) {
      start = next;
    }
    this.segment = start;
    long within = position - start.basePosition();
    boolean inside = within > SegmentHeader.LENGTH && within <= start.recordsEnd();
    this.offset = start.isPlaceholder() ? start.recordsEnd() : SegmentHeader.LENGTH;
    if (inside && !start.isPlaceholder()) {
      offset = (int) within;
      countInSegment = -1; // The reader does not see every record of this segment.
    }
  }

  /** Position of the first unread byte. */
  long readPosition() {
    return segment.basePosition() + offset;
  }

  /** Position of the first unconfirmed byte. */
  long cursorPosition() {
    return unsettled.isEmpty() ? readPosition() : Math.min(unsettled.first(), readPosition());
  }

  int holeCount() {
    return holes.count();
  }

  /** Confirms the run that starts at a position. */
  void settle(long startPosition) {
    unsettled.remove(startPosition);
  }

  /** Adds records to a batch until the batch is full or no record is left. */
  void read(DiskBatch batch) throws IOException {
    // Later claims wait for the next call. A thread completes a claim before its next one, and the
    // next call looks at the holes first, so the records of a thread stay in order.
    Segment lastSegment = lastSegment();
    int lastLimit = lastSegment.claimedTo();
    holes.revisit(batch);
    boolean inRun = false;
    while (batch.hasRoom()) {
      if (offset + RecordLayout.HEADER_LENGTH > segment.recordsEnd()) {
        if (segment == lastSegment || !leave()) {
          return;
        }
        continue;
      }
      int limit = segment == lastSegment ? lastLimit : segment.claimedTo();
      if (offset + RecordLayout.HEADER_LENGTH > limit) {
        return;
      }
      if (!tryOpen()) {
        if (segment.memory() != null || (segment.next() == null && !segment.isFound())) {
          return; // The keeper restores the file, or moves on to a new one.
        }
        // The keeper may have restored the file, and then released the memory, since the first
        // look.
        if (!tryOpen()) {
          journal.findings().lost(segment);
          offset = segment.recordsEnd();
          countInSegment = -1;
          continue;
        }
      }
      SegmentWindow.Found found = window.at(offset, limit);
      int space = window.space();
      switch (found) {
        case RECORD, NOTE -> {
          if (found == SegmentWindow.Found.RECORD || readsNotes) {
            add(batch, !inRun);
            inRun = true;
          }
          count(found);
          offset += space;
        }
        case GAP -> {
          if (segment.isFound() && readsNotes) {
            journal.findings().gap(window.payload());
          }
          offset += space;
        }
        case VOID -> offset += space;
        case END -> offset = segment.recordsEnd();
        case CLAIMED -> {
          if (!segment.isFound() && !isStalled()) {
            return; // Waiting briefly nearly always keeps the events of an execution in order.
          }
          stepOver(endOfClaim(offset + space));
          inRun = false;
        }
        case EMPTY -> {
          if (!stepOverZeros(limit)) {
            return;
          }
          inRun = false;
        }
        case DAMAGED -> {
          if (!stepOverDamage(limit)) {
            return;
          }
        }
        case CUT -> {
          if (!isSettled()) {
            return;
          }
          journal.findings().cut(segment, offset);
          countInSegment = -1;
          offset = segment.recordsEnd();
        }
      }
    }
  }

  @Override
  public void close() {
    window.close();
    holes.close();
  }

  private Segment lastSegment() {
    Segment last = segment;
    for (Segment next = last.next(); next != null; next = last.next()) {
      last = next;
    }
    return last;
  }

  /** Adds the record in the window; nothing has changed if there is no memory for it. */
  private void add(DiskBatch batch, boolean beginsRun) {
    long position = readPosition();
    byte[] payload = window.payload();
    batch.reserve();
    if (beginsRun) {
      RecordPlace start = new RecordPlace(stripe, position);
      unsettled.add(position); // The last step that may fail.
      batch.begin(start);
    }
    batch.add(payload, stripe, position);
  }

  private void count(SegmentWindow.Found found) {
    if (found == SegmentWindow.Found.RECORD && countInSegment >= 0) {
      countInSegment++;
    }
  }

  /** Opens the segment's file; false if there is none. */
  private boolean tryOpen() throws IOException {
    try {
      window.open(segment);
      return true;
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  private boolean leave() {
    Segment next = segment.next();
    if (next == null) {
      return false;
    }
    if (!segment.isPlaceholder()) {
      holes.leave(segment, countInSegment);
    }
    segment = next;
    offset = SegmentHeader.LENGTH;
    countInSegment = 0;
    window.close();
    return true;
  }

  private void stepOver(int to) {
    if (segment.isFound()) {
      journal.findings().hole();
    } else {
      holes.add(segment, offset, to);
    }
    offset = to;
  }

  /** End of a claim. A dead JVM's word may be damaged and too long, since it has no checksum. */
  private int endOfClaim(int end) throws IOException {
    int next = segment.isFound() ? window.scan(offset + RecordLayout.ALIGNMENT, end) : -1;
    return next < 0 ? end : next;
  }

  /** Steps over zeros. Returns false if no record follows, or a thread may still store there. */
  private boolean stepOverZeros(int limit) throws IOException {
    if (!segment.isFound() && !isStalled()) {
      return false;
    }
    int next = window.scan(offset + RecordLayout.ALIGNMENT, limit);
    if (next < 0 && !isSettled()) {
      return false;
    }
    int end = next < 0 ? segment.recordsEnd() : next;
    if (segment.isFound() && !window.isBlank(offset, end)) {
      damaged(end);
    } else if (next < 0 && segment.isFound() && isUnfinished()) {
      offset = end; // The JVM ended here, so nothing was claimed.
    } else {
      stepOver(end);
    }
    return true;
  }

  /** True for the last segment of a dead JVM, and for a segment that was taken and never used. */
  private boolean isUnfinished() {
    Segment next = segment.next();
    return offset == SegmentHeader.LENGTH
        || next == null
        || next.isPlaceholder()
        || !next.isFound();
  }

  private boolean stepOverDamage(int limit) throws IOException {
    if (!segment.isFound() && !isStalled()) {
      return false; // It may be a store in progress.
    }
    int next = window.scan(offset + RecordLayout.ALIGNMENT, limit);
    if (next < 0 && !isSettled()) {
      return false; // It may still be claimed space; a record behind it will show.
    }
    damaged(next < 0 ? segment.recordsEnd() : next);
    return true;
  }

  private void damaged(int end) throws IOException {
    int copied = Math.min(end, offset + JournalFindings.COPY_LENGTH_MAX);
    journal.findings().damaged(segment, offset, end, window.copy(offset, copied));
    countInSegment = -1; // Claims in the damaged range may be incomplete.
    offset = end;
  }

  /** True if no thread will claim space in the segment any more. */
  private boolean isSettled() {
    return segment.isFound() || segment.next() != null;
  }

  private boolean isStalled() {
    long now = journal.nanoTime();
    if (stalledOffset != offset) {
      stalledOffset = offset;
      stalledNanos = now;
    }
    return now - stalledNanos >= STALL_NANOS;
  }
}
