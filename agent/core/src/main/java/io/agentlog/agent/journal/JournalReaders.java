package io.agentlog.agent.journal;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * All that holds segments of a {@link DiskJournal}: readers, followers, and cursors without a
 * reader. A cursor moves from one group to another without a moment in which nobody holds its
 * segments. Thread-safe, as far as its parts are.
 */
final class JournalReaders {
  private final DiskJournal journal;
  private final List<DiskReader> readers = new CopyOnWriteArrayList<>();
  private final List<DiskFollower> followers = new CopyOnWriteArrayList<>();

  /** Of sinks that nobody has served in this JVM. */
  private final Map<String, Cursor> unserved;

  /** Of readers that were closed: what they have not confirmed is for the next of their name. */
  private final Map<String, Cursor> left = new ConcurrentHashMap<>();

  private volatile boolean closed;

  JournalReaders(DiskJournal journal, Map<String, Cursor> unserved) {
    this.journal = journal;
    this.unserved = new ConcurrentHashMap<>(unserved);
  }

  DiskReader open(String name) throws IOException {
    if (readers.stream().anyMatch(open -> open.name().equals(name))) {
      throw new IllegalStateException("journal reader " + name + " is open already");
    }
    Cursor cursor = unserved.get(name);
    if (cursor == null) {
      cursor = left.get(name);
    }
    if (cursor == null) {
      cursor = Cursor.create(journal.storage(), name, journal.oldestPositions());
      left.put(name, cursor);
    }
    DiskReader reader = new DiskReader(journal, name, cursor);
    readers.add(reader);
    unserved.remove(name);
    left.remove(name);
    return reader;
  }

  DiskFollower openFollower() {
    DiskFollower follower = new DiskFollower(journal);
    followers.add(follower);
    return follower;
  }

  List<String> unservedSinks() {
    return unserved.keySet().stream().sorted().toList();
  }

  void discard(String sinkName) throws IOException {
    Cursor cursor = unserved.remove(sinkName);
    if (cursor != null) {
      cursor.close();
      journal.storage().delete(Cursor.fileName(sinkName));
    }
  }

  /** Position up to which segments of a stripe may go. */
  long keptFrom(int stripe) {
    // In the order in which a cursor moves: one that is passed over here is met there.
    long kept = Math.min(least(unserved, stripe), least(left, stripe));
    for (DiskReader reader : readers) {
      kept = Math.min(kept, reader.keptFrom(stripe));
    }
    for (DiskFollower follower : followers) {
      kept = Math.min(kept, follower.keptFrom(stripe));
    }
    return Math.min(kept, least(left, stripe));
  }

  void forceCursors() {
    readers.forEach(DiskReader::forceCursor);
  }

  /** Makes files of cursors again that somebody has removed; returns how many. */
  int restoreCursors() throws IOException {
    int count = 0;
    for (DiskReader reader : readers) {
      count += reader.restoreCursor();
    }
    for (Map<String, Cursor> held : List.of(unserved, left)) {
      for (Map.Entry<String, Cursor> one : held.entrySet()) {
        count += MissingFiles.restore(journal.storage(), one.getKey(), one.getValue());
      }
    }
    return count;
  }

  /** Takes the reader's cursor back: it goes on to hold what it held. */
  void closed(DiskReader reader, Cursor cursor) {
    left.put(reader.name(), cursor);
    readers.remove(reader);
    if (closed) {
      cursor.close();
    }
  }

  void closed(DiskFollower follower) {
    followers.remove(follower);
  }

  void close() {
    closed = true;
    readers.forEach(DiskReader::close);
    followers.forEach(DiskFollower::close);
    unserved.values().forEach(Cursor::close);
    left.values().forEach(Cursor::close);
  }

  private static long least(Map<String, Cursor> cursors, int stripe) {
    long least = Long.MAX_VALUE;
    for (Cursor cursor : cursors.values()) {
      least = Math.min(least, cursor.position(stripe));
    }
    return least;
  }
}
