package io.agentlog.postgres;

import static java.util.stream.Collectors.joining;

import io.agentlog.config.SchemaMode;
import io.agentlog.log.Finding;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;

/**
 * Looks for what is amiss with tables that are partitioned by day: coming days without a partition
 * and nobody who may make them, rows outside of all days, a switch that did not end. Nothing of it
 * keeps rows from being written, but the last, later.
 */
final class PartitionCheck {
  private static final String AREA = "postgres";

  /** Most rows outside of days that are counted. */
  private static final int ROWS_MAX = 10_000;

  private final PostgresTarget target;
  private final Duration ahead;
  private final List<Finding> findings = new ArrayList<>();

  /** {@code ahead} is how far ahead partitions are wanted. */
  PartitionCheck(PostgresTarget target, Duration ahead) {
    this.target = target;
    this.ahead = ahead;
  }

  /** Looks; says nothing about tables that are not partitioned by agentlog. */
  List<Finding> run(Connection connection) throws SQLException {
    String home = Home.find(connection).schema();
    if (home == null) {
      return findings;
    }
    for (LeftOverCut left : LeftOverCut.find(connection, home)) {
      findings.add(
          Finding.wrong(
              AREA,
              "a program that partitions did not end at %s, or is at work: rows of coming days will wait for it at %s. If none is at work, run ALTER TABLE %s DROP CONSTRAINT %s"
                  .formatted(target, left.table(), left.table(), left.check())));
    }
    List<DayPartitions> tables = DayPartitions.read(connection, home, DayTable.ALL);
    if (!tables.isEmpty()) {
      lookAtDays(connection, tables);
      lookAtRest(connection, tables);
    }
    return findings;
  }

  private void lookAtDays(Connection connection, List<DayPartitions> tables) throws SQLException {
    LocalDate today = DayMaking.today(connection);
    List<String> missing = new ArrayList<>();
    for (DayPartitions of : tables) {
      for (int days = 0; days <= ComingDays.days(ahead); days++) {
        LocalDate day = today.plusDays(days);
        if (!of.covers(day) && !(days == 0 && stays(connection, of, day))) {
          missing.add(of.table().partition(day));
        }
      }
    }
    boolean isMine = tables.stream().allMatch(DayPartitions::isMine);
    boolean mayMake = isMine && mayCreate(connection);
    String names = tables.stream().map(of -> of.table().name()).collect(joining(", "));
    if (missing.isEmpty()) {
      findings.add(
          Finding.ok(
              AREA,
              "partitioned by day, with partitions to %s: %s"
                  .formatted(today.plusDays(ComingDays.days(ahead)), names)));
    } else if (mayMake && target.schemaMode() == SchemaMode.MIGRATE && !ahead.isZero()) {
      findings.add(
          Finding.warn(
              AREA,
              "%s partitions of the coming days are missing at %s, first %s: the agent makes them"
                  .formatted(missing.size(), target, missing.get(0))));
    } else {
      findings.add(
          Finding.warn(
              AREA,
              "%s partitions of the coming days are missing at %s, first %s, and %s: rows of a day without one go to the partition whose name ends with _default. Run java -jar agentlog.jar migrate each day as %s"
                  .formatted(
                      missing.size(),
                      target,
                      missing.get(0),
                      mayMake
                          ? "agentlog.postgres.schema or agentlog.postgres.partitions-ahead leaves them to others"
                          : "user %s may not make them".formatted(target.user()),
                      tables.get(0).keeper())));
    }
  }

  /** True for a day that has begun and that nobody makes any more. */
  private boolean stays(Connection connection, DayPartitions of, LocalDate day)
      throws SQLException {
    DayPartitions.Partition rest = of.rest();
    DayMaking.Made made =
        rest == null || !of.isMine() ? null : DayMaking.unmovable(connection, of, rest, day);
    if (made == null) {
      return false;
    }
    findings.add(Finding.warn(AREA, UpkeepMessages.leftToDefault(made, of.table(), day, target)));
    return true;
  }

  private static boolean mayCreate(Connection connection) throws SQLException {
    return MigrationRun.number(
            connection,
            "SELECT 1 WHERE pg_catalog.has_schema_privilege(pg_catalog.current_schema()::text, 'CREATE')")
        != null;
  }

  /** Through the table, whose rights alone a user needs: keys behind the last partition. */
  private void lookAtRest(Connection connection, List<DayPartitions> tables) throws SQLException {
    for (DayPartitions of : tables) {
      String end = of.end();
      if (of.rest() == null) {
        findings.add(
            Finding.wrong(
                AREA,
                "%s at %s has no partition of all other keys, so a row without a day is refused: run CREATE TABLE %s PARTITION OF %s DEFAULT"
                    .formatted(of.table(), target, of.table().rest(), of.table())));
      } else if (end != null && mayRead(connection, of)) {
        Integer count =
            MigrationRun.number(
                connection,
                "SELECT pg_catalog.count(*)::integer FROM (SELECT FROM %s WHERE %s >= '%s'::uuid LIMIT %s) AS r"
                    .formatted(of.place(), of.table().key(), end, ROWS_MAX));
        if (count != null && count > 0) {
          findings.add(
              Finding.warn(
                  AREA,
                  "%s%s rows of %s at %s are of no day that has a partition: days that were not made in time, keys of another logger, or a clock that is ahead. They are kept in %s, and retention removes them row by row"
                      .formatted(
                          count == ROWS_MAX ? "over " : "",
                          count,
                          of.table(),
                          target,
                          of.table().rest())));
        }
      }
    }
  }

  private static boolean mayRead(Connection connection, DayPartitions of) throws SQLException {
    return MigrationRun.number(
            connection, "SELECT 1 WHERE pg_catalog.has_table_privilege(?, 'SELECT')", of.place())
        != null;
  }
}
