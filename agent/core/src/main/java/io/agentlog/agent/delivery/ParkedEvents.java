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
 * Events that a sink will never take, a {@link ParkedLine} each in {@code DIR/parked/SINK.jsonl}.
 * An event may stand there twice, when a write failed half-way; {@code execution_id} and {@code
 * seq} tell. {@link ParkedRetry} offers them once more.
 *
 * <p>On disk when {@link #park} returns. Not thread-safe: one thread of one sink; other sinks and
 * JVMs write to the same file.
 */
public final class ParkedEvents {
  /** A file that grows beyond this is not written to: somebody has to look. */
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

  /** The file, which need not exist. */
  public Path file() {
    return files.parked();
  }

  /**
   * Appends refused events, all or an exception.
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
            file()
                + " is larger than "
                + fileBytesMax
                + " bytes: run java -jar agentlog.jar drain --parked, or remove it");
      }
      if (torn && channel.size() > 0) {
        lines.insert(0, '\n'); // A blank line at worst; a reader skips it.
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

  /** An event whose JSON can't be made must not hold up the others: its identity is kept. */
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
