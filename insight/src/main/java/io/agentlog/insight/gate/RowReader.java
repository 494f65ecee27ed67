package io.agentlog.insight.gate;

import io.agentlog.insight.page.Format;
import io.agentlog.insight.page.Window;
import io.agentlog.postgres.ReadConnections;
import io.agentlog.sink.SinkUnavailableException;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads the executions that started in a window, by the indexes that the agent's own tables have.
 * One thread.
 */
final class RowReader {
  /** Executions of a window; a window with more is refused. */
  static final int ROWS_MAX = 1_000_000;

  /** Agents of a window; a window with more is refused. */
  static final int AGENTS_MAX = 1_000;

  private static final int FETCH_ROWS = 5_000;

  /** Names of other loggers may be of any length. */
  static final String AGENT =
      "CASE WHEN octet_length(agent_name) <= 512 THEN agent_name"
          + " ELSE left(agent_name, 100) || '...' || left(encode(sha256(convert_to(agent_name, 'UTF8')), 'hex'), 32) END";

  private static final String STATEMENT =
      "SELECT "
          + AGENT
          + " AS agent, status = 'failed' AS failed, completed_at IS NULL OR status = 'in_progress' AS running,"
          + " seen & 56::int2 <> 0::int2 AS provisional, coalesce(duration_us, duration_ms * 1000::bigint) AS us,"
          + " CASE WHEN quality_score >= 0.0 AND quality_score <= 1.0 THEN round(quality_score::numeric * 1000000)::bigint END AS score"
          + " FROM agent_execution_logs WHERE started_at >= ? AND started_at < ?";

  private static final String KNOWN =
      "SELECT EXISTS (SELECT FROM agent_execution_logs WHERE agent_name = ?)";

  private final ReadConnections connections;

  RowReader(ReadConnections connections) {
    this.connections = connections;
  }

  /**
   * Reads a window.
   *
   * @param agents whose executions are read; empty for all
   * @param selection metadata that an execution needs, text by key
   * @throws GateException if the window has too many executions or agents
   * @throws SinkUnavailableException if there is no database; the message says what to do
   */
  SortedMap<String, AgentRows> read(
      Window window, List<String> agents, Map<String, String> selection)
      throws GateException, SinkUnavailableException {
    SortedMap<String, AgentRows> found = new TreeMap<>();
    try (ReadConnections.Reading reading = connections.begin();
        PreparedStatement statement = reading.prepare(statement(agents, selection))) {
      statement.setFetchSize(FETCH_ROWS);
      int next = bind(statement, window, agents, selection);
      statement.setInt(next, ROWS_MAX + 1);
      int count = 0;
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          if (++count > ROWS_MAX) {
            throw new GateException(
                "more than %s executions started %s: choose a shorter window, fewer agents or a --select"
                    .formatted(Format.count(ROWS_MAX), between(window)));
          }
          add(rows, found);
          if (found.size() > AGENTS_MAX) {
            throw new GateException(
                "more than %s agents have executions that started %s: name those that count with --agent"
                    .formatted(Format.count(AGENTS_MAX), between(window)));
          }
        }
      }
    } catch (SQLException e) {
      throw connections.outage(e);
    }
    return found;
  }

  static String statement(List<String> agents, Map<String, String> selection) {
    return STATEMENT + conditions(agents, selection) + " LIMIT ?";
  }

  /** Returns the conditions after the window; {@link #bind} sets their parameters. */
  static String conditions(List<String> agents, Map<String, String> selection) {
    return (agents.isEmpty() ? "" : " AND agent_name = ANY (?)")
        + " AND metadata ->> ? = ?".repeat(selection.size());
  }

  static int bind(
      PreparedStatement statement,
      Window window,
      List<String> agents,
      Map<String, String> selection)
      throws SQLException {
    int next = 1;
    statement.setObject(next++, window.from().atOffset(ZoneOffset.UTC));
    statement.setObject(next++, window.to().atOffset(ZoneOffset.UTC));
    if (!agents.isEmpty()) {
      statement.setArray(
          next++, statement.getConnection().createArrayOf("text", agents.toArray(new Object[0])));
    }
    for (Map.Entry<String, String> entry : selection.entrySet()) {
      statement.setString(next++, entry.getKey());
      statement.setString(next++, entry.getValue());
    }
    return next;
  }

  private static void add(ResultSet row, SortedMap<String, AgentRows> found) throws SQLException {
    String name = Objects.requireNonNullElse(row.getString("agent"), "");
    AgentRows rows = found.computeIfAbsent(name, any -> new AgentRows());
    if (row.getBoolean("running")) {
      rows.addRunning();
    } else if (row.getBoolean("provisional")) {
      rows.addProvisional();
    } else {
      Long micros = number(row, "us");
      rows.add(
          row.getBoolean("failed"),
          micros == null || micros < 0 ? null : micros,
          number(row, "score"));
    }
  }

  private static @Nullable Long number(ResultSet row, String column) throws SQLException {
    long number = row.getLong(column);
    return row.wasNull() ? null : number;
  }

  /** Returns those of the names that no execution has, whenever it ran. */
  List<String> unknown(List<String> agents) throws SinkUnavailableException {
    List<String> unknown = new ArrayList<>();
    try (ReadConnections.Reading reading = connections.begin();
        PreparedStatement statement = reading.prepare(KNOWN)) {
      for (String agent : agents) {
        statement.setString(1, agent);
        try (ResultSet row = statement.executeQuery()) {
          if (row.next() && !row.getBoolean(1)) {
            unknown.add(agent);
          }
        }
      }
    } catch (SQLException e) {
      throw connections.outage(e);
    }
    return unknown;
  }

  static String between(Window window) {
    return "from %s to %s UTC".formatted(Format.time(window.from()), Format.time(window.to()));
  }
}
