package io.agentlog.insight.query;

import io.agentlog.insight.page.InstancesPage.Instance;
import io.agentlog.insight.page.InstancesPage.State;
import io.agentlog.sink.SinkUnavailableException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The JVMs that record. Thread-safe. */
public final class InstancesQuery {
  /** JVMs that are listed; the page says if there are more. */
  public static final int INSTANCES_MAX = 300;

  /** Running executions that are counted for a JVM; the page says if there are more. */
  public static final int RUNNING_MAX = 1_000;

  /** Characters of a report that is read; agentlog's have a few thousand. */
  private static final int REPORT_MAX = 100_000;

  /**
   * Time after which a JVM whose lease has no end would have been heard of, or be gone, if its
   * connector were at work; and clocks may differ.
   */
  private static final String SILENCE = "3 minutes";

  // The row as JSON has the report, and says whether the table has a column for it.
  private static final String INSTANCES =
      """
      SELECT i.instance_id, %s, i.since, i.renewed_at, now() AS at, i.state, r.running,
             jsonb_exists(to_jsonb(i), 'report') AS has_reports,
             CASE WHEN length(to_jsonb(i) ->> 'report') <= %s THEN to_jsonb(i) ->> 'report' END AS report
      FROM (SELECT a.*, CASE WHEN a.lease_until = 'infinity' AND a.renewed_at < now() - interval '%s' THEN 'SILENT'
                             WHEN a.lease_until > now() THEN 'ALIVE' WHEN a.lease_until = a.renewed_at THEN 'ENDED'
                             WHEN a.lease_until > now() - interval '1 minute' THEN 'LATE' ELSE 'LOST' END AS state
            FROM agent_instances a WHERE ?::text IS NULL OR a.service = ?
            ORDER BY a.lease_until > now() DESC, a.renewed_at DESC LIMIT ?) i
      CROSS JOIN LATERAL (SELECT count(*) AS running
                          FROM (SELECT FROM agent_execution_logs e
                                WHERE e.instance_id = i.instance_id AND e.status = 'in_progress' LIMIT ?) AS counted) r
      ORDER BY i.service, i.since, i.instance_id"""
          .formatted(Columns.name("i.service") + " AS service", REPORT_MAX, SILENCE);

  private static final String IS_THERE =
      "SELECT to_regclass('agent_instances') IS NOT NULL AND to_regclass('agent_execution_logs') IS NOT NULL";

  private final Database database;
  private final ReportReader reports;

  /**
   * @param texts whether errors that may quote an event are read
   */
  public InstancesQuery(Database database, boolean texts) {
    this.database = database;
    this.reports = new ReportReader(texts);
  }

  /**
   * The JVMs that were found.
   *
   * @param instances by service; one more than {@link #INSTANCES_MAX} if there are more
   * @param hasTables false if the tables are not made yet
   * @param hasReports false if the table of JVMs has no column for what agents say of themselves
   */
  public record Found(List<Instance> instances, boolean hasTables, boolean hasReports) {}

  /** Returns the JVMs of a service, or of all if {@code service} is null. */
  public Found find(@Nullable String service) throws SinkUnavailableException {
    boolean[] hasReports = {true};
    try {
      List<Instance> instances =
          database.list(
              INSTANCES,
              row -> {
                hasReports[0] = row.getBoolean("has_reports");
                return instance(row);
              },
              service,
              service,
              INSTANCES_MAX + 1,
              RUNNING_MAX + 1);
      return new Found(instances, true, hasReports[0]);
    } catch (SinkUnavailableException e) {
      if (database.list(IS_THERE, row -> row.getBoolean(1)).get(0)) {
        throw e;
      }
      return new Found(List.of(), false, false);
    }
  }

  private Instance instance(ResultSet row) throws SQLException {
    long running = row.getLong("running");
    return new Instance(
        Objects.requireNonNull(Database.id(row, "instance_id")),
        Objects.requireNonNullElse(row.getString("service"), ""),
        State.valueOf(row.getString("state")),
        Database.time(row, "since"),
        Database.time(row, "renewed_at"),
        Objects.requireNonNull(Database.time(row, "at")),
        Math.min(running, RUNNING_MAX),
        running > RUNNING_MAX,
        reports.read(row.getString("report")));
  }
}
