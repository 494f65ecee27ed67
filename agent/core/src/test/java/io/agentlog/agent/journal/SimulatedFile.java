package io.agentlog.agent.journal;

/** A file of a {@link SimulatedDisk}. */
final class SimulatedFile implements StorageFile {
  private static final byte[] BUSY = {1};

  private final SimulatedDisk disk;
  private final SimulationHook hook;
  private final SimulatedDisk.Node node;
  private final int sink;

  SimulatedFile(SimulatedDisk disk, SimulationHook hook, String name, SimulatedDisk.Node node) {
    this.disk = disk;
    this.hook = hook;
    this.node = node;
    this.sink = name.startsWith(Cursor.FILE_PREFIX) ? name.charAt(name.length() - 1) - 'a' : -1;
  }

  @Override
  public long length() {
    return node.length;
  }

  @Override
  public int read(byte[] target, int targetOffset, int length, long position) {
    hook.before(CrashPoint.FILE_READ, sink, 0);
    int count = (int) Math.max(0, Math.min(length, node.length - position));
    if (count > 0) { // Behind the end there is nothing to copy from.
      System.arraycopy(node.cache, (int) position, target, targetOffset, count);
    }
    return count;
  }

  @Override
  public void write(byte[] source, int sourceOffset, int length, long position) {
    int kept = hook.before(pointOf(source, position), sink, length);
    if (kept > 0) {
      node.ensure((int) position + kept);
      System.arraycopy(source, sourceOffset, node.cache, (int) position, kept);
      node.stored((int) position, (int) position + kept);
    }
    if (kept < length) {
      throw hook.die();
    }
  }

  @Override
  public void force() {
    hook.before(sink >= 0 ? CrashPoint.CURSOR_FORCE : CrashPoint.FILE_FORCE, sink, 0);
    node.writeBack(0, node.length);
    disk.forceNamesOf(node);
  }

  @Override
  public SegmentMemory memory(int length) {
    return new SimulatedMemory(hook, node, length);
  }

  @Override
  public void close() {
    // Nothing is held.
  }

  private CrashPoint pointOf(byte[] source, long position) {
    if (sink < 0) {
      return CrashPoint.FILE_WRITE;
    }
    if (position != Cursor.BUSY_OFFSET) {
      return CrashPoint.CURSOR_SLOT;
    }
    return source[0] == BUSY[0] ? CrashPoint.CURSOR_BUSY : CrashPoint.CURSOR_CALM;
  }
}
