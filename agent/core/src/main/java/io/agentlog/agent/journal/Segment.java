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
 * <p>Appending: an atomic addition to the tail claims the space; the word with its sign set marks
 * it; then the payload and the checksum; last the word, with release semantics, publishes the
 * record. The claim that does not fit any more seals the segment, since after it none does.
 *
 * <p><b>Threads:</b> any thread appends while it holds this object, lock-free. A segment that is
 * sealed and complete is never stored to again, whoever still holds it.
 */
final class Segment {
  private static final VarHandle NEXT;
  private static final VarHandle CLAIM = MethodHandles.arrayElementVarHandle(long[].class);

  /** Claims that can break between two turns of the journal's thread. */
  private static final int BROKEN_CLAIMS_MAX = 32;

  /** A power of two, with room for what breaks at once before that limit is seen. */
  private static final int BROKEN_SLOTS = 4 * BROKEN_CLAIMS_MAX;

  @SuppressWarnings("StaticAssignmentOfThrowable") // There may be no memory for one.
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

  /** Large folios of a Linux page cache are smaller than that, or as large. */
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

  /** Offset and word of each append that failed after its claim; 0 where none did. */
  private final long[] brokenClaims;

  private int brokenCount; // About: updates may be lost, so there are more slots.

  /** Set after one of them. */
  private volatile boolean hasBrokenClaims;

  private volatile @Nullable Segment next;

  /** Records in it, known once somebody has read it to its end; before that -1. */
  private volatile int recordCount = -1;

  private volatile boolean memoryReleased;

  // Of the journal's own threads, under its lock:
  private int forcedTo;
  private long touchedNanos;

  private Segment(
      String fileName, long number, long nonce, int length, @Nullable SegmentMemory memory) {
    this.fileName = fileName;
    this.number = number;
    this.nonce = nonce;
    this.length = length;
    this.recordsEnd = length - SegmentHeader.LENGTH; // Behind them a copy of the header.
    this.memory = memory;
    this.brokenClaims = new long[memory == null ? 0 : BROKEN_SLOTS]; // Nothing is claimed there.
  }

  /** A new segment whose header is written, and that no stripe has taken. */
  static Segment spare(long number, long nonce, int length, SegmentMemory memory) {
    Segment segment = new Segment(SegmentNames.of(number), number, nonce, length, memory);
    segment.tail.set(TAIL_INDEX, SegmentHeader.LENGTH);
    return segment;
  }

  /** One that was found on the disk under a name: it can be read, and takes nothing more. */
  static Segment found(SegmentHeader header, String fileName) {
    Segment segment = new Segment(fileName, header.number(), header.nonce(), header.length(), null);
    segment.stripe = header.stripe();
    segment.basePosition = header.basePosition();
    segment.tail.set(TAIL_INDEX, header.length() + 1L);
    return segment;
  }

  /** Stands before the first one of a stripe: it holds nothing and takes nothing. */
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
   * What stamps of records are made of: with the stripe in it, since a spare that was given back
   * may stand on the disk under a stripe that did not take it.
   */
  long nonce() {
    return nonce ^ stripe;
  }

  /** Offset of the first byte that no record can have. */
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

  /** Publishes the segment that follows. False if another one does. */
  boolean follow(Segment following) {
    return NEXT.compareAndSet(this, null, following);
  }

  /** True if it was on the disk before this journal was opened: no thread stores to it. */
  boolean isFound() {
    return memory == null && number >= 0;
  }

  /** True for the object that only stands before the first file. */
  boolean isPlaceholder() {
    return number < 0;
  }

  /** Offset up to which space was claimed, at most {@link #recordsEnd}. */
  int claimedTo() {
    return (int) Math.min(tail.get(TAIL_INDEX), recordsEnd);
  }

  /** True once a claim has failed: no other will succeed. */
  boolean isSealed() {
    return tail.get(TAIL_INDEX) > recordsEnd - RecordLayout.HEADER_LENGTH;
  }

  int recordCount() {
    return recordCount;
  }

