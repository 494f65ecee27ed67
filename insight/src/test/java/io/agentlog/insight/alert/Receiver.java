package io.agentlog.insight.alert;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.agentlog.json.BrokenLineException;
import io.agentlog.json.JsonReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/** A real HTTP server that keeps what it is sent. Thread-safe. */
final class Receiver implements AutoCloseable {
  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<Post> posts = new CopyOnWriteArrayList<>();
  private volatile int status = 200;
  private volatile @Nullable String location;

  /** What the server was sent. */
  record Post(String path, String body, @Nullable String signature) {
    Map<String, @Nullable Object> json() {
      try {
        return JsonReader.parse(body.getBytes(UTF_8));
      } catch (BrokenLineException e) {
        throw new IllegalStateException(body, e);
      }
    }

    String text(String key) {
      return String.valueOf(json().get(key));
    }
  }

  Receiver() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.createContext("/", this::take);
    server.setExecutor(threads);
    server.start();
  }

  private void take(HttpExchange exchange) throws IOException {
    String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
    int answer = status;
    if (answer == 0) {
      return; // Never answered.
    }
    if (answer == 200) {
      posts.add(
          new Post(
              exchange.getRequestURI().getPath(),
              body,
              exchange.getRequestHeaders().getFirst(Posts.SIGNATURE)));
    }
    if (location != null) {
      exchange.getResponseHeaders().set("Location", location);
    }
    exchange.sendResponseHeaders(answer, -1);
    exchange.close();
  }

  URI uri() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/hook");
  }

  /** Answers with a status from now on; 0 for never. */
  void answer(int statusNow) {
    status = statusNow;
  }

  void redirectTo(URI other) {
    location = other.toString();
    status = 307;
  }

  List<Post> posts() {
    return posts;
  }

  /** Returns "status rule" of each message, in the order of their arrival. */
  List<String> told() {
    return posts.stream().map(post -> post.text("status") + " " + post.text("rule")).toList();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
