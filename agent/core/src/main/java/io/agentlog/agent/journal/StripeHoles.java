package io.agentlog.agent.journal;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.Set;

/**
 * Holes that a {@link StripeReader} stepped over: claimed, incomplete space, looked at again until
 * a thread completes it. Not thread-safe.
 *
 * <p>This class also counts the records of segments that the reader left with a hole. When the last
 * hole of a segment is filled, the segment is complete.
 */
final class StripeHoles implements Closeable {
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

  /** Records found in the holes of a segment. */
  private static final class Filled {
    private int count;

    /** True if some were not read. */
    private boolean isUnknown;
  }

  private final DiskJournal journal;
  private final int stripe;
  private final boolean readsNotes;
  private final Set<Long> unsettled;
  private final SegmentWindow window;
  private final ArrayList<Hole> holes = new ArrayList<>();

  /** Number of records found in holes, by segment. */
  private final IdentityHashMap<Segment, Filled> filledCounts = new IdentityHashMap<>();

  /** Number of records read outside holes, by segment that was left with a hole. */
  private final IdentityHashMap<Segment, Integer> countsOfLeft = new IdentityHashMap<>();

  /**
   * @param unsettled positions that hold the cursor back, including those of holes
   */
  StripeHoles(DiskJournal journal, int stripe, boolean readsNotes, Set<Long> unsettled) {
    this.journal = journal;
    this.stripe = stripe;
    this.readsNotes = readsNotes;
    this.unsettled = unsettled;
    this.window = new SegmentWindow(journal.storage(), SegmentHeader.LENGTH);
  }

  int count() {
    return holes.size();
  }

  void add(Segment segment, int from, int to) {
    Hole hole = new Hole(segment, from, to);
    holes.ensureCapacity(holes.size() + 1);
    unsettled.add(hole.position()); // The last step that may fail for lack of memory.
    holes.add(hole);
  }

  /**
   * Notes that the reader has left a segment for the next one.
   *
   * @param count records read in the left segment, or negative if unknown
   */
  void leave(Segment left, int count) {
    countsOfLeft.put(left, count);
    completeIfFilled(left);
  }

  /** Adds records that were completed meanwhile, until the batch is full. */
  void revisit(DiskBatch batch) throws IOException {
    for (int i = 0; i < holes.size() && batch.hasRoom(); i++) {
      Hole hole = holes.get(i);
      try {
        window.open(hole.segment);
        fill(hole, batch);
      } catch (NoSuchFileException e) { // No reader can see later stores to this file.
        journal.findings().lost(hole.segment);
        filled(hole.segment).isUnknown = true;
        unsettled.remove(hole.position());
        hole.from = hole.to;
      }
      i = holes.indexOf(hole); // Filling may have inserted parts of the hole before it.
      if (hole.from >= hole.to) {
        holes.remove(i--);
        completeIfFilled(hole.segment);
      }
    }
    if (holes.isEmpty()) {
      window.close();
    }
  }

  @Override
  public void close() {
    window.close();
  }

  private void fill(Hole hole, DiskBatch batch) throws IOException {
    while (hole.from < hole.to && batch.hasRoom()) {
      SegmentWindow.Found found = window.at(hole.from, hole.segment.recordsEnd());
      int end = hole.from + window.space();
      switch (found) {
        case RECORD -> add(hole, end, true, batch);
        case NOTE -> {
          if (readsNotes) {
            add(hole, end, false, batch);
          } else {
            pass(hole, end);
          }
        }
        case GAP, VOID -> pass(hole, end);
        case END -> pass(hole, hole.to);
        default -> {
          // Other threads may have completed claims behind this one. Look at those now, so that no
          // later record of these threads is read first.
          int next = found == SegmentWindow.Found.CLAIMED ? end : nextRecord(hole);
          if (next >= hole.to) {
            return;
          }
          Hole before = new Hole(hole.segment, hole.from, next);
          holes.ensureCapacity(holes.size() + 1);
          moveTo(next, hole);
          holes.add(holes.indexOf(hole), before);
        }
      }
    }
  }

  /** Adds the record in the window; nothing has changed if there is no memory for it. */
  private void add(Hole hole, int end, boolean isRecord, DiskBatch batch) {
    long position = hole.position(); // Unsettled already.
    byte[] payload = window.payload();
    RecordPlace start = new RecordPlace(stripe, position);
    Filled filled = filled(hole.segment);
    batch.reserve();
    moveTo(end, hole);
    batch.begin(start);
    batch.add(payload, stripe, position);
    filled.count += isRecord ? 1 : 0;
  }

  /** Steps over space that holds nothing for the batch. */
  private void pass(Hole hole, int end) {
    Long position = hole.position();
    moveTo(end, hole);
    unsettled.remove(position);
  }

  /** Cuts off the front of a hole; its rest holds the cursor back. The last step that may fail. */
  private void moveTo(int end, Hole hole) {
    // The rest of a segment may be too short for a record, so no thread claims it.
    boolean over = end + RecordLayout.HEADER_LENGTH > hole.segment.recordsEnd();
    int from = over ? hole.to : end;
    if (from < hole.to) {
      unsettled.add(hole.segment.basePosition() + from);
    }
    hole.from = from;
  }

  /** Needs no memory, because no later call would complete the segment. */
  private boolean hasHole(Segment segment) {
    for (int i = 0; i < holes.size(); i++) {
      if (holes.get(i).segment == segment) {
        return true;
      }
    }
    return false;
  }

  private Filled filled(Segment segment) {
    Filled filled = filledCounts.get(segment);
    if (filled == null) {
      filled = new Filled();
      filledCounts.put(segment, filled);
    }
    return filled;
  }

  private int nextRecord(Hole hole) throws IOException {
    int next = window.scan(hole.from + RecordLayout.ALIGNMENT, hole.to);
    return next < 0 ? hole.to : next;
  }

  private void completeIfFilled(Segment segment) {
    Integer count = countsOfLeft.get(segment);
    if (count == null || hasHole(segment)) {
      return;
    }
    countsOfLeft.remove(segment);
    Filled filled = filledCounts.remove(segment);
    if (count >= 0 && (filled == null || !filled.isUnknown)) {
      segment.complete(count + (filled == null ? 0 : filled.count));
    }
  }
}
