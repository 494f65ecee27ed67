package io.agentlog.agent.imports;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;

/** Reads a file line by line, whatever its size; holds one line at most. Stateless. */
final class LineReader {
  /** Most bytes of a line: ten times the longest record of the agent as JSON. */
  static final int LINE_BYTES_MAX = 16 << 20;

  private static final int CHUNK_BYTES = 1 << 16;

  /** Takes the lines of a file. */
  interface Visitor {
    /**
     * Takes a line, without its line feed.
     *
     * @param number from 1
     * @param isEnded false for the last line of a file that does not end with a line feed
     */
    void line(long number, byte[] line, boolean isEnded) throws IOException;

    /** Called for a line over {@link #LINE_BYTES_MAX}, which is not handed on. */
    void tooLong(long number) throws IOException;
  }

  private LineReader() {}

  /**
   * Hands all lines that are not blank to the visitor.
   *
   * @return count of lines that are not blank
   * @throws IOException if the file can't be read, or is a link
   */
  static long forEach(Path file, Visitor visitor) throws IOException {
    ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES);
    Line line = new Line(visitor);
    try (SeekableByteChannel channel =
        Files.newByteChannel(file, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS))) {
      while (channel.read(chunk) >= 0) {
        byte[] bytes = chunk.array();
        int from = 0;
        for (int i = 0; i < chunk.position(); i++) {
          if (bytes[i] == '\n') {
            line.add(bytes, from, i - from);
            line.end(true);
            from = i + 1;
          }
        }
        line.add(bytes, from, chunk.position() - from);
        chunk.clear();
      }
    }
    line.end(false);
    return line.count;
  }

  private static final class Line {
    private final Visitor visitor;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private boolean isTooLong;
    private long number = 1;
    private long count;

    Line(Visitor visitor) {
      this.visitor = visitor;
    }

    void add(byte[] more, int offset, int length) {
      isTooLong |= length > LINE_BYTES_MAX - bytes.size();
      if (!isTooLong) {
        bytes.write(more, offset, length);
      }
    }

    void end(boolean isEnded) throws IOException {
      if (isTooLong) {
        count++;
        visitor.tooLong(number);
      } else {
        byte[] line = bytes.toByteArray();
        if (!isBlank(line)) {
          count++;
          visitor.line(number, line, isEnded);
        }
      }
      bytes.reset();
      isTooLong = false;
      number++;
    }

    private static boolean isBlank(byte[] line) {
      for (byte b : line) {
        if (b != ' ' && b != '\t' && b != '\r') {
          return false;
        }
      }
      return true;
    }
  }
}
