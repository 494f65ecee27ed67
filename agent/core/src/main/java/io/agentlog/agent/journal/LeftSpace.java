package io.agentlog.agent.journal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * Frees the disk space that a dead JVM had reserved and not used, because its journal may have to
 * wait for long, and many JVMs may die meanwhile.
 *
 * <p>Spare segments go as soon as a lock is free: if their JVM lives after all, it makes new ones.
 * The unused rest of the other segments goes once that JVM is known to be dead. Such a file keeps
 * its length and its content, and takes no blocks for the zeros at its end.
 */
final class LeftSpace {
  /** Marks a directory whose segments have no unused rest. */
  private static final String MARK_FILE = "trimmed";

  private static final int UNUSED_BYTES_MIN = 64 * 1024;

  private LeftSpace() {}

  /**
   * Removes the spare segments of a directory that is not in use. Leaves one of another version
   * alone, which is reported when it is opened.
   */
  static void removeSpares(Path directory, UUID instanceId) throws IOException {
    Path lockFile = directory.resolve(JournalDirectory.LOCK_FILE);
    if (Files.exists(directory.resolve(MARK_FILE), LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    try (DirectoryLock lock = DirectoryLock.take(lockFile)) {
      if (lock != null) {
        JournalStorage storage = new DirectoryStorage(directory, buffer -> {});
        for (String name : spares(storage, instanceId)) {
          storage.delete(name);
        }
      }
    }
  }

  private static List<String> spares(JournalStorage storage, UUID instanceId) throws IOException {
    List<String> spares = new ArrayList<>();
    try {
      for (String name : storage.names()) {
        if (isSegment(name) && FoundFile.inspect(storage, name, instanceId).empty()) {
          spares.add(name);
        }
      }
    } catch (JournalVersionException e) {
      return List.of();
    }
    return spares;
  }

  /** Frees the unused rest of the segments of a directory that this JVM has adopted. */
  static void trim(Path directory, UUID instanceId) throws IOException {
    Path mark = directory.resolve(MARK_FILE);
    if (Files.exists(mark, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    JournalStorage storage = new DirectoryStorage(directory, buffer -> {});
    for (String name : storage.names()) {
      if (isSegment(name) && FoundFile.inspect(storage, name, instanceId).isUsable()) {
        trim(storage, name);
      }
    }
    storage.create(MARK_FILE).close();
  }

  private static boolean isSegment(String name) {
    return name.endsWith(SegmentNames.SUFFIX)
        && !name.startsWith(JournalFindings.QUARANTINE_PREFIX);
  }

  private static void trim(JournalStorage storage, String name) throws IOException {
    byte[] bytes;
    int used;
    try (StorageFile file = storage.open(name)) {
      bytes = new byte[(int) Math.min(file.length(), Integer.MAX_VALUE / 2)];
      if (file.read(bytes, 0, bytes.length, 0) < bytes.length) {
        return;
      }
    }
    int copyAt = bytes.length - SegmentHeader.LENGTH;
    used = copyAt;
    while (used > 0 && bytes[used - 1] == 0) {
      used--;
    }
    if (copyAt - used < UNUSED_BYTES_MIN) {
      return;
    }
    String temporary = name + SegmentNames.TEMPORARY_SUFFIX;
    storage.delete(temporary);
    boolean done = false;
    try (StorageFile file = storage.create(temporary)) {
      file.write(bytes, 0, used, 0);
      file.write(bytes, copyAt, SegmentHeader.LENGTH, copyAt); // Leaves a gap without blocks.
      file.force();
      storage.rename(temporary, name);
      done = true;
    } finally {
      if (!done) {
        storage.delete(temporary);
      }
    }
  }
}
