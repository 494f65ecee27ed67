package io.agentlog.insight.web;

import com.sun.net.httpserver.HttpExchange;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Locale;
import java.util.zip.GZIPOutputStream;

/** Writes answers, compressed for clients that can read that. */
final class Sending {
  private static final int GZIP_BYTES_MIN = 1_024;

  private Sending() {}

  /**
   * Sends an answer.
   *
   * @param begin of its making, by {@link System#nanoTime}
   */
  static void send(HttpExchange exchange, Answer answer, long begin) throws IOException {
    com.sun.net.httpserver.Headers headers = exchange.getResponseHeaders();
    Headers.add(headers);
    headers.set("Content-Type", answer.contentType());
    answer.headers().forEach(headers::set);
    headers.set(
        "Server-Timing",
        String.format(Locale.ROOT, "total;dur=%.1f", (System.nanoTime() - begin) / 1e6));
    byte[] body = answer.body();
    String accepted = exchange.getRequestHeaders().getFirst("Accept-Encoding");
    if (body.length >= GZIP_BYTES_MIN && accepted != null && accepted.contains("gzip")) {
      body = gzip(body);
      headers.set("Content-Encoding", "gzip");
    }
    headers.set("Vary", "Accept-Encoding, Cookie");
    if (exchange.getRequestMethod().equals("HEAD")) {
      headers.set("Content-Length", String.valueOf(body.length));
      exchange.sendResponseHeaders(answer.status(), -1);
      return;
    }
    exchange.sendResponseHeaders(answer.status(), body.length == 0 ? -1 : body.length);
    if (body.length > 0) {
      try (OutputStream out = exchange.getResponseBody()) {
        out.write(body);
      }
    }
  }

  private static byte[] gzip(byte[] body) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(body.length / 2);
    try (GZIPOutputStream zip = new GZIPOutputStream(bytes)) {
      zip.write(body);
    }
    return bytes.toByteArray();
  }
}
