package io.agentlog.agent.journal;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Readers, followers, and cursors without a reader: all that keeps segments of a {@link
 * DiskJournal}. A cursor that moves between these groups keeps its segments at every moment.
 * Thread-safe, as far as its parts are.
 */
final class JournalReaders {
  private final DiskJournal journal;
  private final List<DiskReader> readers = new CopyOnWriteArrayList<>();
  private final List<DiskFollower> followers = new CopyOnWriteArrayList<>();

  /** Cursors of sinks without a reader since the journal was opened, by name. */
  private final Map<String, Cursor> unserved;

  /** Cursors of closed readers, by name, kept for the next reader of the same name. */
  private final Map<String, Cursor> ofClosed = new ConcurrentHashMap<>();

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
      cursor = ofClosed.get(name);
    }
    if (cursor == null) {
      cursor = Cursor.create(journal.storage(), name, journal.oldestPositions());
      ofClosed.put(name, cursor);
    }
    DiskReader reader = new DiskReader(journal, name, cursor);
    readers.add(reader);
    unserved.remove(name);
    ofClosed.remove(name);
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

  /** Position up to which segments of a stripe may be retired. */
  long keptFrom(int stripe) {
    // Same order as a cursor moves through these collections, so that no moving cursor is missed.
    long kept = Math.min(least(unserved, stripe), least(ofClosed, stripe));
    for (DiskReader reader : readers) {
      kept = Math.min(kept, reader.keptFrom(stripe));
    }
    for (DiskFollower follower : followers) {
      kept = Math.min(kept, follower.keptFrom(stripe));
    }
    return Math.min(kept, least(ofClosed, stripe));
  }

  void forceCursors() {
    readers.forEach(DiskReader::forceCursor);
  }

  /** Restores cursor files that another process has removed. Returns files restored. */
  int restoreCursors() throws IOException {
    int count = 0;
    for (DiskReader reader : readers) {
      count += reader.restoreCursor();
    }
    for (Map<String, Cursor> held : List.of(unserved, ofClosed)) {
      for (Map.Entry<String, Cursor> one : held.entrySet()) {
        count += MissingFiles.restore(journal.storage(), one.getKey(), one.getValue());
      }
    }
    return count;
  }

  /** Keeps the cursor of a closed reader, and with it the unconfirmed records. */
  void closed(DiskReader reader, Cursor cursor) {
    ofClosed.put(reader.name(), cursor);
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
    ofClosed.values().forEach(Cursor::close);
  }

  private static long least(Map<String, Cursor> cursors, int stripe) {
    long least = Long.MAX_VALUE;
    for (Cursor cursor : cursors.values()) {
      least = Math.min(least, cursor.position(stripe));
    }
    return least;
  }
}
