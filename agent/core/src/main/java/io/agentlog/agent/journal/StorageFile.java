package io.agentlog.agent.journal;

import java.io.Closeable;
import java.io.IOException;

/** One open file. Not thread-safe: one thread at a time. Not closed by an interrupt. */
interface StorageFile extends Closeable {
  /** Length in bytes. */
  long length() throws IOException;

  /**
   * Reads from a position.
   *
   * @return bytes read, fewer than asked for only at the end of the file, then maybe 0
   */
  int read(byte[] target, int targetOffset, int length, long position) throws IOException;

  /** Writes all of it at a position. */
  void write(byte[] source, int sourceOffset, int length, long position) throws IOException;

  /** Has what was written written to the disk. */
  void force() throws IOException;

  /**
   * Opens the first {@code length} bytes, which were all written before, for stores. The memory
   * outlives this file.
   */
  SegmentMemory memory(int length) throws IOException;

  /** Never throws: nothing can be done about it. */
  @Override
  void close();
}
