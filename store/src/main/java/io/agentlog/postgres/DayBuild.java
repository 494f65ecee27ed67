package io.agentlog.postgres;

import io.agentlog.log.AgentLog;
import io.agentlog.sink.SinkUnavailableException;
import io.agentlog.threads.AgentThreads;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Makes the partitions of coming days that take their time, because the partition of all other keys
 * is large, while events are delivered. Has a connection of its own, and a daemon thread that ends
 * with the days.
 *
 * <p>The sink's thread calls it.
 */
final class DayBuild implements AutoCloseable {
  private final PostgresTarget target;
  private final Duration ahead;
  private final Set<String> left;
  private boolean isStarted;
  private volatile boolean hasEnded;
  private volatile boolean isClosed;
  private volatile @Nullable Connection connection;
  private volatile @Nullable String problem;

  /**
   * Does no I/O. {@code ahead} is as in {@link ComingDays}.
   *
   * @param left as in {@link Partitioning#makeDays(Connection, Set)}
   */
  DayBuild(PostgresTarget target, Duration ahead, Set<String> left) {
    this.target = target;
    this.ahead = ahead;
    this.left = left;
  }

  /** True from {@link #start} until the days are made, or can't be. */
  boolean isRunning() {
    return isStarted && !hasEnded;
  }

  /** Starts the thread. */
  void start() {
    hasEnded = false;
    isStarted = true;
    try {
      AgentThreads.daemon("agentlog-postgres-days", this::run).start();
    } catch (OutOfMemoryError e) { // No thread left, say.
      problem = AgentLog.describe(e);
      hasEnded = true;
    }
  }

  /** Returns what kept the last run from its end, for people; null for nothing. Asked once. */
  @Nullable String takeProblem() {
    String taken = problem;
    problem = null;
    return taken;
  }

  private void run() {
    try (Connection own = new AgentDataSource(target).getConnection()) {
      connection = own;
      if (!isClosed) {
        own.setAutoCommit(false);
        new Partitioning(target, ahead, line -> AgentLog.warn("postgres", line))
            .makeDays(own, left);
      }
    } catch (SQLException e) {
      problem = UpkeepMessages.notPartitioned(e, target);
    } catch (SinkUnavailableException e) {
      problem = e.getMessage();
    } catch (RuntimeException | Error e) {
      problem = AgentLog.describe(e);
    } finally {
      connection = null;
      hasEnded = true;
    }
  }

  /** Leaves a statement that runs to the server, which ends it. */
  @Override
  public void close() {
    isClosed = true;
    Connection own = connection;
    if (own != null) {
      try {
        own.abort(Runnable::run);
      } catch (SQLException e) {
        AgentLog.debug("postgres", "can't close a connection: " + e.getClass().getSimpleName());
      }
    }
  }
}
