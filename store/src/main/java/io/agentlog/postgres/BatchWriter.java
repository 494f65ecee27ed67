package io.agentlog.postgres;

import io.agentlog.postgres.PostgresSink.Written;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/**
 * Writes a batch in one transaction. Rows of executions that begin in it are new, unless the batch
 * was written before, and a plain insert takes the server a fifth less than one that merges. So
 * that is tried first; if a key is there after all, the batch is merged, as are all others for a
 * while: such a batch seldom comes alone, and the server's log gets a line for each.
 *
 * <p>Thread-safe.
 */
final class BatchWriter {
  /** For so long after a key that was there nothing is taken for new. */
  static final long MERGED_NANOS = 60_000_000_000L;

  private volatile boolean isMerging;
  private volatile long mergingSinceNanos;

  /** Writes and commits. */
  Written write(Batch batch, Connection connection) throws SQLException {
    if (isMerging && System.nanoTime() - mergingSinceNanos < MERGED_NANOS) {
      return merge(batch, connection);
    }
    try {
      return insert(batch, connection);
    } catch (SQLException e) {
      if (!SqlStates.isDuplicate(e)) {
        throw e;
      }
      connection.rollback();
      mergingSinceNanos = System.nanoTime();
      isMerging = true;
      return merge(batch, connection);
    }
  }

  private static Written insert(Batch batch, Connection connection) throws SQLException {
    List<ExecutionRow> rows = batch.rows();
    int knownCount = batch.knownCount();
    int executionCount =
        Tables.EXECUTIONS.execute(connection, rows.subList(0, knownCount))
            + Tables.NEW_EXECUTIONS.execute(connection, rows.subList(knownCount, rows.size()));
    int progressCount = Tables.NEW_PROGRESS.execute(connection, batch.progress());
    int decisionCount = Tables.NEW_DECISIONS.execute(connection, batch.decisions());
    connection.commit();
    return new Written(executionCount, progressCount, decisionCount);
  }

  private static Written merge(Batch batch, Connection connection) throws SQLException {
    int executionCount = Tables.EXECUTIONS.execute(connection, batch.rows());
    int progressCount = Tables.PROGRESS.execute(connection, batch.progress());
    int decisionCount = Tables.DECISIONS.execute(connection, batch.decisions());
    connection.commit();
    return new Written(executionCount, progressCount, decisionCount);
  }
}
