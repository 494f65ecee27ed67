package io.agentlog.agent.imports;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * Sorts any number of lines with bounded memory. Each time the lines exceed {@link #RUN_BYTES_MAX},
 * they are written, sorted, to a file in the temporary directory; the runs in the file are merged
 * at the end. The file has mode 0600, because prompts are in it. On Unix it has no name once it is
 * open, so that it does not outlive the process. Not thread-safe.
 */
final class LineSorter implements AutoCloseable {
  /** Bytes of lines that are sorted in memory at once. */
  static final long RUN_BYTES_MAX = 16L << 20;

  /** Bytes read ahead from each run while runs are merged. */
  private static final int READ_AHEAD_BYTES = 16 << 10;

  private final Path temporaryDirectory;
  private final long runBytesMax;
  private final List<SpooledLine> run = new ArrayList<>();
  private final List<Extent> extents = new ArrayList<>();
  private long runBytes;
  private @Nullable FileChannel file;

  /** The offsets of a run in the file. */
  private record Extent(long begin, long end) {}

  /** Takes the sorted lines. */
  interface Visitor<E extends Exception> {
    void line(SpooledLine line) throws E;
  }

  LineSorter(Path temporaryDirectory, long runBytesMax) {
    this.temporaryDirectory = temporaryDirectory;
    this.runBytesMax = runBytesMax;
  }

  void add(SpooledLine line) throws IOException {
    run.add(line);
    runBytes += line.sizeBytes();
    if (runBytes >= runBytesMax) {
      spill();
    }
  }

  /** Hands all lines to the visitor in order. Called once, after the last {@link #add}. */
  <E extends Exception> void forEach(Visitor<E> visitor) throws IOException, E {
    if (extents.isEmpty()) {
      run.sort(SpooledLine.ORDER);
      for (SpooledLine line : run) {
        visitor.line(line);
      }
      return;
    }
    if (!run.isEmpty()) {
      spill();
    }
    PriorityQueue<Run> runs =
        new PriorityQueue<>(Comparator.comparing(Run::head, SpooledLine.ORDER));
    FileChannel open = opened();
    for (Extent extent : extents) {
      runs.add(new Run(open, extent));
    }
    for (Run next = runs.poll(); next != null; next = runs.poll()) {
      visitor.line(next.head());
      if (next.advance()) {
        runs.add(next);
      }
    }
  }

  @Override
  public void close() throws IOException {
    if (file != null) {
      file.close();
      file = null;
    }
  }

  private void spill() throws IOException {
    run.sort(SpooledLine.ORDER);
    FileChannel open = opened();
    long begin = open.position();
    DataOutputStream out =
        new DataOutputStream(new BufferedOutputStream(Channels.newOutputStream(open), 1 << 16));
    for (SpooledLine line : run) {
      line.writeTo(out);
    }
    out.flush();
    extents.add(new Extent(begin, open.position()));
    run.clear();
    runBytes = 0;
  }

  private FileChannel opened() throws IOException {
    FileChannel open = file;
    if (open == null) {
      Path path = Files.createTempFile(temporaryDirectory, "agentlog-import-", ".tmp"); // 0600.
      open =
          FileChannel.open(
              path,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE,
              StandardOpenOption.DELETE_ON_CLOSE);
      file = open;
    }
    return open;
  }

  /** A sorted part of the file, read from its beginning. */
  private static final class Run {
    private final DataInputStream in;
    private final ExtentStream extent;
    private SpooledLine head;

    Run(FileChannel channel, Extent extent) throws IOException {
      this.extent = new ExtentStream(channel, extent);
      in = new DataInputStream(new BufferedInputStream(this.extent, READ_AHEAD_BYTES));
      head = SpooledLine.readFrom(in); // No run is empty.
    }

    SpooledLine head() {
      return head;
    }

    boolean advance() throws IOException {
      if (extent.isAtEnd() && in.available() == 0) {
        return false;
      }
      head = SpooledLine.readFrom(in);
      return true;
    }
  }

  private static final class ExtentStream extends InputStream {
    private final FileChannel channel;
    private final long end;
    private long position;

    ExtentStream(FileChannel channel, Extent extent) {
      this.channel = channel;
      this.position = extent.begin();
      this.end = extent.end();
    }

    boolean isAtEnd() {
      return position >= end;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      if (isAtEnd()) {
        return -1;
      }
      int count =
          channel.read(
              ByteBuffer.wrap(bytes, offset, (int) Math.min(length, end - position)), position);
      position += Math.max(count, 0);
      return count;
    }
  }
}
