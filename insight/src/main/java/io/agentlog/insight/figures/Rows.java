package io.agentlog.insight.figures;

import static java.util.Objects.requireNonNull;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Reads columns of rows. */
final class Rows {
  private Rows() {}

  /** Returns a time; null if there is none. */
  static @Nullable Instant timeOrNull(ResultSet row, String column) throws SQLException {
    OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
    return time == null ? null : time.toInstant();
  }

  static Instant time(ResultSet row, String column) throws SQLException {
    return requireNonNull(timeOrNull(row, column), column);
  }

  static UUID id(ResultSet row, String column) throws SQLException {
    return requireNonNull(row.getObject(column, UUID.class), column);
  }

  /** Returns a text; an empty one if there is none. */
  static String text(ResultSet row, String column) throws SQLException {
    String text = row.getString(column);
    return text == null ? "" : text;
  }

  /** Returns the IDs of a column that has them as text with commas between. */
  static List<UUID> ids(ResultSet row, String column) throws SQLException {
    String text = text(row, column);
    return text.isEmpty()
        ? List.of()
        : Arrays.stream(text.split(",", -1))
            .limit(RowFindings.EXAMPLES_MAX)
            .map(UUID::fromString)
            .toList();
  }

  static long micros(Duration duration) {
    return duration.toNanos() / 1_000;
  }

  /** Returns a number and its noun. */
  static String count(long count, String one, String many) {
    return count == 1 ? "1 " + one : count + " " + many;
  }
}
