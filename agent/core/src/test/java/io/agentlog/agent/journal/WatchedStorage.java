package io.agentlog.agent.journal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Files of a real disk. A test can make each operation fail or wait, and learns of every use of
 * memory after its release.
 */
final class WatchedStorage implements JournalStorage {
  /** Called before each operation. */
  interface Gate {
    /** Throws what the operation is to throw. */
    void pass(String operation) throws IOException;

    /** Called before bytes are stored to the memory of a file. */
    default void store() {}
  }

  final Queue<String> violations = new ConcurrentLinkedQueue<>();

  /** Files that were not closed, or whose memory was not released. */
  final AtomicInteger openCount = new AtomicInteger();

  private final JournalStorage storage;
  private final Gate gate;
  private final boolean written;
  private final boolean forces;

  WatchedStorage(JournalStorage storage, Gate gate) {
    this(storage, gate, false, true);
  }

  /**
   * @param written true to store by ordinary writes, as on a file system that can't be mapped
   * @param forces false to leave out what takes its time and changes nothing for this process
   */
  WatchedStorage(JournalStorage storage, Gate gate, boolean written, boolean forces) {
    this.storage = storage;
    this.gate = gate;
    this.written = written;
    this.forces = forces;
  }

  @Override
  public List<String> names() throws IOException {
    gate.pass("names");
    return storage.names();
  }

  @Override
  public StorageFile create(String name) throws IOException {
    gate.pass("create " + name);
    return new WatchedFile(storage.create(name), name);
  }

  @Override
  public StorageFile open(String name) throws IOException {
    gate.pass("open " + name);
    return new WatchedFile(storage.open(name), name);
  }

  @Override
  public void rename(String from, String to) throws IOException {
    gate.pass("rename " + from + " " + to);
    storage.rename(from, to);
  }

  @Override
  public void delete(String name) throws IOException {
    gate.pass("delete " + name);
    storage.delete(name);
  }

  @Override
  public void forceNames() throws IOException {
    gate.pass("forceNames");
    if (forces) {
      storage.forceNames();
    }
  }

  @Override
  public boolean exists(String name) throws IOException {
    return storage.exists(name);
  }

  @Override
  public boolean restoreDirectory() throws IOException {
    return storage.restoreDirectory();
  }

  @Override
  public long usableBytes() throws IOException {
    gate.pass("usableBytes");
    return storage.usableBytes();
  }

  private final class WatchedFile implements StorageFile {
    private final StorageFile file;
    private final String name;
    private boolean closed;

    WatchedFile(StorageFile file, String name) {
      this.file = file;
      this.name = name;
      openCount.incrementAndGet();
    }

    @Override
    public long length() throws IOException {
      gate.pass("length " + name);
      return file.length();
    }

    @Override
    public int read(byte[] target, int targetOffset, int length, long position) throws IOException {
      gate.pass("read " + name);
      return file.read(target, targetOffset, length, position);
    }

    @Override
    public void write(byte[] source, int sourceOffset, int length, long position)
        throws IOException {
      gate.pass("write " + name);
      file.write(source, sourceOffset, length, position);
    }

    @Override
    public void force() throws IOException {
      gate.pass("force " + name);
      if (forces) {
        file.force();
      }
    }

    @Override
    public SegmentMemory memory(int length) throws IOException {
      gate.pass("memory " + name);
      if (written) {
        return new WatchedMemory(new WrittenMemory(this), name);
      }
      SegmentMemory memory = new WatchedMemory(file.memory(length), name);
      closed(); // The memory outlives it.
      return memory;
    }

    @Override
    public void close() {
      closed();
      file.close();
    }

    private void closed() {
      if (!closed) {
        closed = true;
        openCount.decrementAndGet();
      }
    }
  }

  private final class WatchedMemory extends SegmentMemory {
    private final SegmentMemory memory;
    private final String name;
    private volatile boolean released;

    WatchedMemory(SegmentMemory memory, String name) {
      this.memory = memory;
      this.name = name;
    }

    @Override
    void put(int offset, byte[] source, int length) {
      check(length > 0); // A probe of the stack stores nothing.
      if (length > 0) {
        gate.store();
      }
      memory.put(offset, source, length);
    }

    @Override
    void putInt(int offset, int value) {
      check(true);
      memory.putInt(offset, value);
    }

    @Override
    void putLong(int offset, long value) {
      check(true);
      memory.putLong(offset, value);
    }

    @Override
    void putIntRelease(int offset, int value) {
      check(true);
      memory.putIntRelease(offset, value);
    }

    @Override
    int getIntAcquire(int offset) {
      check(true);
      return memory.getIntAcquire(offset);
    }

    @Override
    void zero(int from, int to) {
      check(true);
      memory.zero(from, to);
    }

    @Override
    void touch(int from, int to) {
      check(true);
      memory.touch(from, to);
    }

    @Override
    void force(int from, int to) {
      check(true);
      try {
        gate.pass("force memory of " + name);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      if (forces) {
        memory.force(from, to);
      }
    }

    @Override
    void release() {
      check(true);
      released = true;
      memory.release();
    }

    @Override
    void abandon() {
      memory.abandon();
    }

    private void check(boolean matters) {
      if (released && matters) {
        violations.add(name + " was used after its memory was released");
      }
    }
  }
}
