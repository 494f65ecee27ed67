package io.agentlog.agent.journal;

import java.io.Closeable;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The lock by which other JVMs know that this one uses a directory. Thread-safe.
 *
 * <p>A process loses its locks on a file as soon as any of its code opens and closes that file, as
 * an application does that backs up the folder. So the lock is taken again all the time. It is made
 * of two halves, one of which is held while the other is taken again. A JVM that wants the whole
 * file, as older agents do, fails on either half.
 */
final class DirectoryLock implements Closeable {
  private static final long HALF_BYTES = Long.MAX_VALUE / 2;
  private static final int HALF_COUNT = 2;

  private final RandomAccessFile file;
  private final @Nullable FileLock[] halves = new FileLock[HALF_COUNT];

  private DirectoryLock(RandomAccessFile file) {
    this.file = file;
  }

  /**
   * Locks a file, which must exist.
   *
   * @return null if somebody else has locked it
   * @throws IOException if the file can't be opened, or its file system has no locks
   */
  static @Nullable DirectoryLock take(Path path) throws IOException {
    DirectoryLock taken = new DirectoryLock(new RandomAccessFile(path.toFile(), "rw"));
    boolean isHeld = false;
    try {
      isHeld = taken.retake();
      return isHeld ? taken : null;
    } finally {
      if (!isHeld) {
        taken.close();
      }
    }
  }

  /**
   * Takes the lock again, in case it was lost.
   *
   * @return false if somebody else has locked the file meanwhile
   */
  synchronized boolean retake() throws IOException {
    boolean isHeld = true;
    for (int half = 0; half < HALF_COUNT; half++) {
      FileLock before = halves[half];
      if (before != null) {
        halves[half] = null;
        before.release();
      }
      try {
        halves[half] = file.getChannel().tryLock(half * HALF_BYTES, HALF_BYTES, false);
      } catch (OverlappingFileLockException e) { // Another agentlog in this JVM has the lock.
        isHeld = false;
      }
      isHeld &= halves[half] != null;
    }
    return isHeld;
  }

  /** Releases the lock. */
  @Override
  public synchronized void close() {
    try {
      file.close(); // Releases both halves.
    } catch (IOException e) {
      // The end of the process releases them.
    }
  }
}
