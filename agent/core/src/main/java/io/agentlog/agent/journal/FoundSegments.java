package io.agentlog.agent.journal;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Segments and cursors in a directory when a journal is opened. Half-made files, and segments that
 * no stripe had taken, are removed. Foreign and unreadable files are set aside. If any file is of
 * another version, no file is changed.
 *
 * @param chains first segment of each stripe
 * @param cursors cursors by name of their sink
 */
record FoundSegments(List<Segment> chains, Map<String, Cursor> cursors) {
  private static final Pattern NUMBER =
      Pattern.compile("([0-9]{1,18})\\" + SegmentNames.SUFFIX + ".*");

  /**
   * Reads the directory and tidies up.
   *
   * @throws JournalVersionException if another version wrote one of the files
   */
  static FoundSegments in(
      JournalStorage storage,
      UUID instanceId,
      JournalLimits limits,
      SegmentStore store,
      JournalFindings findings)
      throws IOException {
    List<String> names = storage.names();
    List<FoundFile> files = new ArrayList<>();
    for (String name : names) {
      if (name.endsWith(SegmentNames.SUFFIX)
          && !name.startsWith(JournalFindings.QUARANTINE_PREFIX)) {
        files.add(FoundFile.inspect(storage, name, instanceId));
      }
    }
    // Every version is checked, so from here on files may be changed.
    for (String name : names) {
      Matcher number = NUMBER.matcher(name);
      if (number.matches()) {
        store.reserveNumber(Long.parseLong(number.group(1)));
      }
      if (name.endsWith(SegmentNames.TEMPORARY_SUFFIX)) {
        storage.delete(name);
      }
    }
    for (FoundFile file : files) {
      if (file.empty()) {
        storage.delete(file.name());
      } else if (file.problem() != null) {
        findings.setAside(file.name(), file.problem());
      }
    }
    List<Segment> segments = segments(storage, files, findings);
    segments.forEach(segment -> store.addFound(segment.number()));
    Map<String, Cursor> cursors = cursors(storage, names, segments);
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

  /** Returns the usable segments, sorted by stripe and position. */
  private static List<Segment> segments(
      JournalStorage storage, List<FoundFile> files, JournalFindings findings) throws IOException {
    List<Segment> segments = new ArrayList<>();
    List<FoundFile> usable =
        files.stream()
            .filter(FoundFile::isUsable)
            .sorted(
                Comparator.comparing((FoundFile f) -> !f.hasOwnName())
                    .thenComparing(FoundFile::name))
            .toList();
    Set<Long> numbers = new HashSet<>();
    for (FoundFile file : usable) { // A file with its own name comes before a copy.
      SegmentHeader header = requireNonNull(file.header());
      if (numbers.add(header.number())) {
        segments.add(Segment.found(header, file.name()));
      } else {
        findings.setAside(file.name(), "is a copy of " + SegmentNames.of(header.number()));
      }
    }
    segments.sort(
        Comparator.comparingInt(Segment::stripe).thenComparingLong(Segment::basePosition));
    removeTwins(storage, segments, findings);
    return segments;
  }

  /**
   * Removes one of two segments that are assigned to the same place. A thread assigned it, but lost
   * the race to link it; then power was lost before a later assignment reached the disk. That
   * segment has no record with a stamp of this place.
   */
  private static void removeTwins(
      JournalStorage storage, List<Segment> segments, JournalFindings findings) throws IOException {
    for (int i = segments.size() - 1; i > 0; i--) {
      Segment a = segments.get(i - 1);
      Segment b = segments.get(i);
      if (a.stripe() == b.stripe() && a.basePosition() == b.basePosition()) {
        Segment unused = hasRecord(storage, b) ? a : b;
        Segment other = unused == a ? b : a;
        if (FoundFile.isEmpty(storage, unused.fileName())) {
          storage.delete(unused.fileName());
        } else if (FoundFile.isEmpty(storage, other.fileName())) {
          storage.delete(other.fileName());
          unused = other;
        } else {
          findings.setAside(unused.fileName(), "stands at the place of " + other.fileName());
        }
        segments.remove(unused);
      }
    }
  }

  private static boolean hasRecord(JournalStorage storage, Segment segment) throws IOException {
    try (SegmentWindow window = new SegmentWindow(storage, segment.recordsEnd())) {
      window.open(segment);
      return window.scan(SegmentHeader.LENGTH, segment.recordsEnd()) >= 0;
    }
  }

  private static Map<String, Cursor> cursors(
      JournalStorage storage, List<String> names, List<Segment> segments) throws IOException {
    long[] oldest = new long[JournalLimits.STRIPE_COUNT_MAX];
    for (int i = segments.size() - 1; i >= 0; i--) {
      oldest[segments.get(i).stripe()] = segments.get(i).basePosition();
    }
    Map<String, Cursor> cursors = new HashMap<>();
    boolean done = false;
    try {
      for (String name : names) {
        if (name.startsWith(Cursor.FILE_PREFIX)) {
          String sink = name.substring(Cursor.FILE_PREFIX.length());
          cursors.put(sink, Cursor.open(storage, sink, oldest));
        }
      }
      done = true;
      return cursors;
    } finally {
      if (!done) {
        cursors.values().forEach(Cursor::close);
      }
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
      // A cursor may be behind the last segment; new records must follow that cursor.
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
