package io.agentlog.agent.journal;

import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Reads a {@link DiskJournal} for one sink, with a cursor that outlives the process. */
final class DiskReader implements JournalReader {
  /** Two values of one moment, so that another thread counts every record exactly once. */
  private static final class Progress {
    private final long[] readPositions;
    private final long unconfirmedCount;

    Progress(long[] readPositions, long unconfirmedCount) {
      this.readPositions = readPositions;
      this.unconfirmedCount = unconfirmedCount;
    }
  }

  private final DiskJournal journal;
  private final String name;
  private final Cursor cursor;
  private final StripeReader[] stripes;
  private final RecordCounter counter;
  private long[] written;
  private int firstStripe;

  /** The batch of a read that threw, for lack of memory say; the next read goes on with it. */
  private @Nullable DiskBatch unfinished;

  private volatile long[] forced;
  private volatile Progress progress;
  private volatile boolean closed;

  DiskReader(DiskJournal journal, String name, Cursor cursor) {
    this.journal = journal;
    this.name = name;
    this.cursor = cursor;
    this.stripes = new StripeReader[journal.stripeCount()];
    this.counter = new RecordCounter(journal);
    for (int i = 0; i < stripes.length; i++) {
      stripes[i] = new StripeReader(journal, i, false, cursor.position(i));
    }
    this.written = positions();
    this.forced = written.clone();
    this.progress = new Progress(readPositions(), 0);
  }

  String name() {
    return name;
  }

  /** Position up to which segments of a stripe may be retired. Any thread may call. */
  long keptFrom(int stripe) {
    return forced[stripe];
  }

  @Override
  public JournalBatch read(int recordsMax, long bytesMax) {
    if (recordsMax < 1) {
      throw new IllegalArgumentException("recordsMax must be at least 1, was " + recordsMax);
    }
    requireOpen();
    DiskBatch kept = unfinished;
    DiskBatch batch = kept == null ? new DiskBatch(recordsMax, bytesMax) : kept;
    unfinished = batch;
    for (int i = 0; i < stripes.length && batch.hasRoom(); i++) {
      StripeReader stripe = stripes[(firstStripe + i) % stripes.length];
      try {
        stripe.read(batch);
      } catch (IOException e) {
        journal.cantRead(e); // The next read tries again; records already in the batch stay.
      }
    }
    firstStripe = (firstStripe + 1) % stripes.length; // No stripe waits behind a busy one.
    JournalBatch read = new JournalBatch(batch.records(), batch::placeOf, batch);
    if (read.isEmpty()) {
      unfinished = null;
      moveCursor();
    } else {
      progress = new Progress(readPositions(), progress.unconfirmedCount + batch.records().size());
      unfinished = null; // Only now: if memory ran out before, the next read returns the records.
    }
    return read;
  }

  @Override
  public void confirm(JournalBatch confirmed) {
    if (!(confirmed.position() instanceof DiskBatch batch)) {
      throw new IllegalArgumentException("batch was not read by journal reader " + name);
    }
    if (closed || batch.isConfirmed()) {
      return;
    }
    // Marked late: if memory runs out on the way, the next confirmation does all of it again.
    for (RecordPlace start : batch.starts()) {
      stripes[start.stripe()].settle(start.position());
    }
    progress = new Progress(readPositions(), progress.unconfirmedCount - batch.records().size());
    batch.confirm();
    try {
      moveCursor();
    } catch (OutOfMemoryError e) { // The next read moves it, or the end.
    }
  }

  @Override
  public long pendingCount() {
    Progress now = progress;
    return closed ? 0 : now.unconfirmedCount + counter.count(now.readPositions);
  }

  /**
   * Closes the reader. Its cursor and the unconfirmed records stay on the disk for the next reader
   * of the same name, in this JVM or a later one.
   */
  @Override
  public void close() {
    if (!closed) {
      moveCursor();
      forceCursor();
      closed = true;
      for (StripeReader stripe : stripes) {
        stripe.close();
      }
      counter.close();
      journal.closed(this, cursor);
    }
  }

  /** Forces the cursor to the disk, so that segments before it may be retired. Any agent thread. */
  void forceCursor() {
    synchronized (cursor) {
      long[] upTo = written;
      if (closed || Arrays.equals(upTo, forced)) {
        return;
      }
      try {
        cursor.force();
        forced = upTo;
      } catch (IOException e) {
        journal.cantWrite("the cursor of sink " + name, e);
      }
    }
  }

  /** Restores the cursor's file, if another process has removed it. Returns files restored. */
  int restoreCursor() throws IOException {
    synchronized (cursor) {
      return closed ? 0 : MissingFiles.restore(journal.storage(), name, cursor);
    }
  }

  private void moveCursor() {
    long[] positions = positions();
    synchronized (cursor) {
      if (Arrays.equals(positions, written)) {
        return;
      }
      try {
        cursor.write(positions);
        written = positions;
      } catch (IOException e) {
        // The cursor on the disk stays behind, so events may be delivered twice.
        journal.cantWrite("the cursor of sink " + name, e);
      }
    }
  }

  private long[] positions() {
    long[] positions = new long[stripes.length];
    for (int i = 0; i < positions.length; i++) {
      positions[i] = stripes[i].cursorPosition();
    }
    return positions;
  }

  private long[] readPositions() {
    long[] positions = new long[stripes.length];
    for (int i = 0; i < positions.length; i++) {
      positions[i] = stripes[i].readPosition();
    }
    return positions;
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("journal reader " + name + " is closed");
    }
  }

  /** Number of open holes, for tests. */
  int holeCount() {
    int count = 0;
    for (@Nullable StripeReader stripe : stripes) {
      count += stripe == null ? 0 : stripe.holeCount();
    }
    return count;
  }
}
