package io.agentlog.insight.query;

import io.agentlog.insight.page.ExecutionsPage.Row;
import io.agentlog.insight.query.ExecutionFilter.Cursor;
import io.agentlog.sink.SinkUnavailableException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Finds executions, the latest first, a page at a time. An index leads to the rows of the agent,
 * the failures, the running ones or the window. What no index knows is then looked for in these
 * rows, step by step, and so many rows at most; the page says how far the search got.
 */
public final class ExecutionSearch {
  /** Executions of a page. */
  public static final int PAGE_ROWS = 50;

  /** Rows that are looked at for a filter without an index. */
  public static final int LOOKED_MAX = 15_000;

  /** Rows that are looked at for a text. */
  public static final int TEXT_LOOKED_MAX = 50_000;

  /** No step begins that would probably end later. */
  public static final Duration TIME_MAX = Duration.ofMillis(1_900);

  /** Executions of one request that are looked at, and undated ones that are shown. */
  public static final int REQUEST_ROWS_MAX = 15_000;

  private static final int FIRST_STEP_ROWS = 1_000;
  private static final int PROMPT_SHOWN = 160;

  private static final String COLUMNS =
      """
      execution_id, correlation_id, agent_name, project_name, status, seen, started_at, quality_score, error_type,
        MICROS,
        CASE WHEN status = 'in_progress' THEN metadata -> 'progress' ->> 'stage' END AS stage,
        left(%s, PROMPT_SHOWN) AS prompt"""
          .replace("MICROS", Columns.MICROS)
          .replace("PROMPT_SHOWN", Integer.toString(PROMPT_SHOWN));

  /** Names are cut last, because filters and indexes need them whole. */
  private static final String SHOWN =
      "SELECT execution_id, correlation_id, seen, started_at, quality_score, micros, prompt, "
          + Columns.names("", "agent_name", "project_name", "status", "error_type", "stage")
          + "%s FROM (%s) AS found%s";

  /** The index {@code _started} has the null times at one end. */
  private static final String UNDATED =
      "SELECT %s FROM agent_execution_logs WHERE started_at IS NULL LIMIT ?";

  /** Jumps from name to name in the index {@code _agent}, so that no other row is read. */
  private static final String AGENTS =
      """
      WITH RECURSIVE names AS (
        (SELECT agent_name AS name FROM agent_execution_logs WHERE agent_name IS NOT NULL ORDER BY agent_name LIMIT 1)
        UNION ALL
        SELECT (SELECT agent_name FROM agent_execution_logs WHERE agent_name > names.name ORDER BY agent_name LIMIT 1)
        FROM names WHERE name IS NOT NULL)
      SELECT name FROM names WHERE length(name) <= %s LIMIT ?"""
          .formatted(Columns.NAME_MAX);

  /** Primary key, {@code _correlation} and {@code _agent}. */
  private static final String KIND =
      """
      SELECT CASE WHEN EXISTS (SELECT 1 FROM agent_execution_logs WHERE execution_id = ?) THEN 'execution'
                  WHEN EXISTS (SELECT 1 FROM agent_execution_logs WHERE correlation_id = ?) THEN 'request'
                  WHEN EXISTS (SELECT 1 FROM agent_execution_logs WHERE agent_name = ?) THEN 'agent' END AS kind""";

  private final Database database;
  private final boolean texts;

  /**
   * @param texts whether prompts may be read
   */
  public ExecutionSearch(Database database, boolean texts) {
    this.database = database;
    this.texts = texts;
  }

  /**
   * A page of executions.
   *
   * @param next where the next page begins; null if there is none
   * @param cut whether the search has ended at {@code next} because of a limit
   */
  public record Found(List<Row> rows, @Nullable Cursor next, boolean cut) {}

  private record Hit(Row row, boolean matches, long looked) {}

  /** Returns the page that begins after {@code after}; the first if it is null. */
  public Found find(ExecutionFilter filter, @Nullable Cursor after)
      throws SinkUnavailableException {
    long begin = System.nanoTime();
    List<Row> rows = new ArrayList<>();
    Cursor place = after;
    long left = filter.text() == null ? LOOKED_MAX : TEXT_LOOKED_MAX;
    int step = FIRST_STEP_ROWS;
    while (true) {
      long stepBegin = System.nanoTime();
      SearchStatement statement = new SearchStatement(filter, place, step, columns());
      int size = step;
      List<Hit> hits =
          database.list(shown(statement), ExecutionSearch::hit, statement.parameters());
      Cursor last = null;
      for (Hit hit : hits) {
        Cursor here = cursor(hit.row);
        if (hit.matches) {
          if (rows.size() == PAGE_ROWS) {
            return new Found(rows, cursor(rows.get(PAGE_ROWS - 1)), false);
          }
          rows.add(hit.row);
        }
        last = hit.looked == size ? here : null;
      }
      if (last == null) {
        return new Found(rows, null, false); // There are no more rows.
      }
      place = last;
      left -= step;
      long now = System.nanoTime();
      long expectedEnd = now - begin + 5 * (now - stepBegin) / 2;
      if (left <= 0 || expectedEnd > TIME_MAX.toNanos()) {
        return new Found(rows, last, true);
      }
      step = (int) Math.min(left, 2L * step);
    }
  }

  private static String shown(SearchStatement statement) {
    return SHOWN.formatted(
        ", matches, looked", statement.sql(), " ORDER BY started_at DESC, execution_id DESC");
  }

  private static Cursor cursor(Row row) {
    return new Cursor(Objects.requireNonNull(row.startedAt(), "a window has none"), row.id());
  }

  private static Hit hit(ResultSet row) throws SQLException {
    return new Hit(row(row), row.getBoolean("matches"), row.getLong("looked"));
  }

  /** Returns executions without a start, in no order. */
  public List<Row> undated() throws SinkUnavailableException {
    String sql = SHOWN.formatted("", UNDATED.formatted(columns()), "");
    return database.list(sql, ExecutionSearch::row, PAGE_ROWS);
  }

  /** Returns whether there are executions without a start. */
  public boolean hasUndated() throws SinkUnavailableException {
    return !database
        .list(UNDATED.formatted("execution_id"), row -> row.getString("execution_id"), 1)
        .isEmpty();
  }

  /** Returns names of agents in their order, so many at most. */
  public List<String> agents(int max) throws SinkUnavailableException {
    return database.list(AGENTS, row -> row.getString("name"), max);
  }

  /**
   * Returns what the database knows by this: {@code execution}, {@code request}, {@code agent} or
   * null.
   *
   * @param id of an execution; null if the text is no UUID
   * @param correlation the correlation ID that the text stands for
   */
  public @Nullable String kindOf(@Nullable UUID id, UUID correlation, String agent)
      throws SinkUnavailableException {
    return database.list(KIND, row -> row.getString("kind"), id, correlation, agent).get(0);
  }

  private String columns() {
    return COLUMNS.formatted(texts ? "user_prompt" : "NULL::text");
  }

  private static Row row(ResultSet row) throws SQLException {
    Instant startedAt = Database.time(row, "started_at");
    return new Row(
        Objects.requireNonNull(Database.id(row, "execution_id")),
        Database.id(row, "correlation_id"),
        row.getString("agent_name"),
        row.getString("project_name"),
        Objects.requireNonNullElse(row.getString("status"), "unknown"),
        Provisional.is(row.getInt("seen")),
        startedAt,
        row.getObject("micros", Long.class),
        Database.decimal(row, "quality_score"),
        row.getString("error_type"),
        row.getString("stage"),
        row.getString("prompt"));
  }
}
