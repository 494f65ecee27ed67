package io.agentlog.agent.sink.file;

import io.agentlog.config.Config;
import io.agentlog.config.Options;
import io.agentlog.config.SinkChoice;
import io.agentlog.event.Event;
import io.agentlog.json.EventJsonWriter;
import io.agentlog.log.AgentLog;
import io.agentlog.sink.BatchLimits;
import io.agentlog.sink.EventRefusedException;
import io.agentlog.sink.Fingerprint;
import io.agentlog.sink.Sink;
import io.agentlog.sink.SinkUnavailableException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Writes events as JSON Lines, in the JSON of {@link EventJsonWriter}, to {@code
 * DIR/SERVICE/events/events-20261122T213000Z-INSTANCE-0001.jsonl}.
 *
 * <p>Closes a file and begins the next at {@link Options#FILE_MAX_SIZE}. Removes closed files after
 * {@link Options#FILE_MAX_AGE}, and the oldest of them sooner if all are over {@link
 * #TOTAL_MAX_BYTES}. A batch is forced to the disk when {@link #write} returns, so it survives the
 * loss of power. Belongs to one thread.
 */
public final class FileSink implements Sink {
  /**
   * Most bytes that the files of a service may take, or twice {@link Options#FILE_MAX_SIZE} if that
   * is more.
   */
  static final long TOTAL_MAX_BYTES = 1L << 30;

  /** Gathers events for one force to the disk, whose cost hardly depends on their number. */
  private static final BatchLimits LIMITS =
      new BatchLimits(
          BatchLimits.PROMPT.eventsMax(), BatchLimits.PROMPT.bytesMax(), Duration.ofMillis(200));

  /** Longest age, so that an {@link Instant} can express its end. */
  private static final Duration AGE_MAX = Duration.ofDays(36_500);

  private static final Duration AGE_MIN = Duration.ofMinutes(1);
  private static final Duration CLEAN_INTERVAL = Duration.ofHours(1);

  private final EventDirectory directory;
  private final long sizeMaxBytes;
  private final Duration ageMax;
  private final Clock clock;

  private @Nullable EventFile file;
  private Instant cleanAt = Instant.MIN;

  /**
   * Keeps the settings; does nothing else.
   *
   * @param serviceDirectory {@code DIR/SERVICE}; made when needed
   * @param instanceId of this JVM; the names of its files hold the end of the ID
   */
  public FileSink(Config config, Path serviceDirectory, UUID instanceId) {
    this(
        serviceDirectory,
        instanceId,
        config.get(Options.FILE_MAX_SIZE),
        within(config.get(Options.FILE_MAX_AGE)),
        Math.max(TOTAL_MAX_BYTES, 2 * Math.min(config.get(Options.FILE_MAX_SIZE), 1L << 60)),
        Clock.systemUTC());
  }

  FileSink(
      Path serviceDirectory,
      UUID instanceId,
      long sizeMaxBytes,
      Duration ageMax,
      long totalMaxBytes,
      Clock clock) {
    this.directory =
        new EventDirectory(
            serviceDirectory.resolve("events"), instanceId, ageMax, totalMaxBytes, clock);
    this.sizeMaxBytes = sizeMaxBytes;
    this.ageMax = ageMax;
    this.clock = clock;
  }

  @Override
  public String name() {
    return SinkChoice.FILE;
  }

  @Override
  public BatchLimits batchLimits() {
    return LIMITS;
  }

  @Override
  public String target() {
    return directory.path().toString();
  }

  @Override
  public String fingerprint() {
    return Fingerprint.of("file", directory.path().toAbsolutePath().normalize().toString());
  }

  /** Number of closed files removed before their time because the total was over its limit. */
  public long removedEarlyCount() {
    return directory.removedEarlyCount();
  }

  @Override
  public void write(List<Event> events) throws SinkUnavailableException, EventRefusedException {
    byte[] lines = lines(events);
    try {
      fileFor(lines.length).append(lines);
    } catch (IOException | RuntimeException e) { // Some file systems throw the latter.
      throw new SinkUnavailableException(
          "can't write to %s (%s): free disk space, give the right to write, or set agentlog.dir to another folder"
              .formatted(directory.path(), reason(e)),
          e);
    }
    if (!clock.instant().isBefore(cleanAt)) {
      clean();
    }
  }

  @Override
  public void close() {
    if (file != null) {
      file.close();
      file = null;
    }
  }

  private static Duration within(Duration age) {
    Duration atLeast = age.compareTo(AGE_MIN) < 0 ? AGE_MIN : age;
    return atLeast.compareTo(AGE_MAX) > 0 ? AGE_MAX : atLeast;
  }

  private static byte[] lines(List<Event> events) throws EventRefusedException {
    ByteArrayOutputStream lines = new ByteArrayOutputStream(events.size() * 512);
    for (Event event : events) {
      try {
        lines.writeBytes(EventJsonWriter.write(event));
      } catch (UncheckedIOException e) {
        throw new EventRefusedException("Serialization", "the event has no JSON in UTF-8", e);
      }
      lines.write('\n');
    }
    return lines.toByteArray();
  }

  /** Returns the open file, or begins the next one if it is full, too old or missing. */
  private EventFile fileFor(int addedBytes) throws IOException {
    EventFile open = file;
    if (open != null
        && open.isThere()
        && (open.lengthBytes() == 0 || open.lengthBytes() + addedBytes <= sizeMaxBytes)
        && clock.instant().isBefore(open.begunAt().plus(ageMax))) {
      return open;
    }
    close();
    open = directory.newFile();
    file = open;
    clean();
    return open;
  }

  private void clean() {
    cleanAt = clock.instant().plus(CLEAN_INTERVAL);
    directory.removeOld();
  }

  /** Returns the system's reason, without the path, which the message names already. */
  private static String reason(Exception e) {
    return e instanceof FileSystemException failure && failure.getReason() != null
        ? String.valueOf(failure.getReason())
        : AgentLog.describe(e);
  }
}
