package io.agentlog.postgres;

import io.agentlog.config.Config;
import io.agentlog.config.Options;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Set;
import java.util.UUID;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Work of a JVM's sink beside writing: it keeps the JVM's lease, stores the agent's report of
 * itself, removes old executions. Not thread-safe.
 */
final class Upkeep {
  private final InstanceLease lease;
  private final InstanceReport report;
  private final @Nullable Retention retention;

  private Upkeep(InstanceLease lease, InstanceReport report, @Nullable Retention retention) {
    this.lease = lease;
    this.report = report;
    this.retention = retention;
  }

  static Upkeep of(
      Config config,
      PostgresTarget target,
      UUID instanceId,
      String service,
      Supplier<@Nullable String> report,
      LongSupplier nanoTime,
      DoubleSupplier random) {
    Duration age = config.find(Options.RETENTION);
    return new Upkeep(
        new InstanceLease(instanceId, service, target, nanoTime, random),
        new InstanceReport(instanceId, report, target, nanoTime),
        age == null ? null : new Retention(age, target, nanoTime, random));
  }

  /** Parts that are due. */
  record Due(boolean lease, boolean report, boolean retention) {
    boolean isNothing() {
      return !lease && !report && !retention;
    }
  }

  /**
   * Returns what is due now.
   *
   * @param schemaReady false if the tables of executions are not known to be there
   */
  Due due(boolean schemaReady) {
    return new Due(
        lease.isDue(),
        lease.isHeld() && report.isDue(),
        retention != null && schemaReady && retention.isDue());
  }

  /**
   * Does what is due.
   *
   * @return false if the schema is to be checked again, since a lock may have kept a migration from
   *     the column of the report
   */
  boolean run(Due due, Connection connection) throws SQLException {
    if (due.lease()) {
      lease.keep(connection);
    }
    boolean hasColumn = true;
    if (due.report()) {
      report.write(connection);
      hasColumn = !report.lacksColumn();
    }
    if (retention != null && due.retention()) {
      retention.prune(connection);
    }
    return hasColumn;
  }

  /** Begins the lease, unless it has begun. */
  void begin(Connection connection) throws SQLException {
    if (!lease.hasBegun()) {
      lease.keep(connection);
    }
  }

  /** Ends the lease, and stores the last report. */
  void end(Connection connection) throws SQLException {
    boolean wasHeld = lease.isHeld();
    lease.end(connection);
    if (wasHeld) {
      report.writeLast(connection);
    }
  }

  /** True if old executions are removed. */
  boolean prunes() {
    return retention != null;
  }

  /** Names the tables of details, whose rows go with their executions. */
  void setDetails(Set<String> tables) {
    if (retention != null) {
      retention.setDetails(tables);
    }
  }
}
