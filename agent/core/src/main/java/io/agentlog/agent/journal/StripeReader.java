package io.agentlog.agent.journal;

import static java.util.Objects.requireNonNull;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

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

  private static final long REVISIT_NANOS = 1_000_000L;

  private static final class Hole {
    private final Segment segment;
    private int from;
    private final int to;

    Hole(Segment segment, int from, int to) {
      this.segment = segment;
      this.from = from;
      this.to = to;
    }

    long position() {
      return segment.basePosition() + from;
    }
  }

  private final DiskJournal journal;
  private final int stripe;
  private final boolean readsNotes;
  private final SegmentWindow window;
  private final SegmentWindow holeWindow;
  private final List<Hole> holes = new ArrayList<>();

  /** Records of segments that were left with a hole. */
  private final IdentityHashMap<Segment, Integer> countsOfLeft = new IdentityHashMap<>();

  /** Starts of what is read and not confirmed, and of open holes. */
  private final TreeSet<Long> unsettled = new TreeSet<>();

  private Segment segment;
  private int offset;
  private int countInSegment;
  private long stalledNanos;
  private int stalledOffset = -1;
  private long revisitedNanos;

  /** Starts with the first record at or after a position. */
  StripeReader(DiskJournal journal, int stripe, boolean readsNotes, long position) {
    this.journal = journal;
    this.stripe = stripe;
    this.readsNotes = readsNotes;
    this.window = new SegmentWindow(journal.storage(), journal.limits().segmentLength());
    this.holeWindow = new SegmentWindow(journal.storage(), SegmentHeader.LENGTH);
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
    return holes.size();
  }

  /** What began there is confirmed. */
  void settle(long startPosition) {
    unsettled.remove(startPosition);
  }

  /** Adds what there is to a batch, as far as it has room. */
  void read(DiskBatch batch) throws IOException {
    revisit(batch);
    boolean inRun = false;
    while (batch.hasRoom()) {
      if (offset + RecordLayout.HEADER_LENGTH > segment.recordsEnd()) {
        if (!leave()) {
          return;
        }
        continue;
      }
      int limit = segment.claimedTo();
      if (offset + RecordLayout.HEADER_LENGTH > limit) {
        return;
      }
      try {
        window.open(segment);
      } catch (NoSuchFileException e) {
        if (segment.next() == null && !segment.isFound()) {
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
    holeWindow.close();
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
    Segment left = segment;
    if (holes.stream().anyMatch(hole -> hole.segment == left)) {
      countsOfLeft.put(left, countInSegment);
    } else if (countInSegment >= 0 && !left.isPlaceholder()) {
      left.complete(countInSegment);
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
      Hole hole = new Hole(segment, offset, to);
      holes.add(hole);
      unsettled.add(hole.position());
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

  private void revisit(DiskBatch batch) throws IOException {
    if (holes.isEmpty() || journal.nanoTime() - revisitedNanos < REVISIT_NANOS) {
      return;
    }
    revisitedNanos = journal.nanoTime();
    for (Iterator<Hole> open = holes.iterator(); open.hasNext() && batch.hasRoom(); ) {
      Hole hole = open.next();
      try {
        holeWindow.open(hole.segment);
        fill(hole, batch);
      } catch (NoSuchFileException e) { // Nobody will see what is stored there now.
        journal.findings().lost(hole.segment);
        unsettled.remove(hole.position());
        countsOfLeft.computeIfPresent(hole.segment, (lost, count) -> -1);
        hole.from = hole.to;
      }
      if (hole.from >= hole.to) {
        open.remove();
        filled(hole.segment);
      }
    }
    holeWindow.close();
  }

  private void fill(Hole hole, DiskBatch batch) throws IOException {
    while (hole.from < hole.to && batch.hasRoom()) {
      SegmentWindow.Found found = holeWindow.at(hole.from, hole.segment.recordsEnd());
      long position = hole.position();
      switch (found) {
        case RECORD, NOTE -> {
          if (found == SegmentWindow.Found.RECORD || readsNotes) {
            batch.begin(stripe, position); // It is unsettled already.
            batch.add(holeWindow.payload(), stripe, position);
          } else {
            unsettled.remove(position);
          }
          countFilled(hole.segment, found);
        }
        case GAP, VOID, END -> unsettled.remove(position);
        default -> {
          return;
        }
      }
      hole.from = found == SegmentWindow.Found.END ? hole.to : hole.from + holeWindow.space();
      if (hole.from < hole.to) {
        unsettled.add(hole.position());
      }
    }
  }

  private void countFilled(Segment filled, SegmentWindow.Found found) {
    if (found != SegmentWindow.Found.RECORD) {
      return;
    }
    if (filled == segment) {
      count(found);
    } else {
      countsOfLeft.computeIfPresent(filled, (s, count) -> count < 0 ? count : count + 1);
    }
  }

  private void filled(Segment filled) {
    @Nullable Integer count = countsOfLeft.get(filled);
    if (count != null && holes.stream().noneMatch(hole -> hole.segment == filled)) {
      countsOfLeft.remove(filled);
      if (requireNonNull(count) >= 0) {
        filled.complete(count);
      }
    }
  }
}
