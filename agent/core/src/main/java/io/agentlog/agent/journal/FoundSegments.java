package io.agentlog.agent.journal;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a directory holds when a journal is opened in it. Half-made files, and segments that no
 * stripe had taken, are removed; files of another version are not touched, nor is anything else
 * then.
 *
 * @param chains first segment of each stripe
 * @param cursors by name of their sink
 */
record FoundSegments(List<Segment> chains, Map<String, Cursor> cursors) {

  /**
   * Looks and tidies up.
   *
   * @throws JournalVersionException if one of the files is of another version
   */
  static FoundSegments in(
      JournalStorage storage, JournalLimits limits, SegmentStore store, Consumer<String> report)
      throws IOException {
    List<String> names = storage.names();
    List<Segment> segments = new ArrayList<>();
    List<String> worthless = new ArrayList<>();
    for (String name : names) {
      if (name.endsWith(Segment.TEMPORARY_SUFFIX)) {
        worthless.add(name);
      } else if (name.endsWith(Segment.FILE_SUFFIX)
          && !name.startsWith(JournalFindings.QUARANTINE_PREFIX)) {
        Segment segment = find(storage, name, report);
        if (segment == null) {
          worthless.add(name);
        } else {
          segments.add(segment);
        }
      }
    }
    for (String name : worthless) {
      storage.delete(name);
    }
    segments.sort(
        Comparator.comparingInt(Segment::stripe).thenComparingLong(Segment::basePosition));
    removeTwins(storage, segments);
    segments.forEach(segment -> store.found(segment.number()));
    long[] oldest = new long[JournalLimits.STRIPE_COUNT_MAX];
    for (int i = segments.size() - 1; i >= 0; i--) {
      oldest[segments.get(i).stripe()] = segments.get(i).basePosition();
    }
    Map<String, Cursor> cursors = new HashMap<>();
    for (String name : names) {
      if (name.startsWith(Cursor.FILE_PREFIX)) {
        String sink = name.substring(Cursor.FILE_PREFIX.length());
        cursors.put(sink, Cursor.open(storage, sink, oldest));
      }
    }
    return new FoundSegments(chains(segments, cursors, limits), cursors);
  }

  int stripeCount() {
    return chains.size();
  }

  Segment chain(int stripe) {
    return chains.get(stripe);
  }

  static Segment lastOf(Segment first) {
    Segment last = first;
    for (Segment next = last.next(); next != null; next = last.next()) {
      last = next;
    }
    return last;
  }

  /** Null if no stripe had taken it. */
  private static @Nullable Segment find(
      JournalStorage storage, String name, Consumer<String> report) throws IOException {
    try (StorageFile file = storage.open(name)) {
      byte[] bytes = new byte[SegmentHeader.LENGTH];
      int count = file.read(bytes, 0, bytes.length, 0);
      if (SegmentHeader.kindOf(bytes, count) == SegmentHeader.Kind.OTHER_VERSION) {
        throw new JournalVersionException(
            name + " was written by another version of agentlog; nothing here is touched");
      }
      SegmentHeader header = SegmentHeader.decode(bytes, count);
      if (header == null || header.stripe() < 0) {
        long copyAt = file.length() - SegmentHeader.LENGTH;
        count = copyAt < SegmentHeader.LENGTH ? 0 : file.read(bytes, 0, bytes.length, copyAt);
        SegmentHeader copy = SegmentHeader.decode(bytes, count);
        header = copy == null ? header : copy;
      }
      if (header == null) {
        report.accept(
            name
                + " has no readable header and is kept as "
                + JournalFindings.QUARANTINE_PREFIX
                + name);
        storage.rename(name, JournalFindings.QUARANTINE_PREFIX + name);
        return null;
      }
      boolean usable =
          header.stripe() >= 0
              && header.stripe() < JournalLimits.STRIPE_COUNT_MAX
              && name.equals(Segment.fileName(header.number()));
      return usable ? Segment.found(header) : null;
    }
  }

  /**
   * Two segments at one place: a thread lost the race to link one of them, and it was not used
   * since. It is the one without a record.
   */
  private static void removeTwins(JournalStorage storage, List<Segment> segments)
      throws IOException {
    for (int i = segments.size() - 1; i > 0; i--) {
      Segment a = segments.get(i - 1);
      Segment b = segments.get(i);
      if (a.stripe() == b.stripe() && a.basePosition() == b.basePosition()) {
        Segment unused = isEmpty(storage, b) ? b : a;
        if (isEmpty(storage, unused)) {
          segments.remove(unused);
          storage.delete(unused.fileName());
        }
      }
    }
  }

  private static boolean isEmpty(JournalStorage storage, Segment segment) throws IOException {
    try (StorageFile file = storage.open(segment.fileName())) {
      byte[] bytes = new byte[segment.recordsEnd() - SegmentHeader.LENGTH];
      int count = file.read(bytes, 0, bytes.length, SegmentHeader.LENGTH);
      for (int i = 0; i < count; i++) {
        if (bytes[i] != 0) {
          return false;
        }
      }
      return true;
    }
  }

  private static List<Segment> chains(
      List<Segment> segments, Map<String, Cursor> cursors, JournalLimits limits) {
    int stripeCount = limits.stripeCount();
    for (Segment segment : segments) {
      stripeCount = Math.max(stripeCount, segment.stripe() + 1);
    }
    List<Segment> chains = new ArrayList<>();
    for (int i = 0; i < stripeCount; i++) {
      int stripe = i;
      List<Segment> own = segments.stream().filter(s -> s.stripe() == stripe).toList();
      // A cursor may stand behind all that is left: what is appended now has to come after it.
      long next = 0;
      for (Cursor cursor : cursors.values()) {
        next = Math.max(next, cursor.position(i));
      }
      int length = limits.segmentLength();
      next = (next + length - 1) / length * length;
      Segment first = Segment.none(i, length, own.isEmpty() ? next : own.get(0).basePosition());
      Segment last = first;
      for (Segment segment : own) {
        last.follow(segment);
        last = segment;
      }
      if (!own.isEmpty() && last.endPosition() < next) {
        last.follow(Segment.none(i, length, next));
      }
      chains.add(first);
    }
    return chains;
  }
}
