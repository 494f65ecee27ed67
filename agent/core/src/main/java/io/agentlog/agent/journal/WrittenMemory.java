package io.agentlog.agent.journal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Ordinary writes instead of a mapping. On file systems that copy on write, compress, or lie on
 * another machine, a store to a mapping can fail although its blocks were written. A store takes
 * some 4 microseconds, under a lock.
 */
final class WrittenMemory extends SegmentMemory {
  private final StorageFile file;

  /** Creates memory that owns the file, and closes it in the end. */
  WrittenMemory(StorageFile file) {
    this.file = file;
  }

  @Override
  synchronized void put(int offset, byte[] source, int length) {
    try {
      file.write(source, 0, length, offset);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  void putInt(int offset, int value) {
    byte[] bytes = new byte[Integer.BYTES];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(value);
    put(offset, bytes, bytes.length);
  }

  @Override
  void putLong(int offset, long value) {
    byte[] bytes = new byte[Long.BYTES];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(value);
    put(offset, bytes, bytes.length);
  }

  /** Stores as {@link #putInt}, because the kernel takes writes in the order of their calls. */
  @Override
  void putIntRelease(int offset, int value) {
    putInt(offset, value);
  }

  @Override
  synchronized int getIntAcquire(int offset) {
    byte[] bytes = new byte[Integer.BYTES];
    try {
      int count = file.read(bytes, 0, bytes.length, offset);
      return count < bytes.length
          ? 0
          : ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  void zero(int from, int to) {
    put(from, new byte[to - from], to - from);
  }

  @Override
  void touch(int from, int to) {
    // Nothing is mapped.
  }

  @Override
  synchronized void force(int from, int to) {
    try {
      file.force();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  synchronized void release() {
    file.close();
  }

  @Override
  synchronized void abandon() {
    file.close();
  }
}
