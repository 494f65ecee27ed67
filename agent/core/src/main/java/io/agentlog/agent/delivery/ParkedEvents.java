package io.agentlog.agent.delivery;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import io.agentlog.event.Event;
import io.agentlog.event.InstanceFacts;
import io.agentlog.json.EventJsonWriter;
import io.agentlog.sink.Sink;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Function;

/**
 * Appends events that a sink will never take to {@code DIR/parked/SINK.jsonl}, a {@link ParkedLine}
 * each. After a write that failed half-way an event may stand there twice; {@code execution_id} and
 * {@code seq} identify it. {@link ParkedRetry} offers the events once more.
 *
 * <p>Events are on disk when {@link #park} returns. Not thread-safe: belongs to one sink's thread;
 * other JVMs append to the same file.
 */
public final class ParkedEvents {
  /** Largest file that is still appended to; beyond it somebody has to look. */
  static final long FILE_BYTES_MAX = 256L << 20;

  private final ParkedFiles files;
  private final String target;
  private final InstanceFacts facts;
  private final Function<Event, String> eventJson;
  private final InstantSource clock;
  private final long fileBytesMax;

  /** True if the file may end in the middle of a line. */
  private boolean torn = true;

  /**
   * Does no I/O.
   *
   * @param base under which {@code parked} stands; created when missing
   * @param facts of the JVM whose events they are
   */
  public ParkedEvents(Path base, Sink sink, InstanceFacts facts) {
    this(
        base,
        sink,
        facts,
        event -> new String(EventJsonWriter.write(event), UTF_8),
        InstantSource.system(),
        FILE_BYTES_MAX);
  }

  ParkedEvents(
      Path base,
      Sink sink,
      InstanceFacts facts,
      Function<Event, String> eventJson,
      InstantSource clock,
      long fileBytesMax) {
    this.files = new ParkedFiles(base, sink.name());
    this.target = sink.fingerprint();
    this.facts = facts;
    this.eventJson = requireNonNull(eventJson, "eventJson");
    this.clock = requireNonNull(clock, "clock");
    this.fileBytesMax = fileBytesMax;
  }

  /** Returns the file, which need not exist. */
  public Path file() {
    return files.parked();
  }

  /**
   * Appends refused events: all of them, or it throws.
   *
   * @throws IOException if any of them may not be on disk
   */
  void park(List<Refusal> refusals) throws IOException {
    StringBuilder lines = new StringBuilder();
    String time = Instant.ofEpochMilli(clock.millis()).toString();
    for (Refusal refusal : refusals) {
      String json = render(refusal.item().event());
      lines.append(ParkedLine.write(time, refusal, json, target, facts)).append('\n');
    }
    files.prepareDirectory();
    files.locked(() -> append(lines));
  }

  private void append(StringBuilder lines) throws IOException {
    try (FileChannel channel =
        files.open(
            file(),
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.APPEND)) {
      if (channel.size() > fileBytesMax) {
        throw new IOException(
            "%s is larger than %s bytes: run java -jar agentlog.jar drain --parked, or remove it"
                .formatted(file(), fileBytesMax));
      }
      if (torn && channel.size() > 0) {
        lines.insert(0, '\n'); // At worst a blank line, which readers skip.
      }
      torn = true;
      ByteBuffer bytes = ByteBuffer.wrap(lines.toString().getBytes(UTF_8));
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
      torn = false;
    }
  }

  /**
   * Returns the event's JSON, or only its identity if that fails, so that it never holds up the
   * others.
   */
  private String render(Event event) {
    try {
      return eventJson.apply(event);
    } catch (RuntimeException e) {
      return "{\"execution_id\":\""
          + event.header().executionId()
          + "\",\"seq\":"
          + event.header().seq()
          + ",\"event_type\":\""
          + event.type().wireName()
          + "\"}";
    }
  }
}
