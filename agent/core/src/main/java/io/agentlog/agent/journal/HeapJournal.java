package io.agentlog.agent.journal;

import static java.util.Objects.requireNonNull;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import org.jspecify.annotations.Nullable;

/**
 * A journal in the heap. Its records are lost when the JVM is killed.
 *
 * <p>One singly linked list holds the records of all stripes, in the order of appending:
 *
 * <pre>
 *  head            cursor of b          cursor of a    last
 *   [x] -> [x] -> ... [ ] -> [ ] -> ... -> [ ] -> ... -> [ ] -> null
 *  passed by all         kept for b alone        kept for both
 * </pre>
 *
 * A node's position is the bytes appended up to its end, written before a compare-and-set links the
 * node. The bytes retained are a difference of two positions, so a failure between two steps can't
 * leave a sum wrong. The link publishes the node: an application thread that dies of a {@code
 * StackOverflowError} half-way leaves the list whole, which a swapped tail would not.
 *
 * <p><b>Threads:</b> any thread appends, lock-free. Readers take a lock among themselves when they
 * confirm, open or close.
 *
 * <p><b>Limits:</b> {@code bytesMax} of records and nodes, counted from the slowest reader; {@link
 * #RECORD_LENGTH_MAX} for one record. Without a reader nothing is kept.
 */
public final class HeapJournal implements Journal {
  /** Longest record in bytes. */
  public static final int RECORD_LENGTH_MAX = 1 << 20;

  /** Heap bytes of a record beside its payload: node, array header and padding. */
  static final int RECORD_OVERHEAD_BYTES = 56;

  private enum Cause {
    /** The readers are too far behind. */
    FULL("full"),
    /** The journal was closed. */
    CLOSED("closed"),
    /** The record was longer than the limit. */
    TOO_LARGE("too_large"),
    /** The JVM had no memory for a copy. */
    NO_MEMORY("no_memory");

    private final String wireName;

    Cause(String wireName) {
      this.wireName = wireName;
    }
  }

  /** One record. Fields are set before the node is linked, and cleared once all readers passed. */
  static final class Node {
    private static final AtomicReferenceFieldUpdater<Node, Node> NEXT =
        AtomicReferenceFieldUpdater.newUpdater(Node.class, Node.class, "next");

    byte @Nullable [] record;
    long endPosition;

    /** Null at the end of the list; the node itself once every reader has passed it. */
    volatile @Nullable Node next;

    Node(byte @Nullable [] record) {
      this.record = record;
    }

    boolean isReleased() {
      return next == this;
    }
  }

  private static final AtomicReferenceFieldUpdater<HeapJournal, Node> TAIL =
      AtomicReferenceFieldUpdater.newUpdater(HeapJournal.class, Node.class, "tail");

  private final UUID instanceId;
  private final long bytesMax;
  private final Map<Cause, AtomicLong> dropped = new EnumMap<>(Cause.class);
  private final Object readersLock = new Object();

  /** A node at or before the last one. Every thread that finds it behind moves it. */
  private volatile Node tail = new Node(null);

  /** Oldest unreleased node. Guarded by {@link #readersLock}. */
  private Node head = tail;

  /** Position of the slowest reader. Written under {@link #readersLock}. */
  private volatile long confirmedPosition;

  /** Copied on write, under {@link #readersLock}. */
  private volatile HeapJournalReader[] readers = {};

  private volatile boolean closed;

  /**
   * Creates an empty journal.
   *
   * @param instanceId ID of this JVM
   * @param bytesMax maximum of bytes kept for the slowest reader, nodes included; positive
   */
  public HeapJournal(UUID instanceId, long bytesMax) {
    if (bytesMax < 1) {
      throw new IllegalArgumentException("bytesMax must be at least 1, was " + bytesMax);
    }
    this.instanceId = requireNonNull(instanceId, "instanceId");
    this.bytesMax = bytesMax;
    for (Cause cause : Cause.values()) {
      dropped.put(cause, new AtomicLong());
    }
  }

  @Override
  public UUID instanceId() {
    return instanceId;
  }

  /** Returns 1, because the list keeps the order of all records. */
  @Override
  public int stripeCount() {
    return 1;
  }

  /** Appends one record; allocates its copy and a node. Lock-free. */
  @Override
  public boolean append(
      int stripe, boolean essential, byte[] head, int headLength, byte[] tail, int tailLength) {
    if (closed) {
      return drop(Cause.CLOSED);
    }
    long length = (long) headLength + tailLength;
    if (length > RECORD_LENGTH_MAX) {
      return drop(Cause.TOO_LARGE);
    }
    if (readers.length == 0) {
      return true; // Without a reader, no record is kept.
    }
    long cost = length + RECORD_OVERHEAD_BYTES;
    Node node = null; // Created late, so that a full journal costs no copy.
    Node last = this.tail;
    while (true) {
      Node next = last.next;
      if (next == last) { // Released since the tail was read; the tail has moved.
        last = this.tail;
        continue;
      }
      if (next != null) { // Another thread linked a node and has not moved the tail yet.
        TAIL.compareAndSet(this, last, next);
        last = next;
        continue;
      }
      if (last.endPosition + cost - confirmedPosition > bytesMax) {
        return drop(Cause.FULL);
      }
      if (node == null) {
        try {
          node = new Node(join(head, headLength, tail, tailLength));
        } catch (OutOfMemoryError e) { // The agent must not throw it into the application.
          return drop(Cause.NO_MEMORY);
        }
      }
      node.endPosition = last.endPosition + cost;
      if (Node.NEXT.compareAndSet(last, null, node)) {
        TAIL.compareAndSet(this, last, node);
        return true;
      }
    }
  }