  /** Called by a reader that found no hole: nobody stores here any more. */
  void complete(int records) {
    recordCount = records;
  }

  /**
   * Puts the segment behind another one, before {@link #follow} publishes it. The check goes last:
   * a header with half an assignment counts as one without.
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
   * @param payloadCrc CRC-32C of head and tail, made before, so that the time between claim and
   *     publication is short
   * @return true if it is in the segment, false if the segment is full
   *     <p>Throws what a store threw, such as {@link StackOverflowError}; the claim is given up
   *     later by {@link #voidBrokenClaims}.
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
    if (hasBrokenClaims && brokenCount >= BROKEN_CLAIMS_MAX) {
      throw TOO_MANY_BROKEN; // One that was forgotten would be waited for, and hold all behind it.
    }
    target.put(0, head, 0); // Finds a stack that is too full before the claim, not after it.
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
        long[] slots = brokenClaims;
        int slot = (int) (claimed >>> 3) & BROKEN_SLOTS - 1;
        for (int i = 1; i < BROKEN_SLOTS && slots[slot] != 0; i++) {
          slot = slot + 1 & BROKEN_SLOTS - 1;
        }
        slots[slot] = claimed << 32 | word;
        brokenCount++;
        hasBrokenClaims = true;
      }
      throw t;
    }
  }

  /** Makes the segment take nothing more, although it is not full. */
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
    long stamp = RecordLayout.stamp(nonce(), basePosition + offset);
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
   * Gives up claims whose append failed, so that readers don't wait for them. Called by the
   * journal's own thread.
   *
   * @throws java.io.UncheckedIOException if they can't be written; the next call tries again
   */
  void voidBrokenClaims() {
    SegmentMemory target = memory();
    if (!hasBrokenClaims || target == null) {
      return;
    }
    hasBrokenClaims = false;
    byte[] nothing = {};
    for (int i = 0; i < BROKEN_SLOTS; i++) {
      long broken = (long) CLAIM.getVolatile(brokenClaims, i);
      if (broken != 0) {
        int word = (int) broken;
        int offset = (int) (broken >>> 32);
        if (word != RecordLayout.END_WORD) {
          word = RecordLayout.word(RecordLayout.VOID, RecordLayout.payloadLength(word));
        }
        hasBrokenClaims = true; // Should the disk refuse: readers would wait for ever.
        int stored = target.getIntAcquire(offset);
        // Leaving compiled code the JVM may throw behind the last store: a reader may have it.
        if (stored == 0 || RecordLayout.isClaimed(stored)) {
          write(target, offset, word, 0, nothing, 0, nothing, 0);
        }
        CLAIM.compareAndSet(brokenClaims, i, broken, 0L);
      }
    }
    brokenCount = 0;
  }

  /**
   * Has what was appended since the last call written to the disk, and all behind a claim that was
   * not complete then; the header with it the first time. Only the written range: a page that is
   * forced has to be made writable again by the next store, at some microseconds.
   */
  void force() {
    SegmentMemory target = memory();
    int to = claimedTo();
    if (target != null && to > forcedTo) {
      int complete =
          completeTo(target, forcedTo, to); // Before: what is stored meanwhile is forced again.
      target.force(forcedTo, to == recordsEnd ? length : to);
      forcedTo = complete;
      // The kernel writes and protects in units larger than a page, so beyond the range, too.
      if (to < recordsEnd) {
        target.touch(to, Math.min(recordsEnd, to + FORCED_UNIT_BYTES));
      }
    }
  }

  /** Offset of the first claim that may still be stored to; {@code to} if there is none. */
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

  /** True if nobody stores to it any more. */
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

  /** Tells {@link #touchAhead} that all pages are writable now. */
  void touched(long nowNanos) {
    touchedNanos = nowNanos;
  }

  /** Gives the memory back; only for a segment that is complete or that nobody has seen. */
  void releaseMemory() {
    if (!memoryReleased && memory != null) {
      memoryReleased = true;
      memory.release();
    }
  }

  /** At the end of the journal; see {@link SegmentMemory#abandon}. */
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
