package io.agentlog.postgres;

import java.sql.Connection;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;

/**
 * Goal: the merge is the same function on tables that are partitioned by day. Method: all checks of
 * {@link MergePropertyIT}, whose executions are of one moment, in the partition of their day.
 */
class PartitionedMergePropertyIT extends MergePropertyIT {
  private static final LocalDate DAY =
      Instant.ofEpochMilli(0x019a_0000_0000L).atOffset(ZoneOffset.UTC).toLocalDate();

  @Override
  void prepare(Connection connection) throws Exception {
    connection.setAutoCommit(false);
    PostgresTarget target = PostgresTarget.of(new TestConfig());
    new MigrationRun(connection, "public", target, Track.EXECUTIONS).run(true);
    DayTables.cut(connection, new TestConfig(), DAY);
    DayTables.make(connection, DAY);
  }

  /** No test here: what finds a wrong statement is the same as on other tables. */
  @Override
  void wrongStatementIsFound(Mutation mutation) {}
}
