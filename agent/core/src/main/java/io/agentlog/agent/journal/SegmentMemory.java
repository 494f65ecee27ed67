package io.agentlog.agent.journal;

/**
 * Bytes of one segment for writing, little-endian. What is stored belongs to the kernel when the
 * method returns, so it outlives the process.
 *
 * <p>Any thread stores, save for the last six methods: those are for the journal's own threads, and
 * are called by one at a time.
 */
abstract class SegmentMemory {
  abstract void put(int offset, byte[] source, int length);

  abstract void putInt(int offset, int value);

  abstract void putLong(int offset, long value);

  /** Stores an aligned int after everything that this thread stored before. */
  abstract void putIntRelease(int offset, int value);

  /** Loads an aligned int; what was stored before it by {@link #putIntRelease} is visible then. */
  abstract int getIntAcquire(int offset);

  /** Overwrites with zeros. */
  abstract void zero(int from, int to);

  /** Makes pages writable without changing a byte, so that the next store to them is cheap. */
  abstract void touch(int from, int to);

  /**
   * Has a range written to the disk.
   *
   * @throws java.io.UncheckedIOException if the disk refuses; the bytes are still in the kernel
   */
  abstract void force(int from, int to);

  /** Gives the memory back. Nothing may be stored after it. */
  abstract void release();

  /**
   * Gives back what can be although somebody may still store: a store after it may throw, and ends
   * no JVM.
   */
  void abandon() {
    // A mapping stays: the collector knows when nobody stores any more.
  }
}
