package io.agentlog.agent.journal;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/**
 * Space that a {@link StripeReader} stepped over, since it was claimed and not complete: looked at
 * again until it is. Not thread-safe.
 *
 * <p>It also keeps the count of a segment that the reader has left with a hole: with the last of
 * them filled the segment is complete.
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

  /** In a count: some of the segment was not read. */
  private static final int UNKNOWN = -1;

  private final DiskJournal journal;
  private final int stripe;
  private final boolean readsNotes;
  private final Set<Long> unsettled;
  private final SegmentWindow window;
  private final List<Hole> holes = new ArrayList<>();

  /** Records found in holes, of segments with a hole. */
  private final IdentityHashMap<Segment, Integer> filledCounts = new IdentityHashMap<>();

  /** Records read beside them, of segments that were left with a hole. */
  private final IdentityHashMap<Segment, Integer> countsOfLeft = new IdentityHashMap<>();

  /**
   * @param unsettled positions that hold the cursor back; those of holes among them
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
   * The reader goes on to the next segment.
   *
   * @param count of the records that it read in this one, or negative
   */
  void leave(Segment left, int count) {
    countsOfLeft.put(left, count);
    completeIfFilled(left);
  }

  /** Adds what is complete by now, as far as the batch has room. */
  void revisit(DiskBatch batch) throws IOException {
    for (int i = 0; i < holes.size() && batch.hasRoom(); i++) {
      Hole hole = holes.get(i);
      try {
        window.open(hole.segment);
        fill(hole, batch);
      } catch (NoSuchFileException e) { // Nobody will see what is stored there now.
        journal.findings().lost(hole.segment);
        unsettled.remove(hole.position());
        filledCounts.put(hole.segment, UNKNOWN);
        hole.from = hole.to;
      }
      i = holes.indexOf(hole); // Parts of it may stand before it now.
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
            batch.begin(stripe, position); // It is unsettled already.
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
          // Others may have claimed behind it, and be complete: their next records must not come
          // first.
          end = found == SegmentWindow.Found.CLAIMED ? end : nextOurs(hole);
          if (end >= hole.to) {
            return;
          }
          holes.add(holes.indexOf(hole), new Hole(hole.segment, hole.from, end));
        }
      }
      // What is left at the end of a segment may be too short for a record: nothing comes there.
      boolean over = end + RecordLayout.HEADER_LENGTH > hole.segment.recordsEnd();
      hole.from = over ? hole.to : end;
      if (hole.from < hole.to) {
        unsettled.add(hole.position());
      }
    }
  }

  private int nextOurs(Hole hole) throws IOException {
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
