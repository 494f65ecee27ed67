package io.agentlog.backends;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.ThreadLocalRandom;

/** Free ports of this machine. */
final class Ports {
  /**
   * The range lies below the ports of outgoing connections, so that a server that was stopped for a
   * while finds its port free again.
   */
  private static final int FIRST = 15_000;

  private static final int LAST = 31_999;
  private static final int TRIES_MAX = 200;

  private Ports() {}

  static int free() {
    for (int i = 0; i < TRIES_MAX; i++) {
      int port = ThreadLocalRandom.current().nextInt(FIRST, LAST + 1);
      try (ServerSocket socket = new ServerSocket()) {
        socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        return port;
      } catch (IOException e) {
        // The port is taken: try another.
      }
    }
    throw new BackendException("no free port between " + FIRST + " and " + LAST);
  }

  static boolean accepts(int port) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_000);
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
