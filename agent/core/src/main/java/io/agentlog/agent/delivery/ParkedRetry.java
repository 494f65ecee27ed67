package io.agentlog.agent.delivery;

import io.agentlog.event.Event;
import io.agentlog.log.AgentLog;
import io.agentlog.sink.BatchLimits;
import io.agentlog.sink.EventRefusedException;
import io.agentlog.sink.Sink;
import io.agentlog.sink.SinkUnavailableException;
import io.agentlog.sink.SinkUnavailableException.Suspect;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.SortedSet;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Offers a sink the events that were parked for it once more.
 *
 * <p>Moves the parked events to another file first, because JVMs of the service may go on parking.
 * Delivered events are removed, other events return to the file of parked events, and unreadable
 * lines go to a file of their own. The next run takes up the file that an interrupted run left; it
 * delivers some events again, which changes nothing.
 *
 * <p>Not thread-safe. If several run at once for one sink, all but one report that and do nothing.
 */
public final class ParkedRetry {
  /** Refusals in a row for one reason after which the run ends, because the cause is not fixed. */
  static final int REFUSED_MAX = 100;

  private static final int BATCH_EVENTS_MAX = 500;
  private static final long BATCH_BYTES_MAX =
      BatchLimits.PROMPT.within(Runtime.getRuntime().maxMemory()).bytesMax();

  /** Longest line: a record and twice its JSON, each character an escape. */
  private static final int LINE_BYTES_MAX = 32 << 20;

  /**
   * Outcome of a run for the parked events.
   *
   * @param deliveredCount taken by the sink
   * @param leftCount parked as before
   * @param unreadableCount set aside in a file of their own
   * @param why reason why some are left; null if none is
   */
  public record Result(
      int deliveredCount, int leftCount, int unreadableCount, @Nullable String why) {
    static final Result NOTHING = new Result(0, 0, 0, null);

    /** Adds a later run, which was offered the events that this one had left. */
    private Result then(Result later) {
      return new Result(
          deliveredCount + later.deliveredCount,
          later.leftCount,
          unreadableCount + later.unreadableCount,
          later.why);
    }
  }

  private final Sink sink;
  private final boolean isMoved;
  private final ParkedFiles files;

  /**
   * Does no I/O.
   *
   * @param base under which {@code parked} stands
   * @param sink the caller's, who closes it
   */
  public ParkedRetry(Path base, Sink sink) {
    this(base, sink, false);
  }

  /** As the other constructor; {@code isMoved} offers events of another target too. */
  public ParkedRetry(Path base, Sink sink, boolean isMoved) {
    this.sink = sink;
    this.isMoved = isMoved;
    this.files = new ParkedFiles(base, sink.name());
  }

  /**
   * Returns the names of the sinks that events are parked for, in order.
   *
   * @param base under which {@code parked} stands; need not exist
   */
  public static SortedSet<String> sinkNames(Path base) {
    return ParkedFiles.sinkNames(base);
  }

  /**
   * Offers all parked events.
   *
   * @param stop asked between batches; once it is true, the rest stays parked
   * @throws IOException if the files can't be read or written; nothing is lost then
   */
  public Result run(BooleanSupplier stop) throws IOException {
    boolean cutShortBefore = ParkedFiles.isThere(files.retried());
    if (!files.moveToRetry()) {
      return Result.NOTHING;
    }
    Result result = retry(stop);
    boolean more = cutShortBefore && !ParkedFiles.isThere(files.retried()) && files.moveToRetry();
    return more ? result.then(retry(stop)) : result;
  }

