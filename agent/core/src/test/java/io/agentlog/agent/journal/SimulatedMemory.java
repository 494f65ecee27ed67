package io.agentlog.agent.journal;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Mapping of a {@link SimulatedDisk}'s file. Every store is in the page cache at once. */
final class SimulatedMemory extends SegmentMemory {
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final SimulationHook hook;
  private final SimulatedDisk.Node node;
  private final int length;
  private boolean released;

  SimulatedMemory(SimulationHook hook, SimulatedDisk.Node node, int length) {
    this.hook = hook;
    this.node = node;
    this.length = length;
  }

  @Override
  void put(int offset, byte[] source, int count) {
    if (count == 0) {
      return;
    }
    CrashPoint point =
        offset == 0
            ? CrashPoint.HEADER
            : offset == length - SegmentHeader.LENGTH ? CrashPoint.HEADER_COPY : CrashPoint.BODY;
    int kept = hook.before(point, -1, count);
    System.arraycopy(source, 0, node.cache, offset, kept);
    stored(offset, offset + kept);
    if (kept < count) {
      throw hook.die();
    }
  }

  @Override
  void putInt(int offset, int value) {
    hook.before(CrashPoint.CRC, -1, 0);
    INT.set(node.cache, offset, value);
    stored(offset, offset + Integer.BYTES);
  }

  @Override
  void putLong(int offset, long value) {
    hook.before(pointOfLong(offset), -1, 0);
    LONG.set(node.cache, offset, value);
    stored(offset, offset + Long.BYTES);
  }

  @Override
  void putIntRelease(int offset, int value) {
    hook.before(pointOfWord(value), -1, 0);
    INT.set(node.cache, offset, value);
    stored(offset, offset + Integer.BYTES);
  }

  @Override
  int getIntAcquire(int offset) {
    requireHeld();
    return (int) INT.get(node.cache, offset);
  }

  @Override
  void zero(int from, int to) {
    int kept = hook.before(CrashPoint.ZEROING, -1, to - from);
    java.util.Arrays.fill(node.cache, from, from + kept, (byte) 0);
    stored(from, from + kept);
    if (kept < to - from) {
      throw hook.die();
    }
  }

  @Override
  void touch(int from, int to) {
    requireHeld();
  }

  @Override
  void force(int from, int to) {
    hook.before(CrashPoint.SEGMENT_FORCE, -1, 0);
    requireHeld();
    node.writeBack(from, to);
  }

  @Override
  void release() {
    hook.before(CrashPoint.SEGMENT_RELEASE, -1, 0);
    released = true;
  }

  private CrashPoint pointOfLong(int offset) {
    int within = offset >= length - SegmentHeader.LENGTH ? offset - length + 128 : offset;
    if (within == SegmentHeader.ASSIGNMENT_OFFSET) {
      return CrashPoint.ASSIGNMENT;
    }
    return within == SegmentHeader.ASSIGNMENT_CHECK_OFFSET
        ? CrashPoint.ASSIGNMENT_CHECK
        : CrashPoint.STAMP;
  }

  private static CrashPoint pointOfWord(int word) {
    if (RecordLayout.isClaimed(word)) {
      return CrashPoint.CLAIM_MARK;
    }
    return switch (RecordLayout.kind(word)) {
      case RecordLayout.END -> CrashPoint.END_MARK;
      case RecordLayout.VOID -> CrashPoint.VOID_MARK;
      default -> CrashPoint.PUBLISH;
    };
  }

  private void stored(int from, int to) {
    requireHeld();
    node.stored(from, to);
  }

  /** Fails the run, because a store to released memory kills a JVM. */
  private void requireHeld() {
    if (released) {
      hook.wrong("memory was used after its release");
    }
  }
}
