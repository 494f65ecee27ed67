package io.agentlog.backends;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** Processes that end when the JVM ends, except by SIGKILL. Thread-safe. */
final class OpenServers {
  private static final Deque<AutoCloseable> latestFirst = new ArrayDeque<>();
  private static boolean hooked;
  private static boolean shuttingDown;

  private OpenServers() {}

  /** Starts a process. */
  @FunctionalInterface
  interface Starter<T extends AutoCloseable> {
    T start() throws IOException;
  }

  /** Call before the first process starts, so that none slips through. */
  static synchronized void add(AutoCloseable server) {
    ensureOpen();
    if (!hooked) {
      Runtime.getRuntime().addShutdownHook(new Thread(OpenServers::closeAll, "backends-closer"));
      hooked = true;
    }
    latestFirst.addFirst(server);
  }

  static synchronized <T extends AutoCloseable> T addStarted(Starter<T> starter)
      throws IOException {
    ensureOpen();
    T started = starter.start();
    add(started);
    return started;
  }

  /** Throws if this JVM is shutting down, because nothing may be started then. */
  private static synchronized void ensureOpen() {
    if (shuttingDown) {
      throw new BackendException("this JVM is shutting down");
    }
  }

  static synchronized void remove(AutoCloseable server) {
    latestFirst.remove(server);
  }

  private static void closeAll() {
    List<AutoCloseable> servers;
    synchronized (OpenServers.class) {
      shuttingDown = true;
      servers = new ArrayList<>(latestFirst);
    }
    for (AutoCloseable server : servers) {
      try {
        server.close();
      } catch (Exception e) { // The other servers must end all the same.
        System.err.println(
            "backends: can't end a server, which may go on running: " + e.getMessage());
      }
    }
  }
}
