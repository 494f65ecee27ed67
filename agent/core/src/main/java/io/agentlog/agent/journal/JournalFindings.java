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
 * What readers find that was not to be expected. Counts it, says it once, and keeps a copy of what
 * is damaged. Thread-safe; each finding counts once, however many readers meet it.
 */
public final class JournalFindings {
  /** Copies kept of damaged ranges; later ones are counted alone. */
  static final int QUARANTINED_MAX = 100;

  /** Longest copy in bytes: of a longer range its beginning. */
  static final int COPY_LENGTH_MAX = 256 * 1024;

  /** Ranges that are told apart; beyond it one counts for each reader that meets it. */
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
    if (known.size() >= KNOWN_MAX || !known.add(name)) {
      damagedRanges.addAndGet(known.contains(name) ? 0 : 1);
      return;
    }
    damagedRanges.incrementAndGet();
    int count = quarantined.incrementAndGet();
    if (count > QUARANTINED_MAX) {
      if (count == QUARANTINED_MAX + 1) {
        report.accept(
            segment.fileName()
                + " and others are damaged further: that is counted, without a copy");
      }
      return;
    }
    String kept = quarantine(QUARANTINE_PREFIX + name, bytes);
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

  /** Gives a file that can't be read as ours a name under which nobody takes it for one. */
  void setAside(String fileName, String why) throws IOException {
    damagedRanges.incrementAndGet();
    storage.rename(fileName, QUARANTINE_PREFIX + fileName);
    report.accept(fileName + " " + why + "; it is kept as " + QUARANTINE_PREFIX + fileName);
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
    int length = bytes.length;
    while (length > 1 && bytes[length - 1] == 0) {
      length--; // Up to the end of the segment there may be nothing else.
    }
    try (StorageFile file = storage.create(name)) {
      file.write(bytes, 0, length, 0);
      return "a copy is in " + name;
    } catch (FileAlreadyExistsException e) {
      return "a copy has been in " + name + " since it was found first";
    } catch (IOException e) {
      return "no copy could be kept (" + e + ")";
    }
  }
}
