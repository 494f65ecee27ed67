package io.agentlog.agent.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * What readers find that was not to be expected. Counts it, says it once, and keeps a copy of what
 * is damaged. Thread-safe; each finding counts once, however many readers meet it.
 */
public final class JournalFindings {
  /** Copies kept of damaged ranges; later ones are counted alone. */
  static final int QUARANTINED_MAX = 100;

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

  /** Claims that a dead JVM never completed: those calls had not gone on. By reader, so at most. */
  public long holeCount() {
    return holes.get();
  }

  /** Ranges that are not what was written there. */
  public long damagedCount() {
    return damagedRanges.get();
  }

  /** Events that a dead JVM dropped, as it noted itself. */
  public long droppedBefore() {
    return droppedBefore.get();
  }

  /** Segments whose file was gone before all had read it. */
  public long lostSegmentCount() {
    return lostSegments.get();
  }

  /** All that is not zero, by name. */
  public Map<String, Long> counts() {
    Map<String, Long> counts = new LinkedHashMap<>();
    counts.put("holes", holeCount());
    counts.put("damaged", damagedCount());
    counts.put("dropped before", droppedBefore());
    counts.put("segments lost", lostSegmentCount());
    counts.values().removeIf(count -> count == 0);
    return counts;
  }

  /** Writes what {@link #gap} reads. */
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
          segment.fileName()
              + " is cut off at byte "
              + offset
              + " of "
              + segment.recordsEnd()
              + ": records before it were read, the rest is gone. Somebody truncated the file");
    }
  }

  void damaged(Segment segment, int from, int to, byte[] bytes) {
    String name = segment.fileName() + "-" + from;
    if (!known.add(name)) {
      return;
    }
    damagedRanges.incrementAndGet();
    String kept = "no copy is kept, there are " + QUARANTINED_MAX + " already";
    if (quarantined.incrementAndGet() <= QUARANTINED_MAX) {
      kept = quarantine(QUARANTINE_PREFIX + name, bytes);
    }
    report.accept(
        segment.fileName()
            + " is damaged from byte "
            + from
            + " to "
            + to
            + ": what stood there is not delivered, all else is; "
            + kept
            + ". See docs/operations.md#damaged-segment");
  }

  void lost(Segment segment) {
    if (known.add(segment.fileName() + " lost")) {
      lostSegments.incrementAndGet();
      report.accept(
          segment.fileName()
              + " is gone although not all of it was delivered: somebody removed it");
    }
  }

  private String quarantine(String name, byte[] bytes) {
    try (StorageFile file = storage.create(name)) {
      file.write(bytes, 0, bytes.length, 0);
      return "a copy is in " + name;
    } catch (IOException e) {
      return "no copy could be kept (" + e + ")";
    }
  }
}
