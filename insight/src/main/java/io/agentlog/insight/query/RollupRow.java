package io.agentlog.insight.query;

import io.agentlog.insight.statistics.Bins;
import java.io.ByteArrayOutputStream;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A row of the rollup, small enough to be kept: its bins are some hundred pairs of small numbers,
 * written as {@code BIN - BIN BEFORE} and count, seven bits a byte.
 */
final class RollupRow {
  static final String COLUMNS =
      "bucket, agent_name, project_name, " + Totals.COLUMNS + ", " + UsageTotal.COLUMNS;

  private static final int SEVEN_BITS = 0x7f;
  private static final int MORE = 0x80;
  private static final int OBJECT_BYTES = 200;
  private static final int USED_BYTES = 400;

  final Instant bucket;
  final String agent;
  final String project;
  final int ended;
  final int succeeded;
  final int failed;
  final int cancelled;
  final int provisional;
  final int roots;
  final int rootsFailed;
  final double micros;
  final int scored;
  final double qualitySum;
  final @Nullable UsageTotal used;
  private final byte[] durations;
  private final byte[] qualities;

  RollupRow(ResultSet row) throws SQLException {
    bucket = Objects.requireNonNull(Database.time(row, "bucket"));
    agent = Objects.requireNonNullElse(row.getString("agent_name"), "");
    project = Objects.requireNonNullElse(row.getString("project_name"), "");
    ended = row.getInt("ended");
    succeeded = row.getInt("succeeded");
    failed = row.getInt("failed");
    cancelled = row.getInt("cancelled");
    provisional = row.getInt("provisional");
    roots = row.getInt("roots");
    rootsFailed = row.getInt("roots_failed");
    micros = row.getDouble("duration_us");
    scored = row.getInt("quality_n");
    qualitySum = row.getDouble("quality_sum");
    used = UsageTotal.of(row);
    durations = packed(row.getString("duration_bins"), row.getString("duration_counts"));
    qualities = packed(row.getString("quality_bins"), row.getString("quality_counts"));
  }

  /** Returns about how many bytes it takes. */
  int size() {
    return OBJECT_BYTES
        + (used == null ? 0 : USED_BYTES)
        + agent.length()
        + project.length()
        + durations.length
        + qualities.length;
  }

  void addDurationsTo(Bins bins) {
    add(durations, bins);
  }

  void addQualitiesTo(Bins bins) {
    add(qualities, bins);
  }

  private static byte[] packed(String bins, String counts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int[] last = {0};
    BinText.read(
        bins,
        counts,
        (bin, count) -> {
          put(out, bin - last[0]); // The bins ascend.
          put(out, Math.toIntExact(count));
          last[0] = bin;
        });
    return out.toByteArray();
  }

  private static void put(ByteArrayOutputStream out, int number) {
    int rest = number;
    while ((rest & ~SEVEN_BITS) != 0) {
      out.write((rest & SEVEN_BITS) | MORE);
      rest >>>= 7;
    }
    out.write(rest);
  }

  private static void add(byte[] packed, Bins bins) {
    int bin = 0;
    int at = 0;
    while (at < packed.length) {
      int step = 0;
      int shift = 0;
      for (; packed[at] < 0; shift += 7) {
        step |= (packed[at++] & SEVEN_BITS) << shift;
      }
      bin += step | packed[at++] << shift;
      int count = 0;
      shift = 0;
      for (; packed[at] < 0; shift += 7) {
        count |= (packed[at++] & SEVEN_BITS) << shift;
      }
      bins.add(bin, count | packed[at++] << shift);
    }
  }
}
