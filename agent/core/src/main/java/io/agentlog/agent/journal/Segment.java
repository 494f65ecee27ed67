package io.agentlog.agent.journal;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/**
 * One file of a stripe: {@link SegmentHeader}, then records as {@link RecordLayout} draws them.
 *
 * <pre>
 *  header | record | record | claimed by one thread .. by another .. | zeros   | copy of the header
 *                                                                    tail
 * </pre>
 *
 * <p>An append claims its space with an atomic addition to the tail, marks the claim by storing the
 * word with its sign set, and stores payload and checksum. Storing the plain word with release
 * semantics publishes the record. The first claim that does not fit seals the segment, because no
 * later claim can fit.
 *
 * <p><b>Threads:</b> any thread that holds this object appends, lock-free. No thread stores to a
 * segment that is sealed and complete.
 */
final class Segment {
  private static final VarHandle NEXT;

  @SuppressWarnings("StaticAssignmentOfThrowable") // There may be no memory for a new one.
  private static final IllegalStateException TOO_MANY_BROKEN =
      new IllegalStateException("too many appends failed at once");

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      NEXT = lookup.findVarHandle(Segment.class, "next", Segment.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** The tail stands alone on its cache lines: every append of the stripe writes to it. */
  private static final int TAIL_INDEX = 8;

  private static final int TAIL_LENGTH = 2 * TAIL_INDEX;

  /** Upper bound of the large folios in a Linux page cache. */
  private static final int FORCED_UNIT_BYTES = 2 << 20;

  private final String fileName;
  private final long number;
  private final long nonce;
  private final int length;
  private final int recordsEnd;
  private final @Nullable SegmentMemory memory;
  private final AtomicLongArray tail = new AtomicLongArray(TAIL_LENGTH);
  private int stripe = -1;
  private long basePosition;

  private final BrokenClaims broken;

  private volatile @Nullable Segment next;

  /** Number of records, once a reader has read the segment to its end; before that -1. */
  private volatile int recordCount = -1;

  private volatile boolean memoryReleased;

  // For the journal's own threads, under its lock:
  private int forcedTo;
  private long touchedNanos;

  private Segment(
      String fileName, long number, long nonce, int length, @Nullable SegmentMemory memory) {
    this.fileName = fileName;
    this.number = number;
    this.nonce = nonce;
    this.length = length;
    this.recordsEnd = length - SegmentHeader.LENGTH; // The rest is a copy of the header.
    this.memory = memory;
    this.broken = new BrokenClaims(memory != null);
  }

  /** Returns a new segment whose header is written, and that no stripe has taken. */
  static Segment spare(long number, long nonce, int length, SegmentMemory memory) {
    Segment segment = new Segment(SegmentNames.of(number), number, nonce, length, memory);
    segment.tail.set(TAIL_INDEX, SegmentHeader.LENGTH);
    return segment;
  }

  /** Returns a segment that was found on the disk. It can be read, and takes no record. */
  static Segment found(SegmentHeader header, String fileName) {
    Segment segment = new Segment(fileName, header.number(), header.nonce(), header.length(), null);
    segment.stripe = header.stripe();
    segment.basePosition = header.basePosition();
    segment.tail.set(TAIL_INDEX, header.length() + 1L);
    return segment;
  }

  /** Returns a placeholder before a stripe's next segment. It holds and takes no record. */
  static Segment none(int stripe, int length, long nextBasePosition) {
    Segment segment = new Segment("", -1, 0, length, null);
    segment.stripe = stripe;
    segment.basePosition = nextBasePosition - length;
    segment.tail.set(TAIL_INDEX, length + 1L);
    segment.recordCount = 0;
    return segment;
  }

  long number() {
    return number;
  }

  /**
   * Seed of the stamps of records. The stripe is part of the seed, because the header on the disk
   * may name a stripe that assigned this segment and then put it back.
   */
  long stampSeed() {
    return nonce ^ stripe;
  }

  /** Offset of the first byte behind the space for records. */
  int recordsEnd() {
    return recordsEnd;
  }

  /** Position of the file's first byte in the stripe. */
  long basePosition() {
    return basePosition;
  }

  /** Position of the first byte after the file. */
  long endPosition() {
    return basePosition + length;
  }

  @Nullable SegmentMemory memory() {
    return memoryReleased ? null : memory;
  }

  @Nullable Segment next() {
    return next;
  }

  /** Publishes the next segment. Returns false if another thread has published one. */
  boolean follow(Segment following) {
    return NEXT.compareAndSet(this, null, following);
  }

  /** True if the segment was on the disk before this journal was opened. It is never stored to. */
  boolean isFound() {
    return memory == null && number >= 0;
  }

  /** True for a placeholder without a file; see {@link #none}. */
  boolean isPlaceholder() {
    return number < 0;
  }

  /** Offset up to which space was claimed, at most {@link #recordsEnd}. */
  int claimedTo() {
    return (int) Math.min(tail.get(TAIL_INDEX), recordsEnd);
  }

  /** True once a claim did not fit, because no later claim can succeed. */
  boolean isSealed() {
    return tail.get(TAIL_INDEX) > recordsEnd - RecordLayout.HEADER_LENGTH;
  }

  int recordCount() {
    return recordCount;
  }

  /** Marks the segment as complete. A reader that found no hole calls this method. */
  void complete(int records) {
    recordCount = records;
  }

  /**
   * Assigns the segment to a stripe, before {@link #follow} publishes it. The check is stored last,
   * so that a header with half an assignment counts as unassigned.
   */
  void assign(int toStripe, long position) {
    stripe = toStripe;
    basePosition = position;
    SegmentMemory target = memory;
    if (target != null) {
      long assignment = SegmentHeader.assignment(toStripe, position);
      long check = SegmentHeader.assignmentCheck(nonce, assignment);
      for (int header = 0; header <= recordsEnd; header += recordsEnd) { // The copy as well.
        target.putLong(header + SegmentHeader.ASSIGNMENT_OFFSET, assignment);
        target.putLong(header + SegmentHeader.ASSIGNMENT_CHECK_OFFSET, check);
      }
    }
  }

  int stripe() {
    return stripe;
  }

  /**
   * Appends one record.
   *
   * <p>Throws what a store threw, such as {@link StackOverflowError}; {@link #voidBrokenClaims}
   * voids the claim later.
   *
   * @param payloadCrc CRC-32C of head and tail, computed before the claim, so that the time between
   *     claim and publication is short
   * @return true if the record is in the segment, false if the segment is full
   */
  boolean append(
      int kind, int payloadCrc, byte[] head, int headLength, byte[] tailBytes, int tailLength) {
    int payloadLength = headLength + tailLength;
    int space = RecordLayout.spaceOf(payloadLength);
    int word = RecordLayout.word(kind, payloadLength);
    SegmentMemory target = memory;
    if (target == null) {
      return false;
    }
    if (broken.any && broken.count >= BrokenClaims.COUNT_MAX) {
      throw TOO_MANY_BROKEN; // An unremembered broken claim would block every reader for ever.
    }
    target.put(0, head, 0); // Overflows a nearly full stack before the claim, not after it.
    long claimed = -1;
    try {
      claimed = tail.getAndAdd(TAIL_INDEX, space);
      if (claimed + space > recordsEnd) {
        word = RecordLayout.END_WORD;
        if (claimed <= recordsEnd - RecordLayout.HEADER_LENGTH) {
          write(target, (int) claimed, word, 0, head, 0, head, 0);
        }
        return false;
      }
      write(target, (int) claimed, word, payloadCrc, head, headLength, tailBytes, tailLength);
      return true;
    } catch (Throwable t) { // No call from here: there may be no stack for one.
      if (claimed >= 0 && claimed <= recordsEnd - RecordLayout.HEADER_LENGTH) {
        long[] slots = broken.slots;
        int slot = (int) (claimed >>> 3) & BrokenClaims.SLOT_COUNT - 1;
        for (int i = 1; i < BrokenClaims.SLOT_COUNT && slots[slot] != 0; i++) {
          slot = slot + 1 & BrokenClaims.SLOT_COUNT - 1;
        }
        slots[slot] = claimed << 32 | word;
        broken.count++;
        broken.any = true;
      }
      throw t;
    }
  }

  /** Seals the segment although it is not full. */
  void seal() {
    SegmentMemory target = memory;
    long claimed = tail.getAndAdd(TAIL_INDEX, length);
    if (target != null && claimed <= recordsEnd - RecordLayout.HEADER_LENGTH) {
      byte[] nothing = {};
      write(target, (int) claimed, RecordLayout.END_WORD, 0, nothing, 0, nothing, 0);
    }
  }

  private void write(
      SegmentMemory target,
      int offset,
      int word,
      int payloadCrc,
      byte[] head,
      int headLength,
      byte[] tailBytes,
      int tailLength) {
    long stamp = RecordLayout.stamp(stampSeed(), basePosition + offset);
    target.putLong(offset + RecordLayout.STAMP_OFFSET, stamp);
    target.putIntRelease(offset, RecordLayout.claimed(word));
    int payload = offset + RecordLayout.HEADER_LENGTH;
    target.put(payload, head, headLength);
    if (tailLength > 0) {
      target.put(payload + headLength, tailBytes, tailLength);
    }
    target.putInt(offset + RecordLayout.CRC_OFFSET, RecordLayout.seal(payloadCrc, word, stamp));
    target.putIntRelease(offset, word);
  }

  /**
   * Voids claims whose append failed, so that readers don't wait for them. The journal's own thread
   * calls this method.
   *
   * @throws java.io.UncheckedIOException if a void can't be written; the next call tries again
   */
  void voidBrokenClaims() {
    SegmentMemory target = memory();
    if (target != null) {
      broken.voidAll(this, target);
    }
  }

  /** Stores a void over one broken claim, unless the append published its record after all. */
  void voidClaim(SegmentMemory target, int offset, int word) {
    int stored = target.getIntAcquire(offset);
    // The JVM may throw after the last store, on return from compiled code. The record is then
    // published: leave it.
    if (stored == 0 || RecordLayout.isClaimed(stored)) {
      int voided =
          word == RecordLayout.END_WORD
              ? word
              : RecordLayout.word(RecordLayout.VOID, RecordLayout.payloadLength(word));
      byte[] nothing = {};
      write(target, offset, voided, 0, nothing, 0, nothing, 0);
    }
  }

  /**
   * Forces the bytes from the first claim that was open at the last call up to the last claim. The
   * first call includes the header. No more is forced, because the next store to a forced page
   * costs some microseconds to make the page writable again.
   */
  void force() {
    SegmentMemory target = memory();
    int to = claimedTo();
    if (target != null && to > forcedTo) {
      // Computed before the force, so that a claim completed during it is forced again.
      int complete = completeTo(target, forcedTo, to);
      target.force(forcedTo, to == recordsEnd ? length : to);
      forcedTo = complete;
      // The kernel writes and protects units larger than a page, so also pages behind the range.
      if (to < recordsEnd) {
        target.touch(to, Math.min(recordsEnd, to + FORCED_UNIT_BYTES));
      }
    }
  }

  /** Offset of the first incomplete claim in a range; {@code to} if there is none. */
  private static int completeTo(SegmentMemory target, int from, int to) {
    int offset = Math.max(from, SegmentHeader.LENGTH);
    while (offset + RecordLayout.HEADER_LENGTH <= to) {
      int word = target.getIntAcquire(offset);
      if (word == 0 || RecordLayout.isClaimed(word)) {
        return offset;
      }
      if (RecordLayout.kind(word) == RecordLayout.END) {
        return to;
      }
      offset += RecordLayout.spaceOf(RecordLayout.payloadLength(word));
    }
    return to;
  }

  /** True if the segment is sealed and every claim is complete, so that no thread stores to it. */
  boolean isWhole() {
    SegmentMemory target = memory();
    return target != null && isSealed() && completeTo(target, 0, claimedTo()) == claimedTo();
  }

  /** See {@link SegmentMemory#touch}. */
  void touchAhead(int bytes, long nowNanos, long intervalNanos) {
    SegmentMemory target = memory();
    if (target != null && nowNanos - touchedNanos > intervalNanos) {
      touchedNanos = nowNanos;
      int from = claimedTo();
      target.touch(from, Math.min(recordsEnd, from + bytes));
    }
  }

  /** Records that all pages are writable now; see {@link #touchAhead}. */
  void touched(long nowNanos) {
    touchedNanos = nowNanos;
  }

  /** Releases the memory. The segment must be complete, or unknown to every other thread. */
  void releaseMemory() {
    if (!memoryReleased && memory != null) {
      memoryReleased = true;
      memory.release();
    }
  }

  /** Abandons the memory at the end of the journal; see {@link SegmentMemory#abandon}. */
  void abandonMemory() {
    SegmentMemory target = memory();
    if (target != null) {
      target.abandon();
    }
  }

  String fileName() {
    return fileName;
  }
}
