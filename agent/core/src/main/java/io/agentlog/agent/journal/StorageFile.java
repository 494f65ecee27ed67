package io.agentlog.agent.journal;

import java.io.Closeable;
import java.io.IOException;

/** One open file. Not thread-safe. An interrupt of the calling thread does not close the file. */
interface StorageFile extends Closeable {
  /** Length in bytes. */
  long length() throws IOException;

  /**
   * Reads from a position.
   *
   * @return bytes read; fewer than asked for, or 0, only at the end of the file
   */
  int read(byte[] target, int targetOffset, int length, long position) throws IOException;

  /** Writes all {@code length} bytes at a position. */
  void write(byte[] source, int sourceOffset, int length, long position) throws IOException;

  /** Forces all written bytes to the disk. */
  void force() throws IOException;

  /**
   * Opens the first {@code length} bytes for stores. All of them must have been written. The memory
   * outlives this object.
   */
  SegmentMemory memory(int length) throws IOException;

  /** Closes the file. Never throws, because no caller could handle the failure. */
  @Override
  void close();
}
