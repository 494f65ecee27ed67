package io.agentlog.postgres;

import io.agentlog.config.Config;
import io.agentlog.config.Options;
import io.agentlog.config.SchemaMode;
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
 * itself, makes the partitions of coming days, removes old executions. Not thread-safe.
 */
final class Upkeep {
  private final InstanceLease lease;
  private final InstanceReport report;
  private final @Nullable ComingDays comingDays;
  private final @Nullable Removal removal;

  private Upkeep(
      InstanceLease lease,
      InstanceReport report,
      @Nullable ComingDays comingDays,
      @Nullable Removal removal) {
    this.lease = lease;
    this.report = report;
    this.comingDays = comingDays;
    this.removal = removal;
  }

  /**
   * The two ways in which old rows go.
   *
   * @param days drops days, first in each run
   * @param rows removes what is in no day that can be dropped
   */
  private record Removal(DayRetention days, Retention rows) {
    boolean isDue() {
      return rows.isDue() && days.isDue();
    }

    void run(Connection connection) throws SQLException {
      if (days.step(connection)) {
        return;
      }
      if (rows.isAtStart()) {
        rows.setDays(days.grace(), days.bounds());
      }
      rows.prune(connection);
      if (rows.isAtStart()) {
        days.begin();
      }
    }
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
        target.schemaMode() == SchemaMode.MIGRATE
            ? new ComingDays(
                config.get(Options.POSTGRES_PARTITIONS_AHEAD), target, nanoTime, random)
            : null,
        age == null
            ? null
            : new Removal(
                new DayRetention(age, target, nanoTime, random),
                new Retention(age, target, nanoTime, random)));
  }

  /** Parts that are due. */
  record Due(boolean lease, boolean report, boolean days, boolean retention) {
    boolean isNothing() {
      return !lease && !report && !days && !retention;
    }
  }

  /**
   * Returns what is due now.
   *
   * @param schemaReady false if the tables of executions are not known to be there
   */
  Due due(boolean schemaReady) {
    boolean leaseDue = lease.isDue();
    return new Due(
        leaseDue,
        lease.isHeld() && report.isDue(),
        comingDays != null
            && schemaReady
            && comingDays.isDue()
            && (leaseDue || comingDays.isUnderWay()), // No connection is woken for a look.
        removal != null && schemaReady && removal.isDue());
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
    if (comingDays != null && due.days()) {
      comingDays.make(connection);
    }
    if (removal != null && due.retention()) {
      removal.run(connection);
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

  /** Ends what is at work on other threads. */
  void close() {
    if (comingDays != null) {
      comingDays.close();
    }
  }

  /** True if old executions are removed. */
  boolean prunes() {
    return removal != null;
  }

  /** Names the tables of details, whose rows go with their executions. */
  void setDetails(Set<String> tables) {
    if (removal != null) {
      removal.rows.setDetails(tables);
    }
  }
}
