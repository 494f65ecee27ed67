package io.agentlog.agent.journal;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.util.List;
import java.util.function.Consumer;

/**
 * A mapped file. All its blocks must be written, because a store to a page without a block kills
 * the JVM, or throws an error in unrelated code.
 */
final class MappedMemory extends SegmentMemory {
  private static final int PAGE_BYTES = 4096;
  private static final VarHandle INT =
      MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  /** Classes that the JDK's buffers load late, under their names in all known JDKs. */
  private static final List<String> NEEDED_BY_BUFFERS =
      List.of(
          "jdk.internal.misc.ScopedMemoryAccess$Scope$ScopedAccessError",
          "jdk.internal.misc.ScopedMemoryAccess$ScopedAccessError",
          "java.nio.MappedMemoryUtils");

  private final MappedByteBuffer buffer;
  private final Consumer<MappedByteBuffer> unmapper;

  /**
   * @param unmapper unmaps an unused buffer at once, or does nothing and leaves it to the collector
   */
  MappedMemory(MappedByteBuffer buffer, Consumer<MappedByteBuffer> unmapper) {
    this.buffer = buffer;
    this.unmapper = unmapper;
  }

  /**
   * Loads classes that the JDK's buffers need later. When the stack overflows within a store, the
   * JVM looks for a handler and would load these classes on the full stack. A class whose first use
   * fails for want of memory stays unusable for the life of the JVM.
   */
  static void warmUp() {
    for (String name : NEEDED_BY_BUFFERS) {
      try {
        Class.forName(name, true, null);
      } catch (ClassNotFoundException e) {
        // This version of Java uses the other name, or does not need the class.
      }
    }
  }

  @Override
  void put(int offset, byte[] source, int length) {
    buffer.put(offset, source, 0, length);
  }

  @Override
  void putInt(int offset, int value) {
    INT.set(buffer, offset, value);
  }

  @Override
  void putLong(int offset, long value) {
    LONG.set(buffer, offset, value);
  }

  @Override
  void putIntRelease(int offset, int value) {
    INT.setRelease(buffer, offset, value);
  }

  @Override
  int getIntAcquire(int offset) {
    return (int) INT.getAcquire(buffer, offset);
  }

  @Override
  void zero(int from, int to) {
    byte[] zeros = new byte[Math.min(to - from, 16 * PAGE_BYTES)];
    for (int offset = from; offset < to; offset += zeros.length) {
      buffer.put(offset, zeros, 0, Math.min(zeros.length, to - offset));
    }
  }

  /** Touches with an atomic addition of 0, which keeps concurrent stores of application threads. */
  @Override
  void touch(int from, int to) {
    for (int offset = from & -PAGE_BYTES; offset < to; offset += PAGE_BYTES) {
      long unused = (long) LONG.getAndAdd(buffer, offset, 0L);
    }
  }

  @Override
  void force(int from, int to) {
    buffer.force(from, to - from);
  }

  @Override
  void release() {
    unmapper.accept(buffer);
  }
}
