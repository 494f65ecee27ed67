package io.agentlog.insight.query;

import io.agentlog.insight.page.Window;
import io.agentlog.sink.SinkUnavailableException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Reads the rollup of executions. Thread-safe. */
public final class TrendQuery {
  /** Rows of one page; those of the oldest buckets are left out beyond, and the page says so. */
  public static final int ROWS_MAX = 20_000;

  /** Points of a small line. */
  static final int SPARK_POINTS = 48;

  /** Points of a chart. */
  static final int CHART_POINTS = 200;

  private final KnownBuckets buckets;

  public TrendQuery(Database database) {
    buckets = new KnownBuckets(database);
  }

  /** The sums of a window. */
  public record Found(TrendWindow window, List<OfAgent> agents, Set<String> projects, boolean cut) {
    /** Returns the sums over all agents. */
    public Totals all() {
      Totals all = new Totals();
      agents.forEach(agent -> all.add(agent.total()));
      return all;
    }

    /** Returns the sums over all agents, by point; null where nothing ended. */
    public List<@Nullable Totals> points() {
      List<@Nullable Totals> points = new ArrayList<>();
      for (int i = 0; i < window.points(); i++) {
        Totals sum = null;
        for (OfAgent agent : agents) {
          Totals point = agent.points().get(i);
          if (point != null) {
            sum = sum == null ? new Totals() : sum;
            sum.add(point);
          }
        }
        points.add(sum);
      }
      return points;
    }
  }

  /**
   * One agent's sums.
   *
   * @param points in the order of time; null where nothing ended
   */
  public record OfAgent(String agent, Totals total, List<@Nullable Totals> points) {}

  /** Returns a window without executions. */
  public static Found nothing(Window asked) {
    return new Found(
        TrendWindow.of(asked, TrendWindow.HOUR, SPARK_POINTS), List.of(), Set.of(), false);
  }

  /** Reads all agents in a window, those that a project's executions had if one is given. */
  public Found all(Window asked, @Nullable String project) throws SinkUnavailableException {
    TrendWindow window = TrendWindow.of(asked, asked.from(), Instant.now(), false, SPARK_POINTS);
    return read(window, null, project);
  }

  /** Reads all agents in the minutes of a short window, one point for each. */
  public Found lastMinutes(Window asked) throws SinkUnavailableException {
    return read(
        TrendWindow.of(asked, TrendWindow.MINUTE, (int) asked.length().toMinutes() + 1),
        null,
        null);
  }

  /**
   * Reads one agent in a window.
   *
   * @param oldest begin of an earlier window that will be read with {@link #likewise}
   */
  public Found one(Window asked, Instant oldest, String agent, @Nullable String project)
      throws SinkUnavailableException {
    Instant first = oldest.isBefore(asked.from()) ? oldest : asked.from();
    return read(TrendWindow.of(asked, first, Instant.now(), true, CHART_POINTS), agent, project);
  }

  /** Reads one agent in another window at the same level, so that both are seen alike. */
  public Found likewise(TrendWindow example, Window asked, String agent, @Nullable String project)
      throws SinkUnavailableException {
    return read(TrendWindow.of(asked, example.level(), CHART_POINTS), agent, project);
  }

  private Found read(TrendWindow window, @Nullable String agent, @Nullable String project)
      throws SinkUnavailableException {
    Map<String, Totals[]> points = new TreeMap<>();
    Set<String> projects = new TreeSet<>();
    KnownBuckets.Rows found = buckets.read(window, agent, ROWS_MAX);
    for (RollupRow row : found.rows()) {
      projects.add(row.project);
      if (project == null || project.equals(row.project)) {
        Totals[] ofAgent = points.computeIfAbsent(row.agent, name -> new Totals[window.points()]);
        int point = window.point(row.bucket);
        if (ofAgent[point] == null) {
          ofAgent[point] = new Totals();
        }
        ofAgent[point].add(row);
      }
    }
    List<OfAgent> agents = new ArrayList<>();
    points.forEach((name, list) -> agents.add(ofAgent(name, list)));
    return new Found(window, agents, projects, found.cut());
  }

  private static OfAgent ofAgent(String name, @Nullable Totals[] points) {
    Totals total = new Totals();
    List<@Nullable Totals> list = new ArrayList<>();
    for (Totals point : points) {
      list.add(point);
      if (point != null) {
        total.add(point);
      }
    }
    return new OfAgent(name, total, list);
  }
}