  /**
   * Opens a reader, which sees the records appended from now on.
   *
   * @throws IllegalStateException if a reader of that name is open
   */
  @Override
  public JournalReader openReader(String name) {
    requireNonNull(name, "name");
    synchronized (readersLock) {
      for (HeapJournalReader reader : readers) {
        if (reader.name().equals(name)) {
          throw new IllegalStateException("journal reader " + name + " is open already");
        }
      }
      HeapJournalReader opened = new HeapJournalReader(this, name, lastNode());
      HeapJournalReader[] all = Arrays.copyOf(readers, readers.length + 1);
      all[readers.length] = opened;
      release(all); // Before publication, so that no append is measured from an old cursor.
      readers = all;
      return opened;
    }
  }

  /** Ignores the note, because nothing here outlives the JVM. */
  @Override
  public boolean note(int stripe, byte[] payload) {
    return true;
  }

  /** Opens an ordinary reader that confirms each batch as it reads. */
  @Override
  public JournalFollower openFollower() {
    JournalReader reader = openReader("follower");
    return new JournalFollower() {
      @Override
      public JournalBatch read(int recordsMax, long bytesMax) {
        JournalBatch batch = reader.read(recordsMax, bytesMax);
        reader.confirm(batch);
        return batch;
      }

      @Override
      public void keepFrom(int stripe, long position) {
        // Read records are confirmed already.
      }

      @Override
      public long readPosition(int stripe) {
        return 0;
      }

      @Override
      public void close() {
        reader.close();
      }
    };
  }

  /** Does nothing, because the collector frees the records. */
  @Override
  public int doWork() {
    return 0;
  }

  /** Does nothing, because the heap is never durable. */
  @Override
  public void force() {
    // See above.
  }

  /** Does nothing, because the constructor has loaded the only class of an append. */
  @Override
  public void warmUp() {
    // See above.
  }

  /** Returns 0, because records in the heap are reported as pending instead. */
  @Override
  public int giveUpWaiting() {
    return 0;
  }

  /** Returns 0, because no record becomes durable later. */
  @Override
  public long deferredCount() {
    return 0;
  }

  @Override
  public Map<String, Long> dropped() {
    Map<String, Long> byCause = new LinkedHashMap<>();
    dropped.forEach((cause, count) -> byCause.put(cause.wireName, count.get()));
    return byCause;
  }

  /** Ends appending. Open readers still read the remaining records. */
  @Override
  public void close() {
    closed = true;
  }

  /** Bytes that the slowest reader has not confirmed, nodes included; 0 without a reader. */
  long retainedBytes() {
    return readers.length == 0 ? 0 : lastNode().endPosition - confirmedPosition;
  }

  /** Releases records after a reader's cursor has moved. */
  void cursorMoved() {
    synchronized (readersLock) {
      release(readers);
    }
  }

  void closed(HeapJournalReader reader) {
    synchronized (readersLock) {
      readers =
          Arrays.stream(readers).filter(open -> open != reader).toArray(HeapJournalReader[]::new);
      release(readers);
    }
  }

  /**
   * Cuts off the nodes that all of these readers have passed. The collector can't free them alone,
   * because a dead node in the old generation keeps its successors alive through young collections.
   */
  private void release(HeapJournalReader[] open) {
    Node slowest = open.length == 0 ? lastNode() : open[0].cursor();
    for (HeapJournalReader reader : open) {
      if (reader.cursor().endPosition < slowest.endPosition) {
        slowest = reader.cursor();
      }
    }
    for (Node last = tail; last.endPosition < slowest.endPosition; last = tail) {
      Node next = last.next; // An appending thread must not start from a released node.
      if (next != null) {
        TAIL.compareAndSet(this, last, next);
      }
    }
    while (head != slowest) {
      Node next = requireNonNull(head.next, "a node before a cursor is linked");
      head.record = null;
      head.next = head;
      head = next;
    }
    head.record = null; // All have read the record; the node stays as the start of the list.
    confirmedPosition = slowest.endPosition;
  }

  private Node lastNode() {
    Node last = tail;
    while (true) {
      Node next = last.next;
      if (next == null) {
        return last;
      }
      last = next == last ? tail : next;
    }
  }

  private boolean drop(Cause cause) {
    AtomicLong count = dropped.get(cause);
    if (count != null) { // Never null: the constructor adds every cause.
      count.incrementAndGet();
    }
    return false;
  }

  private static byte[] join(byte[] head, int headLength, byte[] tail, int tailLength) {
    byte[] record = new byte[headLength + tailLength];
    System.arraycopy(head, 0, record, 0, headLength);
    System.arraycopy(tail, 0, record, headLength, tailLength);
    return record;
  }
}
