package io.agentlog.agent.journal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Work of the journal's own thread: keeps segments ready, appends waiting records, retires segments
 * that every reader has passed, and reports when the journal is full.
 *
 * <pre>
 *  OPEN --a segment can't be made--> BLOCKED --last spare--> shedding: only essential records are taken
 *  BLOCKED --a segment could be made--> OPEN, with a record of the gap
 * </pre>
 *
 * <p>One thread works at a time; at the end of a JVM the thread that ends it works, too. Another
 * thread may call {@link #force}.
 */
final class JournalKeeper {
  static final int SPARE_COUNT_MIN = 2;

  /** Segments made in one turn. Each takes some milliseconds, and a turn must end. */
  private static final int MADE_A_TURN_MAX = 4;

  private static final long RATE_NANOS = 1_000_000_000L;
  private static final long CALM_NANOS = 10_000_000_000L;
  private static final long RETRY_NANOS = 250_000_000L;

  /** Longest pause after attempts that failed, at each of which the JDK may collect garbage. */
  private static final long RETRY_NANOS_MAX = 30_000_000_000L;

  /** A shortage that begins again sooner is the same one, and is not reported again. */
  private static final long SHORTAGE_NANOS = 60_000_000_000L;

  private static final long TOUCH_NANOS = 2_000_000_000L;
  private static final long SPARE_TOUCH_NANOS = 10_000_000_000L;
  private static final int TOUCH_BYTES = 1 << 20;

  /** Complete segments that a stripe keeps mapped for recycling. */
  private static final int MAPPED_COMPLETE_MAX = 2;

  private final DiskJournal journal;
  private final SegmentStore store;
  private final SpareSegments spares;
  private final MissingFiles missing;

  /** Held during a turn. */
  private final ReentrantLock turnLock = new ReentrantLock();

  /** Held while memory is forced or released, so that released memory is never forced. */
  private final ReentrantLock memoryLock = new ReentrantLock();

  private volatile boolean shedding;
  private boolean restoring;
  private boolean blockedReported;
  private long shortNanos;
  private long retryNanos = RETRY_NANOS;
  private long blockedSinceMillis;
  private long droppedBefore;
  private long retryAtNanos;
  private long removedNanos;
  private long rateSinceNanos;
  private long takenAtRate;
  private long busyNanos;
  private final int spareTargetMin;
  private int spareTarget;

  JournalKeeper(DiskJournal journal, SegmentStore store, SpareSegments spares) {
    this.journal = journal;
    this.store = store;
    this.spares = spares;
    this.missing = new MissingFiles(journal, store, spares);
    // All stripes may need a segment at once, and a busy disk takes a second to make one.
    this.spareTargetMin =
        Math.min(SpareSegments.COUNT_MAX, SPARE_COUNT_MIN + journal.limits().stripeCount());
    this.spareTarget = spareTargetMin;
    long now = journal.nanoTime();
    this.retryAtNanos = now;
    this.removedNanos = now;
    this.rateSinceNanos = now;
    this.busyNanos = now;
  }

  /** True while only essential records are taken. */
  boolean isShedding() {
    return shedding;
  }

  /** Runs one turn. Returns segments made or retired plus records appended; 0 means idle. */
  int doWork() {
    turnLock.lock();
    try {
      return turn();
    } finally {
      turnLock.unlock();
    }
  }

  /** Removes all records that wait in the heap. Returns how many events they were. */
  int giveUpWaiting() {
    turnLock.lock();
    try {
      int count = 0;
      for (int i = 0; i < journal.stripeCount(); i++) {
        WaitingRoom room = journal.stripe(i).waitingRoom();
        for (WaitingRoom.Waiting first = room.peek(); first != null; first = room.peek()) {
          count += first.kind == RecordLayout.RECORD ? 1 : 0;
          room.remove();
        }
      }
      return count;
    } finally {
      turnLock.unlock();
    }
  }

  private int turn() {
    int work = missing.isDue() ? restoreMissing() : 0;
    for (int i = 0; i < journal.stripeCount(); i++) {
      try {
        work += appendWaiting(journal.stripe(i));
      } catch (UncheckedIOException | IllegalStateException e) { // The other records wait on.
        journal.cantWrite("events that wait for a segment", e);
      }
    }
    work += retire();
    work += makeSpares();
    touchAhead();
    return work;
  }

  private int restoreMissing() {
    memoryLock.lock();
    restoring = true;
    try {
      return missing.restore(
          () -> {
            retryAtNanos = journal.nanoTime(); // The missing directory explains earlier failures.
            makeSpares();
          });
    } catch (IOException | RuntimeException e) {
      journal.cantWrite("files that another process removed", e);
      return 0;
    } finally {
      restoring = false;
      memoryLock.unlock();
    }
  }

  /** Forces all appended records to the disk, then the cursors. */
  void force() {
    memoryLock.lock();
    try {
      for (int i = 0; i < journal.stripeCount(); i++) {
        for (Segment s = journal.stripe(i).oldest(); s != null; s = s.next()) {
          s.force();
        }
      }
      store.forceNames();
    } catch (IOException | UncheckedIOException e) {
      journal.cantWrite("events appended since the last force", e);
    } finally {
      memoryLock.unlock();
    }
    journal.forceCursors();
  }

  private int appendWaiting(Stripe stripe) {
    for (Segment s = stripe.oldest(); s != null; s = s.next()) {
      s.voidBrokenClaims();
    }
    stripe.putBackLeftOver();
    int count = 0;
    WaitingRoom room = stripe.waitingRoom();
    for (WaitingRoom.Waiting first = room.peek(); first != null; first = room.peek()) {
      byte[] payload = first.payload;
      if (!stripe.append(first.kind, first.payloadCrc, payload, payload.length, payload, 0)) {
        if (spares.count() > 0 || makeOne() == null) {
          break;
        }
        continue;
      }
      room.remove();
      count++;
    }
    return count;
  }

  private int makeSpares() {
    long now = journal.nanoTime();
    removeUnwanted(now);
    adaptTarget(now);
    int made = 0;
    while (spares.count() < wanted() && made < MADE_A_TURN_MAX && makeOne() != null) {
      made++;
    }
    if (spares.count() > spareTarget && now - busyNanos > CALM_NANOS) {
      removeSurplus();
    }
    shedding = store.blocked() != null && spares.count() < SPARE_COUNT_MIN;
    reportIfOver();
    return made;
  }

  /** Number of spares to hold: the least that works, or more while the budget allows it. */
  private int wanted() {
    return store.isWithinBudget() ? spareTarget : SPARE_COUNT_MIN;
  }

  private @Nullable Segment makeOne() {
    long now = journal.nanoTime();
    if (store.blocked() != null && now - retryAtNanos < 0) {
      return null;
    }
    Segment made = store.make();
    if (made == null && !restoring && restoreMissing() > 0) {
      made = store.make();
    }
    if (made == null) {
      retryNanos = store.hasThrown() ? Math.min(2 * retryNanos, RETRY_NANOS_MAX) : RETRY_NANOS;
      retryAtNanos = now + retryNanos;
      reportBlocked();
      return null;
    }
    retryNanos = RETRY_NANOS;
    made.touched(now);
    spares.add(made);
    return made;
  }

  private void removeUnwanted(long now) {
    if (now - removedNanos >= RETRY_NANOS) {
      removedNanos = now;
      store.removeUnwanted();
    }
  }

  private void adaptTarget(long now) {
    long taken = spares.takenCount();
    if (taken - takenAtRate >= spareTarget - 1) {
      spareTarget = (int) Math.min(SpareSegments.COUNT_MAX, spareTarget + (taken - takenAtRate));
      busyNanos = now;
    }
    if (now - rateSinceNanos >= RATE_NANOS) {
      rateSinceNanos = now;
      takenAtRate = taken;
      if (now - busyNanos > CALM_NANOS) {
        spareTarget = spareTargetMin;
      }
    }
  }

  private int retire() {
    if (!memoryLock.tryLock()) {
      return 0; // Memory is being forced; the next turn retires.
    }
    try {
      store.removeLeaving();
      store.renew(spares, journal::nanoTime);
      int retired = 0;
      for (int i = 0; i < journal.stripeCount(); i++) {
        Stripe stripe = journal.stripe(i);
        retired += retire(stripe, journal.keptFrom(i));
        releaseComplete(stripe);
      }
      return retired;
    } catch (UncheckedIOException e) { // The segment's memory stays until the next turn.
      journal.cantWrite("a complete segment", e);
      return 0;
    } finally {
      memoryLock.unlock();
    }
  }

  private int retire(Stripe stripe, long keptFrom) {
    int retired = 0;
    Segment oldest = stripe.oldest();
    for (Segment next = oldest.next();
        next != null && oldest.endPosition() <= keptFrom;
        next = oldest.next()) {
      store.leaves(oldest);
      stripe.retireUpTo(next); // Before disposal, so that no count starts in this segment.
      if (!oldest.isPlaceholder()) {
        dispose(oldest);
        retired++;
      }
      oldest = next;
    }
    return retired;
  }

  /**
   * Recycles or removes a retired segment. If a claim may be incomplete, a thread may still store,
   * so the memory is left to the collector.
   */
  private void dispose(Segment segment) {
    if (segment.recordCount() < 0) {
      store.removeFile(segment);
    } else if (segment.memory() == null || spares.count() >= spareTarget) {
      store.remove(segment);
    } else {
      store.recycle(segment, spares, journal::nanoTime);
    }
  }

  /** Releases memory of segments that wait for a slow sink, which are read from their files. */
  private static void releaseComplete(Stripe stripe) {
    int complete = 0;
    for (Segment s = stripe.oldest(); s.next() != null && s.recordCount() >= 0; s = nextOf(s)) {
      complete += s.memory() == null ? 0 : 1;
    }
    for (Segment s = stripe.oldest();
        complete > MAPPED_COMPLETE_MAX && s.next() != null;
        s = nextOf(s)) {
      if (s.memory() != null) {
        s.force();
        s.releaseMemory();
        complete--;
      }
    }
  }

  private static Segment nextOf(Segment segment) {
    Segment next = segment.next();
    return next == null ? segment : next;
  }

  private void touchAhead() {
    long now = journal.nanoTime();
    for (int i = 0; i < journal.stripeCount(); i++) {
      journal.stripe(i).active().touchAhead(TOUCH_BYTES, now, TOUCH_NANOS);
    }
    if (now - busyNanos < CALM_NANOS) {
      spares.touch(now, SPARE_TOUCH_NANOS);
    }
  }

  /** Abandons all memory at the end of the journal; see {@link SegmentMemory#abandon}. */
  void abandonMemory() {
    turnLock.lock();
    try {
      for (int i = 0; i < journal.stripeCount(); i++) {
        for (Segment s = journal.stripe(i).oldest(); s != null; s = s.next()) {
          s.abandonMemory();
        }
      }
      spares.abandonMemory();
    } finally {
      turnLock.unlock();
    }
  }

  private void removeSurplus() {
    memoryLock.lock();
    try {
      store.removeLeaving(); // First: once a spare is taken, nothing may fail before it is noted.
      Segment surplus = spares.take();
      if (surplus != null) {
        store.remove(surplus);
      }
    } finally {
      memoryLock.unlock();
    }
  }

  private void reportBlocked() {
    shortNanos = journal.nanoTime();
    if (!blockedReported) {
      blockedReported = true;
      blockedSinceMillis = System.currentTimeMillis();
      droppedBefore = journal.droppedCount();
      journal.report(
          "no new segment: "
              + store.blockedWhy()
              + ". Events fill the segments that are left; after that the newest are dropped and"
              + " counted. Restore the sink, free disk space, or raise journal.max-size");
    }
  }

  /**
   * Reports the end of a shortage, once there were segments enough for a minute. With a disk that
   * stays nearly full, a journal works on the segments that it has, and is short of them and not
   * short in turns.
   */
  private void reportIfOver() {
    if (blockedReported
        && spares.count() >= SPARE_COUNT_MIN
        && journal.nanoTime() - shortNanos >= SHORTAGE_NANOS) {
      blockedReported = false;
      store.unblock();
      long dropped = journal.droppedCount() - droppedBefore;
      journal.report("segments can be made again; " + dropped + " events were dropped meanwhile");
      if (dropped > 0) {
        journal.recordGap(dropped, blockedSinceMillis, System.currentTimeMillis());
      }
    }
  }
}
