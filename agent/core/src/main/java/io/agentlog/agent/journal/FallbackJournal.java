package io.agentlog.agent.journal;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * A journal in the heap until one on the disk can be opened; from then on the journal on the disk.
 * Used if the disk is full or the folder is missing when the JVM starts. Records in the heap stay
 * there, and sinks read them before those on the disk. Thread-safe.
 */
public final class FallbackJournal implements Journal {
  /** Opens the journal on the disk. */
  @FunctionalInterface
  public interface Opener {
    /**
     * Tries once to open the journal.
     *
     * @return a journal with {@link #stripeCount} stripes
     */
    Journal open() throws IOException;
  }

  private static final long RETRY_NANOS = 1_000_000_000L;

  /** Longest pause: an attempt may cost the application a garbage collection. */
  private static final long RETRY_NANOS_MAX = 10_000_000_000L;

  /** Position before all those on the disk. A follower keeps notes of executions so far back. */
  private static final long HEAP_POSITION = -(1L << 50);

  private static final RecordPlace HEAP_PLACE = new RecordPlace(0, HEAP_POSITION);

  private final HeapJournal heap;
  private final int stripeCount;
  private final Opener opener;
  private final List<Reader> readers = new CopyOnWriteArrayList<>();
  private final List<Follower> followers = new CopyOnWriteArrayList<>();
  private long triedNanos = System.nanoTime();
  private long retryNanos = RETRY_NANOS;
  private volatile @Nullable Journal disk;
  private volatile boolean holdsUsage;

  /**
   * Creates the journal without opening one on the disk; {@link #doWork} tries with growing pauses.
   *
   * @param heap an empty journal
   */
  public FallbackJournal(HeapJournal heap, int stripeCount, Opener opener) {
    this.heap = heap;
    this.stripeCount = stripeCount;
    this.opener = opener;
  }

  @Override
  public UUID instanceId() {
    return heap.instanceId();
  }

  @Override
  public int stripeCount() {
    return stripeCount;
  }

  @Override
  public boolean append(
      int stripe, boolean essential, byte[] head, int headLength, byte[] tail, int tailLength) {
    Journal target = disk;
    return target == null
        ? heap.append(0, essential, head, headLength, tail, tailLength)
        : target.append(stripe, essential, head, headLength, tail, tailLength);
  }

  @Override
  public boolean note(int stripe, byte[] payload) {
    Journal target = disk;
    return target == null ? heap.note(0, payload) : target.note(stripe, payload);
  }

  @Override
  public void holdUsage() {
    holdsUsage = true;
    Journal target = disk;
    if (target != null) {
      target.holdUsage();
    }
  }

  @Override
  public synchronized JournalReader openReader(String name) {
    Journal target = disk;
    Reader reader = new Reader(name, heap.openReader(name));
    reader.disk = target == null ? null : target.openReader(name);
    readers.add(reader);
    return reader;
  }

  @Override
  public synchronized JournalFollower openFollower() {
    Journal target = disk;
    Follower follower = new Follower(heap.openFollower());
    follower.disk = target == null ? null : target.openFollower();
    followers.add(follower);
    return follower;
  }

  @Override
  public int doWork() {
    Journal target = disk;
    if (target != null) {
      return target.doWork();
    }
    if (System.nanoTime() - triedNanos < retryNanos) {
      return 0;
    }
    triedNanos = System.nanoTime();
    retryNanos = Math.min(2 * retryNanos, RETRY_NANOS_MAX);
    try {
      goOnIn(opener.open());
      return 1;
    } catch (IOException | RuntimeException e) {
      return 0; // Reported at the start, and nothing has changed.
    }
  }

  private synchronized void goOnIn(Journal opened) {
    boolean done = false;
    try {
      // Readers see only later records, so they are opened before an append can reach the disk.
      for (Reader reader : readers) {
        reader.disk = opened.openReader(reader.name);
      }
      for (Follower follower : followers) {
        follower.disk = opened.openFollower();
      }
      opened.warmUp();
      done = true;
    } finally {
      if (!done) {
        readers.forEach(reader -> reader.disk = null);
        followers.forEach(follower -> follower.disk = null);
        opened.close();
      }
    }
    disk = opened;
    if (holdsUsage) { // Asked after it is in use: a call at this moment marks it itself.
      opened.holdUsage();
    }
  }

  @Override
  public void force() {
    Journal target = disk;
    if (target != null) {
      target.force();
    }
  }

  @Override
  public void warmUp() {
    heap.warmUp();
  }

  @Override
  public int giveUpWaiting() {
    Journal target = disk;
    return heap.giveUpWaiting() + (target == null ? 0 : target.giveUpWaiting());
  }

  @Override
  public long deferredCount() {
    Journal target = disk;
    return heap.deferredCount() + (target == null ? 0 : target.deferredCount());
  }

  @Override
  public Map<String, Long> dropped() {
    Journal target = disk;
    Map<String, Long> all = new LinkedHashMap<>(heap.dropped());
    if (target != null) {
      target.dropped().forEach((cause, count) -> all.merge(cause, count, Long::sum));
    }
    return all;
  }

  @Override
  public synchronized void close() {
    heap.close();
    Journal target = disk;
    if (target != null) {
      target.close();
    }
  }

  /** Reads the heap first at every call, because a late append may still go there. */
  private final class Reader implements JournalReader {
    private final String name;
    private final JournalReader heapReader;
    private volatile @Nullable JournalReader disk;

    Reader(String name, JournalReader heapReader) {
      this.name = name;
      this.heapReader = heapReader;
    }

    @Override
    public JournalBatch read(int recordsMax, long bytesMax) {
      JournalBatch batch = heapReader.read(recordsMax, bytesMax);
      JournalReader next = disk;
      return batch.isEmpty() && next != null ? next.read(recordsMax, bytesMax) : batch;
    }

    @Override
    public void confirm(JournalBatch batch) {
      JournalReader next = disk;
      (next != null && batch.position() instanceof DiskBatch ? next : heapReader).confirm(batch);
    }

    @Override
    public long pendingCount() {
      JournalReader next = disk;
      return heapReader.pendingCount() + (next == null ? 0 : next.pendingCount());
    }

    @Override
    public void close() {
      synchronized (FallbackJournal.this) {
        readers.remove(this);
        heapReader.close();
        JournalReader next = disk;
        if (next != null) {
          next.close();
        }
      }
    }
  }

  private final class Follower implements JournalFollower {
    private final JournalFollower heapFollower;
    private volatile @Nullable JournalFollower disk;

    Follower(JournalFollower heapFollower) {
      this.heapFollower = heapFollower;
    }

    @Override
    public JournalBatch read(int recordsMax, long bytesMax) {
      JournalBatch batch = heapFollower.read(recordsMax, bytesMax);
      JournalFollower next = disk;
      return batch.isEmpty() && next != null
          ? next.read(recordsMax, bytesMax)
          : new JournalBatch(batch.records(), index -> HEAP_PLACE, batch.position());
    }

    @Override
    public void keepFrom(int stripe, long position) {
      JournalFollower next = disk;
      if (next != null) {
        next.keepFrom(stripe, position);
      }
    }

    @Override
    public long readPosition(int stripe) {
      JournalFollower next = disk;
      return next == null ? HEAP_POSITION : next.readPosition(stripe);
    }

    @Override
    public void close() {
      synchronized (FallbackJournal.this) {
        followers.remove(this);
        heapFollower.close();
        JournalFollower next = disk;
        if (next != null) {
          next.close();
        }
      }
    }
  }
}
