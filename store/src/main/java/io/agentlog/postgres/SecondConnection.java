package io.agentlog.postgres;

import io.agentlog.log.AgentLog;
import io.agentlog.threads.AgentThreads;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Writes the halves of a large batch at the same time, on two connections, because the server takes
 * most of the time and has one process for each connection. Without a second connection or thread
 * the whole batch goes over the first.
 *
 * <p>The thread and the connection are made for the first large batch, and released some time after
 * the last.
 *
 * <p>Not thread-safe: belongs to the sink's thread.
 */
final class SecondConnection implements AutoCloseable {
  /** Smallest number of executions at which a batch is cut in halves. */
  static final int HALVED_ROWS_MIN = 100;

  /** Wait after a refused second connection before the next request for one. */
  private static final long REFUSED_NANOS = TimeUnit.MINUTES.toNanos(1);

  private static final long THREAD_IDLE_SECONDS = 10;

  private final ConnectionPool pool;
  private final BatchWriter writer = new BatchWriter();
  private final ThreadPoolExecutor executor =
      new ThreadPoolExecutor(
          1,
          1,
          THREAD_IDLE_SECONDS,
          TimeUnit.SECONDS,
          new LinkedBlockingQueue<>(),
          task -> AgentThreads.daemon("agentlog-postgres-second", task));
  private boolean isOff;
  private boolean isRefused;
  private long refusedNanos;

  SecondConnection(ConnectionPool pool) {
    this.pool = pool;
    executor.allowCoreThreadTimeOut(true);
  }

  /** Never cuts a batch, and so never asks for the connection. */
  void turnOff() {
    isOff = true;
  }

  /** Expects batches that were written before. */
  void expectReplay() {
    writer.expectReplay();
  }

  /**
   * Writes a batch, in one transaction or in two. Both have ended when this method ends.
   *
   * @param first a connection of the pool
   * @throws SQLException if a half was not written; the other one may be
   */
  Written write(Batch batch, Connection first) throws SQLException {
    Connection other = isOff || batch.rows().size() < HALVED_ROWS_MIN ? null : borrow();
    if (other == null) {
      return writer.write(batch, first);
    }
    try (other) {
      Batch upperHalf = batch.upperHalf();
      FutureTask<Written> upper = new FutureTask<>(() -> writer.write(upperHalf, other));
      try {
        executor.execute(upper);
      } catch (OutOfMemoryError e) { // No thread left, say.
        upper.cancel(false); // It may be in the queue, for a thread that comes later.
        refused("no second thread: " + AgentLog.describe(e));
        return writer.write(batch, first);
      }
      return write(batch.lowerHalf(), first, upper, other);
    }
  }

  @Override
  public void close() {
    executor.shutdown();
  }

  private Written write(Batch lower, Connection first, FutureTask<Written> upper, Connection other)
      throws SQLException {
    try {
      return writer.write(lower, first).plus(await(upper));
    } catch (SQLException e) {
      pool.evictIfReadOnly(other, e);
      throw e;
    } finally {
      awaitEnd(upper); // Only then may its connection be closed.
    }
  }

  private @Nullable Connection borrow() {
    if (isRefused && System.nanoTime() - refusedNanos < REFUSED_NANOS) {
      return null;
    }
    try {
      Connection connection = pool.borrowSecond();
      isRefused = false;
      return connection;
    } catch (SQLException e) {
      refused("no second connection: " + SqlStates.shortText(e));
      return null;
    }
  }

  private void refused(String why) {
    isRefused = true;
    refusedNanos = System.nanoTime();
    AgentLog.debug("postgres", why);
  }

  private static Written await(FutureTask<Written> upper) throws SQLException {
    awaitEnd(upper);
    try {
      return upper.get();
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      if (cause instanceof SQLException sql) {
        throw sql;
      }
      if (cause instanceof Error error) {
        throw error;
      }
      throw new IllegalStateException(cause);
    } catch (InterruptedException e) {
      throw new IllegalStateException("it has ended", e);
    }
  }

  /** Waits for the end even if interrupted; the driver's timeouts limit the wait. */
  private static void awaitEnd(FutureTask<Written> upper) {
    upper.run(); // Unless its thread has begun it: that may have died before, for lack of memory.
    boolean isInterrupted = false;
    while (!upper.isDone()) {
      try {
        upper.get();
      } catch (ExecutionException e) {
        break; // await reports it.
      } catch (InterruptedException e) {
        isInterrupted = true;
      }
    }
    if (isInterrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
