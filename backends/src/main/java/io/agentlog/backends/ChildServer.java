package io.agentlog.backends;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A server as a child process of this JVM. Its files are in a directory of its own, which goes when
 * it is closed. A restart finds the same files and the same port.
 *
 * <p>Thread-safe: the methods that change its state are synchronized, and so is every method of a
 * subclass that must not overlap with them.
 */
abstract class ChildServer implements Server {
  static final Duration STOP_DEADLINE = Duration.ofSeconds(30);

  private static final Duration START_DEADLINE = Duration.ofSeconds(60);

  final Path root;
  final Path log;
  final int port = Ports.free();

  private final String name;
  private final String stopSignal;
  private final TempDirectory directory;
  private @Nullable ServerProcess process;
  private boolean closed;

  /**
   * Makes a server that is not running yet.
   *
   * @param name in messages, where a verb may follow it
   * @param stopSignal asks the process to end in an orderly way, for example TERM
   * @param directory of the server's files; closed with the server
   */
  ChildServer(String name, String stopSignal, TempDirectory directory) {
    this.name = name;
    this.stopSignal = stopSignal;
    this.directory = directory;
    this.root = directory.path();
    this.log = root.resolve("log");
  }

  /** Makes the files that the server needs at its first start. */
  abstract void prepare() throws IOException;

  /** The command line of the process. */
  abstract List<String> command();

  /** Waits until the process serves. Returns false if it ended or the deadline passed. */
  abstract boolean awaitReady(ServerProcess started, Duration deadline);

  /** Ends the process; the data is no longer needed. */
  abstract void end();

  /** Prepares the server and starts it. A server that fails at either is closed. */
  final void startFirst() {
    try {
      OpenServers.add(this);
      prepareUnlessClosed();
      start();
    } catch (IOException e) {
      close();
      throw new BackendException("can't prepare " + name + ": " + e, e);
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  /** Holds the lock, so that the JVM's shutdown does not remove the files while they are made. */
  private synchronized void prepareUnlessClosed() throws IOException {
    if (closed) {
      throw new BackendException("this JVM is shutting down");
    }
    prepare();
  }

  @Override
  public final boolean isOwned() {
    return true;
  }

  @Override
  public final synchronized void start() {
    if (closed || (process != null && process.isAlive())) {
      throw new IllegalStateException(closed ? "closed" : name + " is running");
    }
    ServerProcess started = ServerProcess.start(command(), root, log);
    process = started;
    if (!awaitReady(started, START_DEADLINE)) {
      started.kill();
      throw new BackendException(name + " did not start on port " + port + ServerProcess.tail(log));
    }
  }

  @Override
  public final synchronized void stop() {
    if (process != null) {
      process.end(stopSignal, STOP_DEADLINE);
    }
  }

  @Override
  public final synchronized void kill() {
    if (process != null) {
      process.kill();
    }
  }

  final synchronized boolean isAlive() {
    return process != null && process.isAlive();
  }

  @Override
  public final synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    end();
    directory.close();
    OpenServers.remove(this);
  }
}
