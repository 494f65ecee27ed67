package io.agentlog.agent.imports;

import io.agentlog.event.Event;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.UUID;

/**
 * A checked line with its sort keys: execution, then the place of its event in the execution, then
 * the line's place in its file.
 *
 * @param isOwn written by agentlog, not by the Python logger
 * @param major {@code seq} of an agentlog event, or the order of the {@link PythonLine.Kind}
 * @param minor negative length of an agentlog line, the same behind all others for a file's hash,
 *     or the time of a Python line
 * @param file path as shown to people
 * @param number of the line in it, from 1
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared by equals.
record SpooledLine(
    UUID executionId, boolean isOwn, int major, long minor, String file, long number, byte[] line) {
  /** Only equal lines compare as equal. */
  static final Comparator<SpooledLine> ORDER =
      Comparator.comparing(SpooledLine::executionId)
          .thenComparing(SpooledLine::isOwn)
          .thenComparingInt(SpooledLine::major)
          .thenComparingLong(SpooledLine::minor)
          .thenComparingLong(SpooledLine::number)
          .thenComparing(SpooledLine::line, Arrays::compare)
          .thenComparing(SpooledLine::file);

  /** Rough bytes of memory for the object and its place in a list, beside the line. */
  private static final int OVERHEAD_BYTES = 250;

  /** A file's hash has the {@code seq} of its operation, and comes behind it. */
  private static final long HASH_MINOR = 1L << 40;

  /** The same event may exist with and without its prompt: the longer line comes first. */
  static SpooledLine of(Event event, String file, long number, byte[] line) {
    long minor = (event instanceof Event.FileHash ? HASH_MINOR : 0) - line.length;
    return new SpooledLine(
        event.header().executionId(), true, event.header().seq(), minor, file, number, line);
  }

  static SpooledLine of(PythonLine parsed, String file, long number, byte[] line) {
    return new SpooledLine(
        parsed.execution().id(), false, parsed.kind().order(), parsed.micros(), file, number, line);
  }

  /** True if both lines have the same execution, kind and time, so that they may be equal. */
  boolean isBeside(SpooledLine other) {
    return executionId.equals(other.executionId)
        && isOwn == other.isOwn
        && major == other.major
        && minor == other.minor;
  }

  String place() {
    return file + ":" + number;
  }

  /** Rough bytes of memory that the line takes. */
  long sizeBytes() {
    return (long) line.length + OVERHEAD_BYTES;
  }

  void writeTo(DataOutputStream out) throws IOException {
    out.writeLong(executionId.getMostSignificantBits());
    out.writeLong(executionId.getLeastSignificantBits());
    out.writeBoolean(isOwn);
    out.writeInt(major);
    out.writeLong(minor);
    byte[] path = file.getBytes(java.nio.charset.StandardCharsets.UTF_8);
    out.writeInt(path.length);
    out.write(path);
    out.writeLong(number);
    out.writeInt(line.length);
    out.write(line);
  }

  static SpooledLine readFrom(DataInputStream in) throws IOException {
    UUID executionId = new UUID(in.readLong(), in.readLong());
    boolean isOwn = in.readBoolean();
    int major = in.readInt();
    long minor = in.readLong();
    String file = new String(bytes(in), java.nio.charset.StandardCharsets.UTF_8);
    return new SpooledLine(executionId, isOwn, major, minor, file, in.readLong(), bytes(in));
  }

  private static byte[] bytes(DataInputStream in) throws IOException {
    byte[] bytes = new byte[in.readInt()];
    in.readFully(bytes);
    return bytes;
  }
}
