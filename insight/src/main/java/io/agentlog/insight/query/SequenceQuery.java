package io.agentlog.insight.query;

import io.agentlog.insight.pattern.StageReport;
import io.agentlog.insight.pattern.StageRows;
import io.agentlog.insight.pattern.Step;
import io.agentlog.insight.statistics.Bins;
import io.agentlog.insight.statistics.Scales;
import io.agentlog.sink.SinkUnavailableException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Reads which stages the executions of an agent went through. Thread-safe. */
public final class SequenceQuery {
  /** Executions that are read, the latest. */
  public static final int EXECUTIONS_MAX = 100_000;

  /** Executions that one statement reads. */
  private static final int PAGE = 2_000;

  private static final String STATEMENT =
      """
      SELECT l.execution_id, l.status, l.seen, l.started_at, l.completed_at, l.micros, s.stages, s.times, s.took
      FROM (SELECT execution_id, left(status, 20) AS status, seen, started_at, completed_at,
                   coalesce(duration_us, duration_ms * 1000::bigint) AS micros
            FROM agent_execution_logs
            WHERE agent_name = ? AND started_at >= ? AND (started_at, execution_id) < (?, ?)
            ORDER BY started_at DESC, execution_id DESC LIMIT ?) AS l
      CROSS JOIN LATERAL (%s) AS s ORDER BY l.started_at DESC, l.execution_id DESC"""
          .formatted(StageRows.sql("l.execution_id"));

  private final Database database;

  public SequenceQuery(Database database) {
    this.database = database;
  }

  /**
   * Executions with the same stages.
   *
   * @param medianMicros median duration, within 1 %; null without durations
   */
  public record Sequence(
      List<String> stages,
      long succeeded,
      long failed,
      long cancelled,
      @Nullable Long medianMicros) {
    public long count() {
      return succeeded + failed + cancelled;
    }
  }

  /**
   * What was read.
   *
   * @param sequences the most frequent first
   * @param executions that they count
   * @param leftOut that run, have a provisional end, or more stages than are read
   * @param since the start of the oldest that was read, if there are more in the window; otherwise
   *     null
   */
  public record Found(
      List<Sequence> sequences, long executions, long leftOut, @Nullable Instant since) {}

  private record Row(
      UUID id,
      @Nullable Instant startedAt,
      String status,
      boolean hasEnded,
      @Nullable Long micros,
      @Nullable List<String> stages) {}

  private static final class Sum {
    private final Bins durations = new Bins();
    private long succeeded;
    private long failed;
    private long cancelled;
  }

  /**
   * Returns the sequences of executions that started in a window.
   *
   * @param to exclusive
   * @throws SinkUnavailableException if the database can't be read; the message says what to do
   */
  public Found read(String agent, Instant from, Instant to) throws SinkUnavailableException {
    Map<List<String>, Sum> sums = new HashMap<>();
    long leftOut = 0;
    int read = 0;
    Instant before = to;
    UUID beforeId = new UUID(0, 0);
    boolean more = true;
    while (more && read < EXECUTIONS_MAX) {
      List<Row> rows =
          database.list(STATEMENT, SequenceQuery::row, agent, from, before, beforeId, PAGE);
      for (Row row : rows) {
        if (!row.hasEnded || row.stages == null) {
          leftOut++;
        } else {
          count(sums.computeIfAbsent(row.stages, stages -> new Sum()), row);
        }
      }
      read += rows.size();
      more = rows.size() == PAGE;
      if (more) {
        Row last = rows.get(PAGE - 1);
        before = last.startedAt == null ? from : last.startedAt;
        beforeId = last.id;
      }
    }
    List<Sequence> sequences = new ArrayList<>();
    sums.forEach((stages, sum) -> sequences.add(sequence(stages, sum)));
    sequences.sort(
        Comparator.comparingLong(Sequence::count)
            .reversed()
            .thenComparing(sequence -> String.join("\n", sequence.stages)));
    return new Found(sequences, read - leftOut, leftOut, more ? before : null);
  }

  private static Row row(ResultSet row) throws SQLException {
    int seen = row.getInt("seen");
    Instant end = Database.time(row, "completed_at");
    List<StageReport> reports = StageRows.of(row);
    String status = String.valueOf(row.getString("status"));
    return new Row(
        row.getObject("execution_id", UUID.class),
        Database.time(row, "started_at"),
        status,
        end != null && !status.equals("in_progress") && !Provisional.is(seen),
        row.getObject("micros", Long.class),
        reports == null
            ? null
            : StageReport.steps(reports, end).stream().map(Step::stage).toList());
  }

  private static void count(Sum sum, Row row) {
    switch (row.status) {
      case "success" -> sum.succeeded++;
      case "failed" -> sum.failed++;
      default -> sum.cancelled++;
    }
    if (row.micros != null) {
      sum.durations.add(Scales.durationBin(row.micros), 1);
    }
  }

  private static Sequence sequence(List<String> stages, Sum sum) {
    Integer middle = sum.durations.quantile(0.5);
    return new Sequence(
        stages,
        sum.succeeded,
        sum.failed,
        sum.cancelled,
        middle == null ? null : Scales.micros(middle));
  }
}
