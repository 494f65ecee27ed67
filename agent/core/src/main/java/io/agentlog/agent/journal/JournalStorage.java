package io.agentlog.agent.journal;

import java.io.IOException;
import java.util.List;

/**
 * All that a journal asks of a disk: the files of one flat directory. Called by the journal's own
 * threads, never by the application's. Thread-safe.
 */
interface JournalStorage {
  /** Names of the files, in no order. */
  List<String> names() throws IOException;

  /** Makes a file that only its owner can read. Fails if it is there. */
  StorageFile create(String name) throws IOException;

  /**
   * Opens a file for reading and writing.
   *
   * @throws java.nio.file.NoSuchFileException if it is not there
   */
  StorageFile open(String name) throws IOException;

  /** Gives a file another name at once; what has that name is replaced. */
  void rename(String from, String to) throws IOException;

  /** Removes a file if it is there. */
  void delete(String name) throws IOException;

  /**
   * Has the names written to the disk as they are now: to force a file or its memory need not do
   * so.
   */
  void forceNames() throws IOException;

  /**
   * False if the file was removed by somebody else. A storage that nobody else can reach need not
   * look.
   */
  default boolean exists(String name) throws IOException {
    return true;
  }

  /**
   * Makes the directory again, with its lock, if somebody has removed it.
   *
   * @return true if it was gone
   */
  default boolean restoreDirectory() throws IOException {
    return false;
  }

  /** Bytes that can still be written to this disk by this user. */
  long usableBytes() throws IOException;
}
