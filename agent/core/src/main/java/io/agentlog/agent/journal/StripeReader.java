package io.agentlog.agent.journal;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.TreeSet;

/**
 * One reader's way through one stripe: walks its segments, steps over holes and comes back to them,
 * and knows what is read and not confirmed. Not thread-safe.
 *
 * <p>A hole is space that was claimed and is not complete: in a living JVM a thread may still
 * complete it, however long it was paused, so it is looked at again; in one that is dead nobody
 * will. The cursor stays at the first hole that is open, while delivery runs ahead of it.
 */
final class StripeReader implements Closeable {
  /** What is claimed and not complete for so long is a hole: its thread was paused. */
  private static final long STALL_NANOS = 10_000_000L;

  private final DiskJournal journal;
  private final int stripe;
  private final boolean readsNotes;
  private final SegmentWindow window;
  private final StripeHoles holes;

  /** Starts of what is read and not confirmed, and of open holes. */
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
      countInSegment = -1; // It will not see all of them.
    }
  }

  /** Position of the first byte that was not read. */
  long readPosition() {
    return segment.basePosition() + offset;
  }

  /** Position of the first byte that is not confirmed. */
  long cursorPosition() {
    return unsettled.isEmpty() ? readPosition() : Math.min(unsettled.first(), readPosition());
  }

  int holeCount() {
    return holes.count();
  }

  /** What began there is confirmed. */
  void settle(long startPosition) {
    unsettled.remove(startPosition);
  }

  /** Adds what there is to a batch, as far as it has room. */
  void read(DiskBatch batch) throws IOException {
    // What is claimed later waits for the next call: a thread that claims again has completed what
    // it claimed before, so with the holes looked at in between its records stay in order.
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
      try {
        window.open(segment);
      } catch (NoSuchFileException e) {
        if (segment.memory() != null || (segment.next() == null && !segment.isFound())) {
          return; // The keeper will notice, and move on to a file that is there.
        }
        journal.findings().lost(segment);
        offset = segment.recordsEnd();
        countInSegment = -1;
        continue;
      }
      SegmentWindow.Found found = window.at(offset, limit);
      int space = window.space();
      switch (found) {
        case RECORD, NOTE -> {
          if (found == SegmentWindow.Found.RECORD || readsNotes) {
            long position = readPosition();
            if (!inRun) {
              begin(batch, position);
              inRun = true;
            }
            batch.add(window.payload(), stripe, position);
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
            return; // Nearly always: then the events of an execution stay in their order.
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

  private void begin(DiskBatch batch, long position) {
    unsettled.add(position);
    batch.begin(stripe, position);
  }

  private void count(SegmentWindow.Found found) {
    if (found == SegmentWindow.Found.RECORD && countInSegment >= 0) {
      countInSegment++;
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

  /** The word of a claim has no checksum: of a dead JVM's it may be damaged, and say too much. */
  private int endOfClaim(int end) throws IOException {
    int next = segment.isFound() ? window.scan(offset + RecordLayout.ALIGNMENT, end) : -1;
    return next < 0 ? end : next;
  }

  /** Returns false if there is nothing behind the zeros, or it is too early to say. */
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
      offset = end; // The JVM ended here.
    } else {
      stepOver(end);
    }
    return true;
  }

  /** True of the last segment of a dead JVM, and of one that was taken and never used. */
  private boolean isUnfinished() {
    Segment next = segment.next();
    return offset == SegmentHeader.LENGTH
        || next == null
        || next.isPlaceholder()
        || !next.isFound();
  }

  private boolean stepOverDamage(int limit) throws IOException {
    if (!segment.isFound() && !isStalled()) {
      return false; // What looked like damage was being stored.
    }
    int next = window.scan(offset + RecordLayout.ALIGNMENT, limit);
    if (next < 0 && !isSettled()) {
      return false; // It may still be claimed space; the records behind it will tell.
    }
    damaged(next < 0 ? segment.recordsEnd() : next);
    return true;
  }

  private void damaged(int end) throws IOException {
    int copied = Math.min(end, offset + JournalFindings.COPY_LENGTH_MAX);
    journal.findings().damaged(segment, offset, end, window.copy(offset, copied));
    countInSegment = -1; // Nobody can say that all claims in it are complete.
    offset = end;
  }

  /** True if no space will be claimed in the segment any more. */
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
