package io.agentlog.backends;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Forwards to a real server from an address of its own, so that the server can be cut off or fall
 * silent and then return under the same address. Thread-safe.
 */
public final class TcpForwarder implements AutoCloseable {
  private static final int BUFFER_BYTES = 64 * 1024;

  private final String targetHost;
  private final int targetPort;
  private final int port;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private @Nullable ServerSocket server;
  private boolean isSilent;
  private byte @Nullable [] fatalRequest;

  /** Starts forwarding at once, as after {@link #open}. */
  public TcpForwarder(String targetHost, int targetPort) {
    this.targetHost = targetHost;
    this.targetPort = targetPort;
    this.port = listen(0).getLocalPort();
  }

  public String host() {
    return InetAddress.getLoopbackAddress().getHostAddress();
  }

  public int port() {
    return port;
  }

  /** Takes connections again and resumes the existing ones. */
  public synchronized void open() {
    isSilent = false;
    notifyAll();
    if (server == null) {
      listen(port);
    }
  }

  /**
   * Stops passing bytes on without a sign to either side: connections stay, new ones are accepted.
   */
  public synchronized void fallSilent() {
    isSilent = true;
  }

  /**
   * Passes on the next request that contains this text, then cuts the connection when the server
   * answers, instead of passing on the answer.
   */
  public synchronized void loseAnswerTo(String request) {
    fatalRequest = request.getBytes(StandardCharsets.UTF_8);
  }

  /** Cuts all connections; new ones are refused. */
  public synchronized void cut() {
    try {
      if (server != null) {
        server.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server = null;
    sockets.forEach(TcpForwarder::close);
    sockets.clear();
  }

  @Override
  public void close() {
    cut();
  }

  private synchronized ServerSocket listen(int wanted) {
    try {
      ServerSocket listening = new ServerSocket();
      listening.setReuseAddress(true);
      listening.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), wanted));
      server = listening;
      start(() -> accept(listening));
      return listening;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void accept(ServerSocket listening) {
    while (!listening.isClosed()) {
      try {
        Socket client = listening.accept();
        sockets.add(client);
        Socket target = new Socket(targetHost, targetPort);
        sockets.add(target);
        AtomicBoolean losesAnswer = new AtomicBoolean();
        start(
            () -> copy(client, target, bytes -> losesAnswer.compareAndSet(false, isFatal(bytes))));
        start(
            () ->
                copy(
                    target,
                    client,
                    bytes -> {
                      if (losesAnswer.get()) {
                        throw new EOFException("the answer is lost");
                      }
                    }));
      } catch (IOException e) {
        // Cut, or the server is down: the client sees its connection end.
      }
    }
  }

  private void copy(Socket from, Socket to, Look look) {
    byte[] buffer = new byte[BUFFER_BYTES];
    try (InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream()) {
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        awaitSound();
        look.at(Arrays.copyOf(buffer, count));
        out.write(buffer, 0, count);
      }
    } catch (IOException e) {
      // The other direction ends too.
    } finally {
      close(from);
      close(to);
      sockets.remove(from);
      sockets.remove(to);
    }
  }

  private synchronized void awaitSound() throws IOException {
    while (isSilent) {
      try {
        wait();
      } catch (InterruptedException e) {
        throw new InterruptedIOException();
      }
    }
  }

  private synchronized boolean isFatal(byte[] request) {
    if (fatalRequest == null || !contains(request, fatalRequest)) {
      return false;
    }
    fatalRequest = null;
    return true;
  }

  private static boolean contains(byte[] bytes, byte[] part) {
    for (int i = 0; i + part.length <= bytes.length; i++) {
      if (Arrays.equals(bytes, i, i + part.length, part, 0, part.length)) {
        return true;
      }
    }
    return false;
  }

  /** Inspects bytes before they are passed on. */
  private interface Look {
    void at(byte[] bytes) throws IOException;
  }

  private static void start(Runnable work) {
    Thread thread = new Thread(work, "tcp-forwarder");
    thread.setDaemon(true);
    thread.start();
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      // The socket is gone.
    }
  }
}
