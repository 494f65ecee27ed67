package io.agentlog.postgres;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/**
 * Writes a batch in one transaction. Rows of executions that begin in the batch are new, unless the
 * batch was written before, and a plain insert costs the server a fifth less than a merge. The
 * writer therefore inserts first. After a duplicate key it merges this batch and, for {@link
 * #MERGED_NANOS}, all others, because such batches seldom come alone and each failed insert adds a
 * line to the server's log.
 *
 * <p>Thread-safe.
 */
final class BatchWriter {
  /** How long after a duplicate key every batch is merged instead of inserted. */
  static final long MERGED_NANOS = 60_000_000_000L;

  private volatile boolean isMerging;
  private volatile long mergingSinceNanos;

  /** Expects batches that were written before, as if one had just come. */
  void expectReplay() {
    mergingSinceNanos = System.nanoTime();
    isMerging = true;
  }

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
      expectReplay();
      return merge(batch, connection);
    }
  }

  private static Written insert(Batch batch, Connection connection) throws SQLException {
    WriteLimit.begin(connection);
    List<ExecutionRow> rows = batch.rows();
    int continuedCount = batch.continuedCount();
    int executionCount =
        Tables.EXECUTIONS.execute(connection, rows.subList(0, continuedCount))
            + Tables.NEW_EXECUTIONS.execute(connection, rows.subList(continuedCount, rows.size()));
    int progressCount = Tables.NEW_PROGRESS.execute(connection, batch.progress());
    int decisionCount = Tables.NEW_DECISIONS.execute(connection, batch.decisions());
    int detailCount = batch.details().write(connection);
    connection.commit();
    return new Written(executionCount, progressCount, decisionCount, detailCount);
  }

  private static Written merge(Batch batch, Connection connection) throws SQLException {
    WriteLimit.begin(connection);
    int executionCount = Tables.EXECUTIONS.execute(connection, batch.rows());
    int progressCount = Tables.PROGRESS.execute(connection, batch.progress());
    int decisionCount = Tables.DECISIONS.execute(connection, batch.decisions());
    int detailCount = batch.details().write(connection);
    connection.commit();
    return new Written(executionCount, progressCount, decisionCount, detailCount);
  }
}
