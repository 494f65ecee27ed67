package io.agentlog.agent.journal;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.NoSuchFileException;

/** Counts records by walking the segments. Thread-safe; runs one count at a time. */
final class RecordCounter implements Closeable {
  private final DiskJournal journal;
  private final SegmentWindow window;

  RecordCounter(DiskJournal journal) {
    this.journal = journal;
    this.window = new SegmentWindow(journal.storage(), journal.limits().segmentLength());
  }

  /**
   * Counts complete records from the given positions on, one position per stripe. An unreadable
   * segment counts as one record, because a count of 0 lets the caller remove the journal. Records
   * that wait for a segment are not counted.
   */
  synchronized long count(long[] fromPositions) {
    long count = 0;
    for (int i = 0; i < fromPositions.length; i++) {
      Stripe stripe = journal.stripe(i);
      for (Segment segment = stripe.oldest(); segment != null; segment = segment.next()) {
        if (segment.endPosition() > fromPositions[i]) {
          count += countIn(segment, fromPositions[i]);
        }
      }
    }
    window.close();
    return count;
  }

  @Override
  public synchronized void close() {
    window.close();
  }

  private long countIn(Segment segment, long fromPosition) {
    int offset = (int) Math.max(SegmentHeader.LENGTH, fromPosition - segment.basePosition());
    if (offset == SegmentHeader.LENGTH && segment.recordCount() >= 0) {
      return segment.recordCount();
    }
    if (segment.isPlaceholder()) {
      return 0;
    }
    try {
      window.open(segment);
      return walk(segment, offset);
    } catch (NoSuchFileException e) {
      return 0; // Retired meanwhile, or removed, which its readers report.
    } catch (IOException e) {
      return 1; // Unknown number of records. The readers report the failure.
    }
  }

  private long walk(Segment segment, int from) throws IOException {
    long count = 0;
    int limit = segment.claimedTo();
    int offset = from;
    while (offset + RecordLayout.HEADER_LENGTH <= limit) {
      SegmentWindow.Found found = window.at(offset, limit);
      if (found == SegmentWindow.Found.END || found == SegmentWindow.Found.CUT) {
        break;
      }
      count += found == SegmentWindow.Found.RECORD ? 1 : 0;
      int space = window.space();
      if (space == 0) {
        int next = window.scan(offset + RecordLayout.ALIGNMENT, limit);
        if (next < 0) {
          break;
        }
        space = next - offset;
      }
      offset += space;
    }
    return count;
  }
}
