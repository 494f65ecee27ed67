package io.agentlog.postgres;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;

/**
 * A commit that waits for a synchronous standby. While the standby is away the driver gives a
 * commit up, and the server's session goes on to wait: each attempt over another connection would
 * leave one more, until nobody can log in. No limit of the server may end the wait, since the
 * commit would then seem to be on the standby. So whoever opens a connection looks for such a wait
 * first. Reading waits for no standby. Stateless.
 */
final class StandbyWait {
  /** A commit waits for a standby for some milliseconds as a rule. */
  private static final int SECONDS_MIN = 1;

  /** A user sees the waits of its own sessions, whatever its rights are. */
  private static final String WAITS =
      """
      SELECT 1 FROM pg_catalog.pg_stat_activity
      WHERE usename = session_user AND wait_event = 'SyncRep' AND state_change < pg_catalog.now() - interval '%s seconds'
        AND pg_catalog.current_setting('synchronous_commit') <> ALL ('{off,local}'::text[])\
      """
          .formatted(SECONDS_MIN);

  private StandbyWait() {}

  /** The server has not confirmed a commit of this user's yet. */
  static final class CommitWaitsException extends SQLTransientConnectionException {
    private static final long serialVersionUID = 1L;

    CommitWaitsException() {
      super("a commit waits for a synchronous standby");
    }
  }

  /**
   * Looks whether a commit waits; leaves no transaction open.
   *
   * @throws CommitWaitsException if one does
   */
  static void refuse(Connection connection) throws SQLException {
    boolean waits = MigrationRun.number(connection, WAITS) != null;
    connection.rollback();
    if (waits) {
      throw new CommitWaitsException();
    }
  }
}
