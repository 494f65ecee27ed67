package io.agentlog.agent.journal;

/**
 * Bytes of one segment for writing, little-endian. The kernel has the stored bytes when a method
 * returns, so they outlive the process.
 *
 * <p><b>Threads:</b> any thread may call the puts and {@link #getIntAcquire}. The other methods are
 * for the journal's own threads, one at a time.
 */
abstract class SegmentMemory {
  abstract void put(int offset, byte[] source, int length);

  abstract void putInt(int offset, int value);

  abstract void putLong(int offset, long value);

  /** Stores an aligned int after all earlier stores of this thread. */
  abstract void putIntRelease(int offset, int value);

  /** Loads an aligned int. Stores before the matching {@link #putIntRelease} are visible then. */
  abstract int getIntAcquire(int offset);

  /** Overwrites a range with zeros. */
  abstract void zero(int from, int to);

  /** Makes pages writable without changing a byte, so that the next store is cheap. */
  abstract void touch(int from, int to);

  /**
   * Forces a range to the disk.
   *
   * @throws java.io.UncheckedIOException if the disk refuses; the kernel still has the bytes
   */
  abstract void force(int from, int to);

  /** Releases the memory. No thread may store afterwards. */
  abstract void release();

  /**
   * Releases what can be released while threads may still store. A later store may throw, but never
   * ends the JVM.
   */
  void abandon() {
    // A mapping stays, because only the collector knows when no thread stores any more.
  }
}
