package io.agentlog.agent.journal;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A journal in files. The kernel has a record when its append returns, so the record outlives the
 * process, however that ends.
 *
 * <pre>
 *  journal.properties   owner of the journal, see {@link JournalDirectory}
 *  lock                 held while its JVM lives
 *  000000000000.seg     a {@link Segment}; with .tmp appended while it is prepared
 *  cursor-NAME          a {@link Cursor} for each sink
 *  damaged-*            copies of damaged records, and files set aside
 * </pre>
 *
 * <p><b>Threads:</b> any thread appends, lock-free, some 100 ns; each reader belongs to one thread;
 * one thread calls {@link #doWork}, one {@link #force}.
 *
 * <p><b>Durability:</b> an appended record survives the death of the process, and after {@link
 * #force} the loss of power. A record that finds no ready segment stays in the heap until the next
 * {@link #doWork}, and is counted as deferred.
 *
 * <p><b>Limits:</b> {@link JournalLimits}; beyond them the newest records are dropped and counted.
 */
public final class DiskJournal implements Journal {
  private static final int WARM_UP_LENGTH = 4096;

  /** Limit of distinct failures in the log, because each message may contain another number. */
  private static final int REPORTED_MAX = 50;

  private final JournalStorage storage;
  private final UUID instanceId;
  private final JournalLimits limits;
  private final LongSupplier clock;
  private final Consumer<String> report;
  private final SegmentStore store;
  private final JournalKeeper keeper;
  private final JournalFindings findings;
  private final boolean callersMayWrite;
  private final Stripe[] stripes;
  private final DropCounters drops = new DropCounters();
  private final LongAdder deferred = new LongAdder();
  private final JournalReaders readers;
  private final Map<String, Boolean> reported = new ConcurrentHashMap<>();
  private volatile boolean closed;

  private DiskJournal(
      JournalStorage storage,
      UUID instanceId,
      JournalLimits limits,
      JournalClock clock,
      Consumer<String> report)
      throws IOException {
    this.storage = storage;
    this.instanceId = instanceId;
    this.limits = limits;
    this.callersMayWrite = storage.callersMayWrite();
    this.clock = clock.nanoTime();
    this.report = report;
    this.findings = new JournalFindings(storage, report);
    this.store = new SegmentStore(storage, instanceId, limits, clock.nonces(), this::cantWrite);
    FoundSegments found = FoundSegments.in(storage, instanceId, limits, store, findings);
    this.readers = new JournalReaders(this, found.cursors());
    SpareSegments spares = new SpareSegments();
    AtomicLong waitingBytes = new AtomicLong();
    this.stripes = new Stripe[found.stripeCount()];
    for (int i = 0; i < stripes.length; i++) {
      Segment first = found.chain(i);
      WaitingRoom room = new WaitingRoom(waitingBytes, limits.waitingBytesMax());
      stripes[i] = new Stripe(i, first, FoundSegments.lastOf(first), spares, room);
    }
    this.keeper = new JournalKeeper(this, store, spares);
  }

  /**
   * Opens the journal in a directory that is empty or left by a dead JVM.
   *
   * @param clock times and random numbers
   * @param report takes one line for the log, from any agent thread
   * @throws JournalVersionException if another version wrote the journal; nothing was changed
   * @throws IOException if the directory can't be read
   */
  static DiskJournal open(
      JournalStorage storage,
      UUID instanceId,
      JournalLimits limits,
      JournalClock clock,
      Consumer<String> report)
      throws IOException {
    return new DiskJournal(storage, instanceId, limits, clock, report);
  }

  @Override
  public UUID instanceId() {
    return instanceId;
  }

  @Override
  public int stripeCount() {
    return stripes.length;
  }

  /** Appends one record; lock-free, allocates nothing while a segment is ready. */
  @Override
  public boolean append(
      int stripe, boolean essential, byte[] head, int headLength, byte[] tail, int tailLength) {
    return append(RecordLayout.RECORD, stripe, essential, head, headLength, tail, tailLength);
  }

  @Override
  public boolean note(int stripe, byte[] payload) {
    return append(RecordLayout.NOTE, stripe, true, payload, payload.length, payload, 0);
  }

  private boolean append(
      int kind,
      int stripe,
      boolean essential,
      byte[] head,
      int headLength,
      byte[] tail,
      int tailLength) {
    if (closed) {
      return drop(kind, DropCause.CLOSED);
    }
    if ((long) headLength + tailLength > limits.payloadLengthMax()) {
      return drop(kind, DropCause.TOO_LARGE);
    }
    if (!essential && keeper.isShedding()) {
      return drop(kind, blockedOr(DropCause.JOURNAL_FULL));
    }
    try {
      CRC32C crc = new CRC32C();
      crc.update(head, 0, headLength);
      if (tailLength > 0) {
        crc.update(tail, 0, tailLength);
      }
      int payloadCrc = (int) crc.getValue();
      Stripe to = stripes[stripe];
      if (callersMayWrite
          && to.waitingRoom().isEmpty()
          && to.append(kind, payloadCrc, head, headLength, tail, tailLength)) {
        return true;
      }
      if (to.waitingRoom().add(kind, payloadCrc, head, headLength, tail, tailLength)) {
        deferred.increment();
        return true;
      }
      return drop(kind, blockedOr(DropCause.NO_SEGMENT));
    } catch (OutOfMemoryError e) { // The agent must not throw it into the application.
      return drop(kind, DropCause.NO_MEMORY);
    } catch (Throwable t) { // StackOverflowError above all.
      return drop(kind, DropCause.FAILED);
    }
  }

  /** Counts a dropped event. Notes and gaps are no events, so they are not counted. */
  private boolean drop(int kind, DropCause cause) {
    return kind == RecordLayout.RECORD && drops.drop(cause);
  }

  /**
   * Loads the classes of an append by appending to a temporary segment. A class whose first use
   * fails on a nearly full stack would stay unusable.
   */
  @Override
  public void warmUp() {
    String name = "warm-up" + SegmentNames.TEMPORARY_SUFFIX;
    byte[] payload = new byte[64];
    MappedMemory.warmUp();
    try (StorageFile file = storage.create(name)) {
      file.write(new byte[WARM_UP_LENGTH], 0, WARM_UP_LENGTH, 0);
      SpareSegments ready = new SpareSegments();
      ready.add(Segment.spare(0, 0, WARM_UP_LENGTH, file.memory(WARM_UP_LENGTH)));
      WaitingRoom room = new WaitingRoom(new AtomicLong(), WARM_UP_LENGTH);
      Segment none = Segment.none(0, WARM_UP_LENGTH, 0);
      Stripe stripe = new Stripe(0, none, none, ready, room);
      CRC32C crc = new CRC32C();
      crc.update(payload, 0, payload.length);
      while (stripe.append(RecordLayout.RECORD, (int) crc.getValue(), payload, 32, payload, 32)) {
        crc.reset();
      }
      room.add(RecordLayout.RECORD, 0, payload, 32, payload, 32);
      new DropCounters().drop(DropCause.FAILED);
      blockedOr(DropCause.FAILED);
      stripe.active().releaseMemory();
    } catch (IOException | UncheckedIOException e) {
      warmUpFailed(e);
    } finally {
      try {
        storage.delete(name);
      } catch (IOException e) {
        warmUpFailed(e);
      }
    }
  }

  private void warmUpFailed(Exception e) {
    reportOnce(
        "the warm-up file can't be written: %s. The journal goes on without it. Look at the system's log"
            .formatted(e));
  }

  @Override
  public void holdUsage() {
    store.holdUsage();
  }

  @Override
  public int giveUpWaiting() {
    int count = keeper.giveUpWaiting();
    for (int i = 0; i < count; i++) {
      drops.drop(blockedOr(DropCause.NO_SEGMENT));
    }
    return count;
  }

  /** Reason why no segment can be made; null if none. For the thread of {@link #doWork}. */
  public @Nullable String blockedWhy() {
    return store.blocked() == null ? null : store.blockedWhy();
  }

  private DropCause blockedOr(DropCause otherwise) {
    DropCause cause = store.blocked();
    return cause == null ? otherwise : cause;
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalStateException if a reader of that name is open, or the cursor can't be written
   */
  @Override
  public JournalReader openReader(String name) {
    requireNonNull(name, "name");
    try {
      return readers.open(name);
    } catch (IOException e) {
      throw new IllegalStateException("the cursor of sink " + name + " can't be written: " + e, e);
    }
  }

  @Override
  public JournalFollower openFollower() {
    return readers.openFollower();
  }

  /** Names of sinks that have a cursor here, and no reader since the journal was opened. */
  public List<String> unservedSinks() {
    return readers.unservedSinks();
  }

  /** Removes the cursor of a sink without a reader. Nothing is kept for that sink any more. */
  public void discard(String sinkName) throws IOException {
    readers.discard(sinkName);
  }

  @Override
  public Map<String, Long> dropped() {
    return drops.byCause();
  }

  /** Number of records that had to wait for a segment. */
  @Override
  public long deferredCount() {
    return deferred.sum();
  }

  /** True while a record waits in the heap for a segment. */
  public boolean hasWaiting() {
    return Arrays.stream(stripes).anyMatch(stripe -> !stripe.waitingRoom().isEmpty());
  }

  /** Bytes of the segment files. Any thread may call it. */
  public long bytes() {
    return store.bytes();
  }

  /** Damage, gaps and missing files that readers have found. */
  public JournalFindings findings() {
    return findings;
  }

  @Override
  public int doWork() {
    return keeper.doWork();
  }

  @Override
  public void force() {
    keeper.force();
  }

  /** Ends appending and closes the files. No file is removed. */
  @Override
  public void close() {
    closed = true;
    readers.close();
    keeper.abandonMemory();
  }

  JournalStorage storage() {
    return storage;
  }

  JournalLimits limits() {
    return limits;
  }

  Stripe stripe(int index) {
    return stripes[index];
  }

  long nanoTime() {
    return clock.getAsLong();
  }

  void report(String line) {
    report.accept(line);
  }

  long droppedCount() {
    return drops.total();
  }

  void recordGap(long droppedCount, long fromMillis, long toMillis) {
    byte[] payload = JournalFindings.gapPayload(droppedCount, fromMillis, toMillis);
    append(RecordLayout.GAP, 0, true, payload, payload.length, payload, 0);
  }

  /** Position up to which segments of a stripe may be retired. */
  long keptFrom(int stripe) {
    return readers.keptFrom(stripe);
  }

  void forceCursors() {
    readers.forceCursors();
  }

  int restoreCursors() throws IOException {
    return readers.restoreCursors();
  }

  void closed(DiskReader reader, Cursor cursor) {
    readers.closed(reader, cursor);
  }

  void closed(DiskFollower follower) {
    readers.closed(follower);
  }

  void cantRead(IOException e) {
    reportOnce("a segment can't be read: " + e + ". Its events wait. Look at the system's log");
  }

  void cantWrite(String what, Exception e) {
    reportOnce(
        what
            + " can't be written to the disk: "
            + e
            + ". The journal goes on and tries again. Look at the system's log");
  }

  private void reportOnce(String line) {
    if (reported.size() < REPORTED_MAX && reported.putIfAbsent(line, true) == null) {
      report.accept(line);
    }
  }

  long[] oldestPositions() {
    long[] positions = new long[JournalLimits.STRIPE_COUNT_MAX];
    for (int i = 0; i < stripes.length; i++) {
      positions[i] = stripes[i].oldest().basePosition();
    }
    return positions;
  }

  /** All counters except the drops, by name. */
  public Map<String, Long> counts() {
    Map<String, Long> counts = new LinkedHashMap<>(findings.counts());
    counts.put("deferred", deferredCount());
    return counts;
  }
}