  private Result retry(BooleanSupplier stop) throws IOException {
    try (FileChannel channel =
            files.open(files.retried(), StandardOpenOption.READ, StandardOpenOption.WRITE);
        FileLock lock = tryLock(channel)) {
      if (lock == null) {
        return new Result(0, 0, 0, files.retried() + " is in use: another drain is at work on it");
      }
      if (!ParkedFiles.isThere(files.retried())) {
        return Result.NOTHING; // The run that held the lock is done.
      }
      Attempt attempt = new Attempt(stop);
      forEachLine(channel, attempt::add);
      attempt.offerBatch();
      returnUndelivered(channel, attempt);
      Files.delete(files.retried());
      return attempt.result();
    }
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) { // Another thread of this JVM.
      return null;
    }
  }

  private void returnUndelivered(FileChannel channel, Attempt attempt) throws IOException {
    if (attempt.left.isEmpty() && attempt.unreadable.isEmpty()) {
      return;
    }
    files.locked(
        () -> {
          copy(channel, attempt.left, files.parked());
          copy(channel, attempt.unreadable, files.unreadable());
        });
  }

  private void copy(FileChannel source, BitSet lineNumbers, Path file) throws IOException {
    if (lineNumbers.isEmpty()) {
      return;
    }
    try (FileChannel out =
        files.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND)) {
      forEachLine(
          source,
          (number, line) -> {
            if (lineNumbers.get(number)) {
              ByteBuffer bytes = ByteBuffer.allocate(line.length + 1).put(line).put((byte) '\n');
              bytes.flip();
              while (bytes.hasRemaining()) {
                out.write(bytes);
              }
            }
          });
      out.force(true);
    }
  }

  private interface LineVisitor {
    void visit(int number, byte[] line) throws IOException;
  }

  /** Visits the lines that are not blank, numbered from 0. */
  private static void forEachLine(FileChannel channel, LineVisitor visitor) throws IOException {
    channel.position(0);
    InputStream in = new BufferedInputStream(Channels.newInputStream(channel), 1 << 16);
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    int number = 0;
    for (int next = in.read(); ; next = in.read()) {
      if (next != '\n' && next >= 0) {
        line.write(next);
        if (line.size() > LINE_BYTES_MAX) {
          throw new IOException(
              "line %s of the parked events is longer than %s MiB"
                  .formatted(number + 1, LINE_BYTES_MAX >> 20));
        }
        continue;
      }
      if (line.size() > 0) {
        visitor.visit(number++, line.toByteArray());
        line.reset();
      }
      if (next < 0) {
        return;
      }
    }
  }

  private record Item(int lineNumber, Event event) {}

  /** Ends the attempt early: the sink takes nothing more, or the time is over. */
  private static final class Stopped extends Exception {
    private static final long serialVersionUID = 1L;

    Stopped(String message) {
      super(message, null, false, false);
    }
  }

  /** One walk through the file. */
  private final class Attempt {
    final BitSet left = new BitSet();
    final BitSet unreadable = new BitSet();
    private final BooleanSupplier stop;
    private final List<Item> batch = new ArrayList<>();
    private long batchBytes;
    private int deliveredCount;
    private int refusedInARow;
    private @Nullable String refusedReason;
    private @Nullable String why;
    private boolean stopped;

    Attempt(BooleanSupplier stop) {
      this.stop = stop;
    }

    Result result() {
      return new Result(
          deliveredCount,
          left.cardinality(),
          unreadable.cardinality(),
          left.isEmpty() ? null : why);
    }

    void add(int lineNumber, byte[] line) {
      left.set(lineNumber); // Cleared once the sink has taken the event.
      if (stopped) {
        return;
      }
      try {
        ParkedLine parked = ParkedLine.parse(line);
        if (!isMoved && !sink.isSameTarget(parked.target())) {
          why = "parked by a sink whose target differs from the configured one";
          return;
        }
        batch.add(new Item(lineNumber, parked.event()));
        batchBytes += parked.length();
      } catch (IOException | RuntimeException e) { // A damaged record may trip any check.
        AgentLog.debug(sink.name(), "can't read a parked event: " + e.getClass().getName());
        left.clear(lineNumber);
        unreadable.set(lineNumber);
      }
      if (batch.size() >= BATCH_EVENTS_MAX || batchBytes >= BATCH_BYTES_MAX) {
        offerBatch();
      }
    }

    void offerBatch() {
      try {
        if (!stopped && !batch.isEmpty()) {
          offer(batch);
        }
      } catch (Stopped e) {
        stopped = true;
        why = e.getMessage();
      }
      batch.clear();
      batchBytes = 0;
    }

    private void offer(List<Item> items) throws Stopped {
      if (stop.getAsBoolean()) {
        throw new Stopped("the time ran out");
      }
      try {
        sink.write(items.stream().map(Item::event).toList());
      } catch (SinkUnavailableException e) {
        String message = String.valueOf(e.getMessage());
        if (e.suspect() == Suspect.BACKEND) {
          throw new Stopped(message);
        }
        halve(items, "fails alone", message);
        return;
      } catch (EventRefusedException e) {
        if (!e.refused().isEmpty()) {
          takeOthers(items, e);
          return;
        }
        halve(items, e.reason(), String.valueOf(e.getMessage()));
        return;
      }
      items.forEach(item -> left.clear(item.lineNumber()));
      deliveredCount += items.size();
      refusedInARow = 0;
    }

    /** Keeps the events that the sink names; it has taken the others. */
    private void takeOthers(List<Item> items, EventRefusedException e) {
      why = "still refused (" + e.reason() + "): " + e.getMessage();
      for (Item item : items) {
        if (e.refused().stream().noneMatch(event -> event == item.event())) {
          left.clear(item.lineNumber());
          deliveredCount++;
        }
      }
    }

    private void halve(List<Item> items, String reason, String message) throws Stopped {
      if (items.size() == 1) {
        refused(reason, message);
      } else {
        int middle = items.size() / 2;
        offer(items.subList(0, middle));
        offer(items.subList(middle, items.size()));
      }
    }

    private void refused(String reason, String message) throws Stopped {
      why = "still refused (" + reason + "): " + message;
      refusedInARow = reason.equals(refusedReason) ? refusedInARow + 1 : 1;
      refusedReason = reason;
      if (refusedInARow >= REFUSED_MAX) {
        throw new Stopped(why);
      }
    }
  }
}
