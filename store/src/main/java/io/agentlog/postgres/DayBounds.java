package io.agentlog.postgres;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;

/**
 * Conditions on keys by which a statement that removes rows one by one touches few partitions. Each
 * partition and each of its indexes takes a lock for the length of a transaction, of which a server
 * has {@code max_locks_per_transaction} for each connection. Immutable.
 *
 * @param cuts keys between the ranges of executions that a statement removes from; none on tables
 *     that are not partitioned by day
 * @param old key behind those of all rows that may be old enough
 * @param ends of each table that is partitioned, the key from which on the partition of all other
 *     keys has them
 */
record DayBounds(List<String> cuts, String old, Map<String, String> ends) {
  /** For tables that are not partitioned by day. */
  static final DayBounds NONE = new DayBounds(List.of(), "", Map.of());

  /** Most partitions of executions that a statement removes from. */
  static final int PARTITIONS_MAX = 16;

  /** How far the clock of a JVM may be set while an execution runs. */
  private static final int SLACK_DAYS = 7;

  DayBounds {
    cuts = List.copyOf(cuts);
    ends = Map.copyOf(ends);
  }

  /** {@code boundary} is the day of now, less the age at which rows are removed. */
  static DayBounds of(List<DayPartitions> tables, LocalDate boundary) {
    List<String> cuts = new ArrayList<>();
    Map<String, String> ends = new HashMap<>();
    for (DayPartitions of : tables) {
      String end = of.end();
      if (end == null) {
        continue;
      }
      ends.put(of.table().name(), end);
      if (of.table().owner() == DayTable.Owner.SELF) {
        List<String> keys =
            of.partitions().stream()
                .filter(partition -> !partition.isRest())
                .map(partition -> Objects.requireNonNull(partition.to()))
                .sorted(Comparator.naturalOrder())
                .toList();
        for (int i = PARTITIONS_MAX - 1; i < keys.size() - 1; i += PARTITIONS_MAX) {
          cuts.add(keys.get(i));
        }
        cuts.add(end);
      }
    }
    return ends.isEmpty() ? NONE : new DayBounds(cuts, DayTable.floor(boundary.plusDays(2)), ends);
  }

  /** Returns the number of ranges of executions. */
  int rangeCount() {
    return cuts.size() + 1;
  }

  /** Returns the condition of keys of executions in a range, with {@code AND} before each part. */
  String ofExecutions(int range, String column) {
    return (range == 0 ? "" : " AND %s >= '%s'::uuid".formatted(column, cuts.get(range - 1)))
        + (range == cuts.size() ? "" : " AND %s < '%s'::uuid".formatted(column, cuts.get(range)));
  }

  /**
   * Returns the condition of keys of their own moment of what belongs to old executions in a range:
   * from shortly before the executions on, or of a logger whose keys are not ordered.
   */
  String ofMoments(int range, String column, String table) {
    String end = ends.get(table);
    if (end == null) {
      return "";
    }
    String begin =
        range == 0 || range == cuts.size()
            ? ""
            : "%s >= '%s'::uuid AND ".formatted(column, dayBefore(cuts.get(range - 1)));
    return " AND (%1$s%2$s < '%3$s'::uuid OR %2$s >= '%4$s'::uuid)"
        .formatted(begin, column, old, end);
  }

  /** Returns the condition of keys of rows that are old enough. */
  String ofOld(String column, String table) {
    return ends.containsKey(table) ? " AND %s < '%s'::uuid".formatted(column, old) : "";
  }

  /**
   * Returns the condition of keys of executions to which details may belong that are old enough.
   */
  String ofTheirExecutions(String column) {
    String end = ends.get(Tables.EXECUTIONS.table());
    return end == null
        ? ""
        : " AND (%1$s < '%2$s'::uuid OR %1$s >= '%3$s'::uuid)"
            .formatted(
                column,
                DayTable.floor(Objects.requireNonNull(DayTable.day(old)).plusDays(SLACK_DAYS)),
                end);
  }

  private static String dayBefore(String key) {
    UUID id = UUID.fromString(key);
    long millis = Math.max(0, (id.getMostSignificantBits() >>> 16) - DayTable.DAY_MILLIS);
    return new UUID(millis << 16, 0).toString();
  }
}
