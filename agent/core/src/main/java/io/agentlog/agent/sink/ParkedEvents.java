package io.agentlog.agent.sink;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.agentlog.agent.event.Event;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * Events that a sink will never take, one JSON object a line in {@code DIR/parked/SINK.jsonl}:
 * {@code time}, {@code reason}, {@code message} and {@code event}. An event may stand there twice,
 * when a write failed half-way; {@code execution_id} and {@code seq} tell.
 *
 * <p>Directory 0700, file 0600 where the file system knows such rights; neither is ever followed
 * through a symbolic link. On disk when {@link #park} returns. Not thread-safe: one thread of one
 * sink.
 */
public final class ParkedEvents {
  /** A file that grows beyond this is not written to: somebody has to look. */
  static final long FILE_BYTES_MAX = 256L << 20;

  private static final Set<PosixFilePermission> DIRECTORY_RIGHTS =
      PosixFilePermissions.fromString("rwx------");
  private static final Set<PosixFilePermission> FILE_RIGHTS =
      PosixFilePermissions.fromString("rw-------");

  private final JsonFactory json = new JsonFactory();
  private final Path base;
  private final Path directory;
  private final Path file;
  private final Function<Event, String> eventJson;
  private final InstantSource clock;
  private final long fileBytesMax;

  /** True if the file may end in the middle of a line. */
  private boolean torn = true;

  /**
   * Does no I/O.
   *
   * @param base under which {@code parked} stands; created when missing
   * @param eventJson writes an event as one JSON object
   */
  public ParkedEvents(
      Path base, String sinkName, Function<Event, String> eventJson, InstantSource clock) {
    this(base, sinkName, eventJson, clock, FILE_BYTES_MAX);
  }

  ParkedEvents(
      Path base,
      String sinkName,
      Function<Event, String> eventJson,
      InstantSource clock,
      long fileBytesMax) {
    this.base = base;
    this.directory = base.resolve("parked");
    this.file = directory.resolve(sinkName + ".jsonl");
    this.eventJson = requireNonNull(eventJson, "eventJson");
    this.clock = requireNonNull(clock, "clock");
    this.fileBytesMax = fileBytesMax;
  }

  /** The file, which need not exist. */
  public Path file() {
    return file;
  }

  /**
   * Appends refused events, all or an exception.
   *
   * @throws IOException if any of them may not be on disk
   */
  void park(List<Refusal> refusals) throws IOException {
    StringBuilder lines = new StringBuilder();
    for (Refusal refusal : refusals) {
      lines.append(line(refusal)).append('\n');
    }
    boolean posix = base.getFileSystem().supportedFileAttributeViews().contains("posix");
    prepareDirectory(posix);
    write(lines, posix);
  }

  private void write(StringBuilder lines, boolean posix) throws IOException {
    Set<OpenOption> options =
        Set.of(
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.APPEND,
            LinkOption.NOFOLLOW_LINKS);
    try (FileChannel channel = FileChannel.open(file, options, rights(posix, FILE_RIGHTS))) {
      if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
        throw new IOException(file + " is not a regular file");
      }
      restrict(file, posix, FILE_RIGHTS);
      if (channel.size() > fileBytesMax) {
        throw new IOException(
            file + " is larger than " + fileBytesMax + " bytes: deliver or remove it");
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

  private void prepareDirectory(boolean posix) throws IOException {
    Files.createDirectories(base, rights(posix, DIRECTORY_RIGHTS));
    try {
      Files.createDirectory(directory, rights(posix, DIRECTORY_RIGHTS));
    } catch (FileAlreadyExistsException e) {
      if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
        throw new IOException(directory + " is not a directory", e);
      }
    }
    restrict(directory, posix, DIRECTORY_RIGHTS);
  }

  /** What was there before may be readable by others. */
  private static void restrict(Path path, boolean posix, Set<PosixFilePermission> rights)
      throws IOException {
    if (posix
        && !rights.containsAll(Files.getPosixFilePermissions(path, LinkOption.NOFOLLOW_LINKS))) {
      Files.setPosixFilePermissions(path, rights);
    }
  }

  private static FileAttribute<?>[] rights(boolean posix, Set<PosixFilePermission> rights) {
    return posix
        ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(rights)}
        : new FileAttribute<?>[0];
  }

  private String line(Refusal refusal) throws IOException {
    Event event = refusal.item().event();
    StringWriter line = new StringWriter();
    try (JsonGenerator out = json.createGenerator(line)) {
      out.writeStartObject();
      out.writeStringField("time", Instant.ofEpochMilli(clock.millis()).toString());
      out.writeStringField("reason", refusal.reason());
      out.writeStringField("message", refusal.message());
      out.writeFieldName("event");
      out.writeRawValue(render(event));
      out.writeEndObject();
    }
    return line.toString();
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
