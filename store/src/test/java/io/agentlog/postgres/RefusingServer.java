package io.agentlog.postgres;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicInteger;

/** Speaks just enough of PostgreSQL's protocol to refuse every log-in with a state. */
final class RefusingServer implements AutoCloseable {
  private final ServerSocket socket = open();
  private final AtomicInteger logInCount = new AtomicInteger();
  private final String state;

  RefusingServer(String state) {
    this.state = state;
    Thread thread = new Thread(this::serve, "refusing-server");
    thread.setDaemon(true);
    thread.start();
  }

  /** Settings that name this server. */
  TestConfig config() {
    return new TestConfig()
        .with("postgres.url", "jdbc:postgresql://%s/app?user=me".formatted(place()))
        .with("postgres.password", "s3cret")
        .with("postgres.client.sslmode", "disable")
        .with("postgres.client.gssEncMode", "disable");
  }

  /** Host and port. */
  String place() {
    return socket.getInetAddress().getHostAddress() + ":" + socket.getLocalPort();
  }

  /** How many log-ins were tried. */
  int logInCount() {
    return logInCount.get();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }

  private static ServerSocket open() {
    try {
      return new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void serve() {
    while (!socket.isClosed()) {
      try (Socket client = socket.accept()) {
        DataInputStream in = new DataInputStream(client.getInputStream());
        in.readFully(new byte[in.readInt() - Integer.BYTES]); // The log-in's start.
        logInCount.incrementAndGet();
        byte[] fields = ("SFATAL\0VFATAL\0C" + state + "\0Mno entry\0\0").getBytes(UTF_8);
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(message);
        out.writeByte('E');
        out.writeInt(Integer.BYTES + fields.length);
        out.write(fields);
        client.getOutputStream().write(message.toByteArray());
      } catch (IOException e) {
        // The test ends, or a client went away.
      }
    }
  }
}
