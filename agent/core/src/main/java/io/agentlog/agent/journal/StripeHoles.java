package io.agentlog.agent.journal;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
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

  /** Count of a segment of which some records were not read. */
  private static final int UNKNOWN = -1;

  private final DiskJournal journal;
  private final int stripe;
  private final boolean readsNotes;
  private final Set<Long> unsettled;
  private final SegmentWindow window;
  private final List<Hole> holes = new ArrayList<>();

  /** Number of records found in holes, by segment. */
  private final IdentityHashMap<Segment, Integer> filledCounts = new IdentityHashMap<>();

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
    holes.add(hole);
    unsettled.add(hole.position());
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
        unsettled.remove(hole.position());
        filledCounts.put(hole.segment, UNKNOWN);
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
      long position = hole.position();
      int end = hole.from + window.space();
      switch (found) {
        case RECORD, NOTE -> {
          if (found == SegmentWindow.Found.RECORD || readsNotes) {
            batch.begin(stripe, position); // The position is unsettled already.
            batch.add(window.payload(), stripe, position);
          } else {
            unsettled.remove(position);
          }
          if (found == SegmentWindow.Found.RECORD) {
            filledCounts.merge(hole.segment, 1, (a, b) -> a < 0 ? a : a + b);
          }
        }
        case GAP, VOID -> unsettled.remove(position);
        case END -> {
          unsettled.remove(position);
          end = hole.to;
        }
        default -> {
          // Other threads may have completed claims behind this one. Look at those now, so that no
          // later record of these threads is read first.
          end = found == SegmentWindow.Found.CLAIMED ? end : nextRecord(hole);
          if (end >= hole.to) {
            return;
          }
          holes.add(holes.indexOf(hole), new Hole(hole.segment, hole.from, end));
        }
      }
      // The rest of a segment may be too short for a record, so no thread claims it.
      boolean over = end + RecordLayout.HEADER_LENGTH > hole.segment.recordsEnd();
      hole.from = over ? hole.to : end;
      if (hole.from < hole.to) {
        unsettled.add(hole.position());
      }
    }
  }

  private int nextRecord(Hole hole) throws IOException {
    int next = window.scan(hole.from + RecordLayout.ALIGNMENT, hole.to);
    return next < 0 ? hole.to : next;
  }

  private void completeIfFilled(Segment segment) {
    Integer count = countsOfLeft.get(segment);
    if (count == null || holes.stream().anyMatch(hole -> hole.segment == segment)) {
      return;
    }
    int filled = filledCounts.getOrDefault(segment, 0);
    countsOfLeft.remove(segment);
    filledCounts.remove(segment);
    if (count >= 0 && filled >= 0) {
      segment.complete(count + filled);
    }
  }
}
