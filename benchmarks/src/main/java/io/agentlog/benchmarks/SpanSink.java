package io.agentlog.benchmarks;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.GZIPInputStream;

/**
 * Accepts every OTLP request over HTTP and counts its spans. After each request it appends the
 * count so far, eight bytes, to a file, so that the file grows while spans arrive. Prints its port.
 * Ends with its standard input, and so with the process that started it.
 */
final class SpanSink {
  /** The name of the file of counts, in the folder of the JVM that sends the spans. */
  static final String FILE_NAME = "spans";

  /** Numbers of the nested fields: resource spans, scope spans, spans. */
  private static final int[] PATH_TO_SPANS = {1, 2, 2};

  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int LENGTH_DELIMITED = 2;
  private static final int FIXED32 = 5;

  private final FileChannel counts;
  private long spans;

  private SpanSink(FileChannel counts) {
    this.counts = counts;
  }

  /** Takes the path of the file, which must not exist. */
  public static void main(String[] arguments) throws IOException {
    try (FileChannel counts =
        FileChannel.open(
            Path.of(arguments[0]), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      SpanSink sink = new SpanSink(counts);
      HttpServer server =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      server.createContext("/v1/traces", sink::accept); // Runs on the server's one thread.
      server.start();
      System.out.println(server.getAddress().getPort());
      while (System.in.read() >= 0) {
        // Input has no meaning; its end ends the sink.
      }
      server.stop(0);
    }
  }

  /** Spans accepted so far, read from the file. */
  static long spansIn(Path counts) throws IOException {
    try (FileChannel file = FileChannel.open(counts, StandardOpenOption.READ)) {
      long whole = file.size() / Long.BYTES;
      if (whole == 0) {
        return 0;
      }
      ByteBuffer last = ByteBuffer.allocate(Long.BYTES);
      int read = file.read(last, (whole - 1) * Long.BYTES);
      return read == Long.BYTES ? last.getLong(0) : 0;
    }
  }

  private void accept(HttpExchange exchange) throws IOException {
    boolean zipped = "gzip".equals(exchange.getRequestHeaders().getFirst("Content-Encoding"));
    byte[] body;
    try (InputStream in = exchange.getRequestBody()) {
      body = (zipped ? new GZIPInputStream(in) : in).readAllBytes();
    }
    spans += count(ByteBuffer.wrap(body), 0);
    counts.write(ByteBuffer.allocate(Long.BYTES).putLong(0, spans));
    exchange.getResponseHeaders().add("Content-Type", "application/x-protobuf");
    exchange.sendResponseHeaders(200, -1); // An empty message: all accepted.
    exchange.close();
  }

  /** Number of spans in a protobuf message at a depth of the path. */
  private static long count(ByteBuffer message, int depth) {
    if (depth == PATH_TO_SPANS.length) {
      return 1;
    }
    long spans = 0;
    while (message.hasRemaining()) {
      long tag = varint(message);
      int field = (int) (tag >>> 3);
      switch ((int) tag & 7) {
        case VARINT -> varint(message);
        case FIXED64 -> skip(message, Long.BYTES);
        case FIXED32 -> skip(message, Integer.BYTES);
        case LENGTH_DELIMITED -> {
          int length = (int) varint(message);
          if (field == PATH_TO_SPANS[depth]) {
            spans += count(message.slice(message.position(), length), depth + 1);
          }
          skip(message, length);
        }
        default ->
            throw new IllegalArgumentException("unknown wire type of protobuf in tag " + tag);
      }
    }
    return spans;
  }

  private static void skip(ByteBuffer message, int bytes) {
    message.position(message.position() + bytes);
  }

  private static long varint(ByteBuffer message) {
    long value = 0;
    for (int shift = 0; ; shift += 7) {
      byte next = message.get();
      value |= (next & 0x7FL) << shift;
      if (next >= 0) {
        return value;
      }
    }
  }
}
