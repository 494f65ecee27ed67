package io.agentlog.postgres;

import io.agentlog.backends.Postgres;
import io.agentlog.backends.WholeDay;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;

/** Tables that are partitioned by day, at any moment: a cut need not be to come by the clock. */
final class DayTables {
  private static final AtomicLong LOW = new AtomicLong();

  private DayTables() {}

  /** Partitions the tables that the database has, as if it were the day before. */
  static void cut(Postgres database, TestConfig config, LocalDate from) throws Exception {
    try (Connection connection = database.connect()) {
      cut(connection, config, from);
    }
  }

  static void cut(Connection connection, TestConfig config, LocalDate from) throws Exception {
    connection.setAutoCommit(false);
    Instant dayBefore = from.atStartOfDay().toInstant(ZoneOffset.UTC).minus(Duration.ofHours(12));
    new Partitioning(config, line -> {}).run(connection, "public", from, dayBefore);
  }

  /** Makes the partitions of a day of all partitioned tables. */
  static void make(Connection connection, LocalDate day) throws Exception {
    make(connection, day, "");
  }

  /** As the other method, for tables whose name has this part. */
  static void make(Connection connection, LocalDate day, String part) throws Exception {
    connection.setAutoCommit(false);
    List<DayPartitions> tables = DayPartitions.read(connection);
    connection.commit();
    for (DayPartitions of : tables) {
      if (of.table().name().contains(part)
          && DayMaking.make(connection, of, day) != DayMaking.Made.DONE) {
        throw new IllegalStateException(of.table() + " " + day);
      }
    }
  }

  /** A key of a moment, as the agent makes them. */
  static UUID key(Instant moment) {
    return new UUID(moment.toEpochMilli() << 16 | 0x7000L, Long.MIN_VALUE | LOW.incrementAndGet());
  }

  /** Returns today, which does not end while a test runs. */
  static LocalDate today() {
    return WholeDay.today();
  }
}
