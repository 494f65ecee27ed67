package io.agentlog.agent.journal;

import java.io.IOException;
import java.util.List;

/**
 * Files of one flat directory: all that a journal needs of a disk. Thread-safe. The journal's own
 * threads call this interface, application threads never do.
 */
interface JournalStorage {
  /** Names of the files, in no order. */
  List<String> names() throws IOException;

  /** Creates a file that only its owner can read. Fails if the file exists. */
  StorageFile create(String name) throws IOException;

  /**
   * Opens a file for reading and writing.
   *
   * @throws java.nio.file.NoSuchFileException if the file does not exist
   */
  StorageFile open(String name) throws IOException;

  /** Renames a file atomically. A file that has the new name is replaced. */
  void rename(String from, String to) throws IOException;

  /** Removes a file, if it exists. */
  void delete(String name) throws IOException;

  /**
   * Forces the current file names to the disk, because forcing a file or its memory need not do so.
   */
  void forceNames() throws IOException;

  /**
   * False if another process has removed the file. The default suits a storage that no other
   * process can reach.
   */
  default boolean exists(String name) throws IOException {
    return true;
  }

  /**
   * Restores the directory and its lock, if another process has removed them.
   *
   * @return true if the directory or its lock was missing
   */
  default boolean restoreDirectory() throws IOException {
    return false;
  }

  /**
   * False if a write may wait for another machine, so that no application thread may write. The
   * default suits a disk of this machine.
   */
  default boolean callersMayWrite() {
    return true;
  }

  /** Bytes that this user can still write to this disk. */
  long usableBytes() throws IOException;
}
