package io.agentlog.agent.journal;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/** Follower of a {@link DiskJournal}; see {@link JournalFollower}. */
final class DiskFollower implements JournalFollower {
  private final DiskJournal journal;
  private final StripeReader[] stripes;
  private final AtomicLongArray kept;
  private volatile boolean closed;
  private @Nullable IOException failure;

  /** The batch of a read that threw, for lack of memory say; the next read goes on with it. */
  private @Nullable DiskBatch unfinished;

  DiskFollower(DiskJournal journal) {
    this.journal = journal;
    this.stripes = new StripeReader[journal.stripeCount()];
    this.kept = new AtomicLongArray(stripes.length);
    for (int i = 0; i < stripes.length; i++) {
      long from = journal.stripe(i).oldest().basePosition();
      stripes[i] = new StripeReader(journal, i, true, from);
      kept.set(i, from);
    }
  }

  long keptFrom(int stripe) {
    return closed ? Long.MAX_VALUE : kept.get(stripe);
  }

  @Override
  public JournalBatch read(int recordsMax, long bytesMax) {
    DiskBatch kept = unfinished;
    DiskBatch batch = kept == null ? new DiskBatch(recordsMax, bytesMax) : kept;
    unfinished = batch;
    failure = null;
    for (StripeReader stripe : stripes) {
      try {
        stripe.read(batch);
      } catch (IOException e) {
        failure = e;
        journal.cantRead(e);
      }
    }
    // Followers confirm by position, not by batch.
    for (RecordPlace start : batch.starts()) {
      stripes[start.stripe()].settle(start.position());
    }
    JournalBatch read = new JournalBatch(batch.records(), batch::placeOf, batch);
    unfinished = null;
    return read;
  }

  @Override
  public @Nullable IOException failure() {
    return failure;
  }

  @Override
  public void keepFrom(int stripe, long position) {
    long cursor = stripes[stripe].cursorPosition(); // Stops at the first open hole.
    kept.set(stripe, Math.max(kept.get(stripe), Math.min(position, cursor)));
  }

  @Override
  public long readPosition(int stripe) {
    return stripes[stripe].readPosition();
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      for (StripeReader stripe : stripes) {
        stripe.close();
      }
      journal.closed(this);
    }
  }
}
