package io.agentlog.insight.query;

import io.agentlog.insight.page.Window;
import io.agentlog.sink.SinkUnavailableException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads the groups of errors. Thread-safe. */
public final class ErrorQuery {
  /** Rows of one page; those of the oldest buckets are left out beyond, and the page says so. */
  public static final int ROWS_MAX = 20_000;

  /** A group that was not seen for so long before the window is new. */
  public static final Duration NEW_AFTER = Duration.ofDays(7);

  private static final int MESSAGE_LENGTH_MAX = 400;
  private static final int POINTS = 48;

  private static final String ROWS =
      """
      SELECT bucket, agent_name, project_name, error_type, fingerprint, n, provisional, first_seen, last_seen, example
      FROM agent_insight_errors WHERE level = ? AND bucket >= ? AND bucket < ? ORDER BY level DESC, bucket DESC LIMIT ?""";

  private static final String BEFORE =
      """
      SELECT DISTINCT agent_name, error_type, fingerprint FROM agent_insight_errors
      WHERE level = 2 AND bucket >= ? AND bucket < ?""";

  private static final String MESSAGES =
      "SELECT execution_id, left(error_message, "
          + MESSAGE_LENGTH_MAX
          + ") AS message FROM agent_execution_logs WHERE execution_id = ANY (?::uuid[])";

  private final Database database;

  public ErrorQuery(Database database) {
    this.database = database;
  }

  /** The common values of the errors of a group. */
  public record Key(String agent, String type, String fingerprint) {}

  /**
   * Errors of a group.
   *
   * @param points by time; none where there was none
   */
  public record Group(
      Key key,
      long n,
      long provisional,
      @Nullable Instant first,
      @Nullable Instant last,
      UUID example,
      List<@Nullable Double> points) {}

  /** The groups of a window, the most frequent first. */
  public record Found(
      TrendWindow window,
      List<Group> groups,
      Set<String> agents,
      Set<String> projects,
      boolean cut) {}

  private static final class Sum {
    final double[] points;
    long n;
    long provisional;
    @Nullable Instant first;
    @Nullable Instant last;
    UUID example = new UUID(0, 0);

    Sum(int points) {
      this.points = new double[points];
    }
  }

  /** Returns the buckets that answer for a window: minutes or hours. */
  public static TrendWindow window(Window asked) {
    TrendWindow window = TrendWindow.of(asked, asked.from(), Instant.now(), true, POINTS);
    return window.level() == TrendWindow.MINUTE
        ? window
        : TrendWindow.of(asked, TrendWindow.HOUR, POINTS);
  }

  /**
   * Reads the groups of a window.
   *
   * @param agent null for all
   * @param project null for all
   */
  public Found read(Window asked, @Nullable String agent, @Nullable String project)
      throws SinkUnavailableException {
    TrendWindow window = window(asked);
    Map<Key, Sum> sums = new HashMap<>();
    Set<String> agents = new TreeSet<>();
    Set<String> projects = new TreeSet<>();
    int rows =
        database
            .list(
                ROWS,
                row -> {
                  String ofAgent = row.getString("agent_name");
                  String ofProject = row.getString("project_name");
                  agents.add(ofAgent);
                  projects.add(ofProject);
                  if ((agent == null || agent.equals(ofAgent))
                      && (project == null || project.equals(ofProject))) {
                    add(sums, key(row), window, row);
                  }
                  return 1;
                },
                window.level(),
                window.window().from(),
                window.window().to(),
                ROWS_MAX)
            .size();
    List<Group> groups = new ArrayList<>();
    sums.forEach((key, sum) -> groups.add(group(key, sum)));
    groups.sort((a, b) -> Long.compare(b.n(), a.n()));
    return new Found(window, groups, agents, projects, rows == ROWS_MAX);
  }

  private static void add(Map<Key, Sum> sums, Key key, TrendWindow window, ResultSet row)
      throws SQLException {
    Sum sum = sums.computeIfAbsent(key, k -> new Sum(window.points()));
    int n = row.getInt("n");
    sum.n += n;
    sum.provisional += row.getInt("provisional");
    sum.points[window.point(Objects.requireNonNull(Database.time(row, "bucket")))] += n;
    Instant first = Database.time(row, "first_seen");
    Instant last = Database.time(row, "last_seen");
    Instant firstSoFar = sum.first;
    Instant lastSoFar = sum.last;
    if (firstSoFar == null || (first != null && first.isBefore(firstSoFar))) {
      sum.first = first;
    }
    if (lastSoFar == null || (last != null && last.isAfter(lastSoFar))) {
      sum.last = last;
      sum.example = Objects.requireNonNull(Database.id(row, "example"));
    }
  }

  private static Group group(Key key, Sum sum) {
    List<@Nullable Double> points = new ArrayList<>();
    for (double point : sum.points) {
      points.add(point);
    }
    return new Group(key, sum.n, sum.provisional, sum.first, sum.last, sum.example, points);
  }

  private static Key key(ResultSet row) throws SQLException {
    return new Key(
        row.getString("agent_name"), row.getString("error_type"), row.getString("fingerprint"));
  }

  /** Returns the groups that were seen shortly before the window. */
  public Set<Key> before(TrendWindow window) throws SinkUnavailableException {
    Instant from = window.window().from();
    return new HashSet<>(database.list(BEFORE, ErrorQuery::key, from.minus(NEW_AFTER), from));
  }

  /** Returns the messages of executions, the begin of long ones. */
  public Map<UUID, String> messages(Collection<UUID> executions) throws SinkUnavailableException {
    Map<UUID, String> messages = new HashMap<>();
    String ids = executions.stream().map(UUID::toString).collect(Collectors.joining(",", "{", "}"));
    database.list(
        MESSAGES,
        row -> {
          String message = row.getString("message");
          if (message != null) {
            messages.put(Objects.requireNonNull(Database.id(row, "execution_id")), message);
          }
          return true;
        },
        ids);
    return messages;
  }
}
