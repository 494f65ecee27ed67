package io.agentlog.insight.query;

import io.agentlog.sink.SinkUnavailableException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads the rollup, and keeps what was read: most minutes, hours and days never change again, and
 * the server needs a hundred times as long for the bins of a row as for the time at which it was
 * computed. A bucket is read again if these times, or the number of its rows, differ.
 *
 * <p>Thread-safe.
 */
final class KnownBuckets {
  /** The most bytes of rows that are kept; a page of 90 days takes some 5 MB. */
  private static final long BYTES_MAX = 16_000_000;

  private static final String OF_AGENT = " AND agent_name = ?";
  private static final String VERSIONS =
      "SELECT bucket, count(*) AS n, sum(extract(epoch FROM computed_at))::text AS computed FROM agent_insight_rollup"
          + " WHERE level = ? AND bucket >= ? AND bucket < ?/*agent*/ GROUP BY bucket ORDER BY bucket DESC";
  private static final String ROWS =
      "SELECT "
          + RollupRow.COLUMNS
          + " FROM agent_insight_rollup WHERE level = ? AND bucket = ANY (?::timestamptz[])/*agent*/";

  private final Database database;
  private final long bytesMax;
  private final Map<Key, Known> known = new LinkedHashMap<>(16, 0.75f, true);
  private long bytes;

  KnownBuckets(Database database) {
    this(database, BYTES_MAX);
  }

  /**
   * Reads through a database.
   *
   * @param bytesMax the most bytes of rows that are kept
   */
  KnownBuckets(Database database, long bytesMax) {
    this.database = database;
    this.bytesMax = bytesMax;
  }

  private record Key(int level, @Nullable String agent, Instant bucket) {}

  private record Version(Instant bucket, int rows, String computed) {}

  private record Known(Version version, List<RollupRow> rows) {
    long size() {
      return rows.stream().mapToLong(RollupRow::size).sum();
    }
  }

  /** The rows of a window; {@code cut} if there are more, of older buckets. */
  record Rows(List<RollupRow> rows, boolean cut) {}

  /**
   * Reads the buckets of a window, the newest first.
   *
   * @param agent null for all
   */
  Rows read(TrendWindow window, @Nullable String agent, int rowsMax)
      throws SinkUnavailableException {
    List<Version> versions = new ArrayList<>();
    int sum = 0;
    boolean cut = false;
    for (Version version : versions(window, agent)) {
      sum += version.rows;
      if (sum > rowsMax) {
        cut = true;
        break;
      }
      versions.add(version);
    }
    Map<Version, List<RollupRow>> found = new HashMap<>();
    List<Version> missing = new ArrayList<>();
    synchronized (this) {
      for (Version version : versions) {
        Known kept = known.get(new Key(window.level(), agent, version.bucket));
        if (kept != null && kept.version.equals(version)) {
          found.put(version, kept.rows);
        } else {
          missing.add(version);
        }
      }
    }
    if (!missing.isEmpty()) {
      Map<Instant, List<RollupRow>> rows = rows(window.level(), agent, missing);
      for (Version version : missing) {
        List<RollupRow> ofBucket = rows.getOrDefault(version.bucket, List.of());
        found.put(version, ofBucket);
        keep(new Key(window.level(), agent, version.bucket), new Known(version, ofBucket));
      }
    }
    List<RollupRow> all = new ArrayList<>();
    for (Version version : versions) {
      all.addAll(Objects.requireNonNull(found.get(version)));
    }
    return new Rows(all, cut);
  }

  private List<Version> versions(TrendWindow window, @Nullable String agent)
      throws SinkUnavailableException {
    Database.Row<Version> row =
        result ->
            new Version(
                Objects.requireNonNull(Database.time(result, "bucket")),
                result.getInt("n"),
                result.getString("computed"));
    int level = window.level();
    Instant from = window.window().from();
    Instant to = window.window().to();
    return agent == null
        ? database.list(VERSIONS, row, level, from, to)
        : database.list(of(VERSIONS), row, level, from, to, agent);
  }

  private Map<Instant, List<RollupRow>> rows(int level, @Nullable String agent, List<Version> some)
      throws SinkUnavailableException {
    String buckets =
        some.stream()
            .map(version -> version.bucket.toString())
            .collect(Collectors.joining(",", "{", "}"));
    List<RollupRow> rows =
        agent == null
            ? database.list(ROWS, RollupRow::new, level, buckets)
            : database.list(of(ROWS), RollupRow::new, level, buckets, agent);
    return rows.stream().collect(Collectors.groupingBy(row -> row.bucket));
  }

  private static String of(String statement) {
    return statement.replace("/*agent*/", OF_AGENT);
  }

  private synchronized void keep(Key key, Known rows) {
    Known before = known.put(key, rows);
    bytes += rows.size() - (before == null ? 0 : before.size());
    Iterator<Known> oldest = known.values().iterator();
    while (bytes > bytesMax && oldest.hasNext()) { // What was not asked for the longest.
      bytes -= oldest.next().size();
      oldest.remove();
    }
  }

  /** Returns what is kept, in bytes. */
  synchronized long size() {
    return bytes;
  }
}
