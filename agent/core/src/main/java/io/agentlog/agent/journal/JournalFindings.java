package io.agentlog.agent.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.FileAlreadyExistsException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * Damage, gaps and missing files that readers find. Counts and reports each finding once, however
 * many readers meet it, and keeps copies of damaged ranges. Thread-safe.
 */
public final class JournalFindings {
  /** Maximum number of copies of damaged ranges; later ranges are only counted. */
  static final int QUARANTINED_MAX = 100;

  /** Longest copy in bytes; only the beginning of a longer range is copied. */
  static final int COPY_LENGTH_MAX = 256 * 1024;

  /** Number of remembered findings; later ranges count once for each reader that meets them. */
  private static final int KNOWN_MAX = 10_000;

  static final String QUARANTINE_PREFIX = "damaged-";

  private static final int GAP_LENGTH = 24;

  private final JournalStorage storage;
  private final Consumer<String> report;
  private final Set<String> known = ConcurrentHashMap.newKeySet();
  private final AtomicLong holes = new AtomicLong();
  private final AtomicLong damagedRanges = new AtomicLong();
  private final AtomicLong droppedBefore = new AtomicLong();
  private final AtomicLong lostSegments = new AtomicLong();
  private final AtomicInteger quarantined = new AtomicInteger();

  JournalFindings(JournalStorage storage, Consumer<String> report) {
    this.storage = storage;
    this.report = report;
  }

  /**
   * Claims that a dead JVM never completed, so their calls had not continued; counted per reader.
   */
  public long holeCount() {
    return holes.get();
  }

  /** Number of damaged ranges, cut segments, and files set aside. */
  public long damagedCount() {
    return damagedRanges.get();
  }

  /** Number of events that a dead JVM dropped, from its gap records. */
  public long droppedBefore() {
    return droppedBefore.get();
  }

  /** Number of segments whose file was removed before every reader had read it. */
  public long lostSegmentCount() {
    return lostSegments.get();
  }

  /** All counts except zeros, by name. */
  public Map<String, Long> counts() {
    Map<String, Long> counts = new LinkedHashMap<>();
    counts.put("holes", holeCount());
    counts.put("damaged", damagedCount());
    counts.put("dropped before", droppedBefore());
    counts.put("segments lost", lostSegmentCount());
    counts.values().removeIf(count -> count == 0);
    return counts;
  }

  /** Encodes the payload of a gap record, which {@link #gap} reads. */
  static byte[] gapPayload(long droppedCount, long fromMillis, long toMillis) {
    ByteBuffer payload = ByteBuffer.allocate(GAP_LENGTH).order(ByteOrder.LITTLE_ENDIAN);
    return payload.putLong(droppedCount).putLong(fromMillis).putLong(toMillis).array();
  }

  void hole() {
    holes.incrementAndGet();
  }

  void gap(byte[] payload) {
    if (payload.length == GAP_LENGTH) {
      droppedBefore.addAndGet(ByteBuffer.wrap(payload).order(ByteOrder.LITTLE_ENDIAN).getLong());
    }
  }

  void cut(Segment segment, int offset) {
    if (known.add(segment.fileName())) {
      damagedRanges.incrementAndGet();
      report.accept(
          ("%s is cut off at byte %s of %s, because somebody truncated the file. Events before the"
                  + " cut are delivered, later ones in this file are lost")
              .formatted(segment.fileName(), offset, segment.recordsEnd()));
    }
  }

  void damaged(Segment segment, int from, int to, byte[] bytes) {
    String name = segment.fileName() + "-" + from;
    if (known.size() >= KNOWN_MAX || !known.add(name)) {
      damagedRanges.addAndGet(known.contains(name) ? 0 : 1);
      return;
    }
    damagedRanges.incrementAndGet();
    int count = quarantined.incrementAndGet();
    if (count > QUARANTINED_MAX) {
      if (count == QUARANTINED_MAX + 1) {
        report.accept(
            "%s is damaged, too. After %s copies, further damage is only counted"
                .formatted(segment.fileName(), QUARANTINED_MAX));
      }
      return;
    }
    String kept = quarantine(QUARANTINE_PREFIX + name, bytes);
    report.accept(
        ("%s is damaged from byte %s to %s. Events in this range are not delivered, all others are;"
                + " %s. See docs/operations.md#damaged-segment")
            .formatted(segment.fileName(), from, to, kept));
  }

  /** Renames an unusable file, so that no journal takes it for a segment. */
  void setAside(String fileName, String why) throws IOException {
    damagedRanges.incrementAndGet();
    storage.rename(fileName, QUARANTINE_PREFIX + fileName);
    report.accept(
        "%s %s, so it is not read. It is kept as %s%s"
            .formatted(fileName, why, QUARANTINE_PREFIX, fileName));
  }

  void lost(Segment segment) {
    if (known.add(segment.fileName() + " lost")) {
      lostSegments.incrementAndGet();
      report.accept(
          segment.fileName()
              + " is gone although not all of it was delivered, because somebody removed the file."
              + " Its remaining events are lost");
    }
  }

  private String quarantine(String name, byte[] bytes) {
    int length = bytes.length;
    while (length > 1 && bytes[length - 1] == 0) {
      length--; // Trailing zeros may be the unused rest of the segment.
    }
    try (StorageFile file = storage.create(name)) {
      file.write(bytes, 0, length, 0);
      return "a copy is in " + name;
    } catch (FileAlreadyExistsException e) {
      return "a copy was kept earlier in " + name;
    } catch (IOException e) {
      return "no copy could be kept (" + e + ")";
    }
  }
}
