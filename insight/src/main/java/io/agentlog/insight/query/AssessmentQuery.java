package io.agentlog.insight.query;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.agentlog.insight.page.QualityPage;
import io.agentlog.insight.page.Window;
import io.agentlog.insight.statistics.Bins;
import io.agentlog.insight.statistics.Scales;
import io.agentlog.json.BrokenLineException;
import io.agentlog.json.JsonReader;
import io.agentlog.sink.SinkUnavailableException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Reads what patterns and score rules say of executions. Thread-safe. */
public final class AssessmentQuery {
  /** Executions that did not pass and whose reasons are read, the latest. */
  public static final int LOOKED_AT_MAX = 2_000;

  /** Rows of sums that are read. */
  static final int SUMS_MAX = 20_000;

  /** Reasons and versions that are listed. */
  static final int LISTED_MAX = 50;

  private static final String TABLES =
      """
      SELECT to_regclass('agent_insight_scores') IS NOT NULL AND to_regclass('agent_insight_assessments') IS NOT NULL AS exist,
        coalesce(has_table_privilege(to_regclass('agent_insight_scores'), 'SELECT')
          AND has_table_privilege(to_regclass('agent_insight_assessments'), 'SELECT'), false) AS readable""";

  private static final String SUMS =
      "SELECT bucket, agent_name, rule, rule_hash, assessed, failed, warned, left_out, score_sum,"
          + " score_bins::text, score_counts::text"
          + " FROM agent_insight_scores WHERE level = ? AND bucket >= ? AND bucket < ? ORDER BY level DESC, bucket DESC LIMIT ?";

  private static final String REASONS =
      """
      SELECT execution_id, agent_name, rule, rule_hash, verdict, completed_at, detail FROM agent_insight_assessments
      WHERE completed_at >= ? AND completed_at < ? /*agent*/ ORDER BY completed_at DESC LIMIT ?""";

  private final Database database;

  public AssessmentQuery(Database database) {
    this.database = database;
  }

  /**
   * The assessments of a window.
   *
   * @param problem why nothing can be read; null if it can
   */
  public record Found(
      List<QualityPage.Assessed> assessed,
      List<QualityPage.Deviation> deviations,
      @Nullable String problem) {}

  private record Version(String agent, String rule, String hash) implements Comparable<Version> {
    @Override
    public int compareTo(Version other) {
      int byAgent = agent.compareTo(other.agent);
      int byRule = byAgent != 0 ? byAgent : rule.compareTo(other.rule);
      return byRule != 0 ? byRule : hash.compareTo(other.hash);
    }
  }

  private static final class Sum {
    final Bins scores = new Bins();
    Instant from = Instant.MAX;
    Instant to = Instant.MIN;
    long assessed;
    long failed;
    long warned;
    long leftOut;
    double score;

    void add(ResultSet row) throws SQLException {
      Instant bucket = Objects.requireNonNull(Database.time(row, "bucket"));
      from = bucket.isBefore(from) ? bucket : from;
      to = bucket.isAfter(to) ? bucket : to;
      assessed += row.getLong("assessed");
      failed += row.getLong("failed");
      warned += row.getLong("warned");
      leftOut += row.getLong("left_out");
      score += row.getDouble("score_sum");
      Totals.addBins(scores, row.getString("score_bins"), row.getString("score_counts"));
    }
  }

  /**
   * Reads a window.
   *
   * @param asked the rows of {@code agent_insight_scores} that answer for it
   * @param agent null for all
   * @param applications mean of the application's own scores, by agent
   */
  public Found find(
      TrendWindow asked, @Nullable String agent, Map<String, @Nullable Double> applications)
      throws SinkUnavailableException {
    String problem = problem();
    if (problem != null) {
      return new Found(List.of(), List.of(), problem);
    }
    Map<Version, Sum> sums = new TreeMap<>();
    Window window = asked.window();
    database.list(
        SUMS,
        row -> {
          Version version =
              new Version(
                  row.getString("agent_name"), row.getString("rule"), row.getString("rule_hash"));
          if (agent == null || agent.equals(version.agent())) {
            sums.computeIfAbsent(version, key -> new Sum()).add(row);
          }
          return 1;
        },
        asked.level(),
        window.from(),
        window.to(),
        SUMS_MAX);
    List<QualityPage.Assessed> assessed = new ArrayList<>();
    sums.forEach(
        (version, sum) -> assessed.add(assessed(version, sum, applications.get(version.agent()))));
    return new Found(assessed.stream().limit(LISTED_MAX).toList(), deviations(window, agent), null);
  }

  private @Nullable String problem() throws SinkUnavailableException {
    return database
        .list(
            TABLES,
            row ->
                row.getBoolean("exist")
                    ? row.getBoolean("readable")
                        ? ""
                        : "The dashboard's user may not read the tables of scores: GRANT SELECT ON agent_insight_scores, agent_insight_assessments to it."
                    : "The tables of scores are missing. Make them, as the owner of the agent's tables: java -jar agentlog-insight.jar migrate")
        .stream()
        .filter(text -> !text.isEmpty())
        .findFirst()
        .orElse(null);
  }

  private static QualityPage.Assessed assessed(
      Version version, Sum sum, @Nullable Double application) {
    Integer low = sum.scores.quantile(0.1);
    return new QualityPage.Assessed(
        version.agent(),
        version.rule(),
        version.hash(),
        sum.from,
        sum.to,
        sum.assessed,
        sum.failed,
        sum.warned,
        sum.leftOut,
        sum.assessed == 0 ? null : sum.score / sum.assessed,
        low == null ? null : Scales.quality(low),
        application);
  }

  private record Reason(Version version, String verdict, String text) {}

  private static final class Count {
    long n;
    @Nullable UUID example;
    @Nullable Instant latest;
  }

  /** The latest executions that did not pass, by what is wrong with them. */
  private List<QualityPage.Deviation> deviations(Window window, @Nullable String agent)
      throws SinkUnavailableException {
    Map<Reason, Count> counts = new LinkedHashMap<>();
    Database.Row<Integer> each =
        row -> {
          Reason reason =
              new Reason(
                  new Version(
                      row.getString("agent_name"),
                      row.getString("rule"),
                      row.getString("rule_hash")),
                  row.getString("verdict"),
                  text(row.getString("detail")));
          Count count = counts.computeIfAbsent(reason, key -> new Count());
          count.n++;
          if (count.example == null) {
            count.example = Database.id(row, "execution_id");
            count.latest = Database.time(row, "completed_at");
          }
          return 1;
        };
    if (agent == null) {
      database.list(REASONS, each, window.from(), window.to(), LOOKED_AT_MAX);
    } else {
      database.list(
          REASONS.replace("/*agent*/", "AND agent_name = ?"),
          each,
          window.from(),
          window.to(),
          agent,
          LOOKED_AT_MAX);
    }
    List<QualityPage.Deviation> list = new ArrayList<>();
    counts.forEach(
        (reason, count) ->
            list.add(
                new QualityPage.Deviation(
                    reason.version().agent(),
                    reason.version().rule(),
                    reason.version().hash(),
                    reason.verdict(),
                    reason.text(),
                    count.n,
                    Objects.requireNonNull(count.example),
                    count.latest)));
    list.sort((a, b) -> Long.compare(b.n(), a.n()));
    return list.stream().limit(LISTED_MAX).toList();
  }

  /** The first deviation of stages, or the sources whose score is not 1. */
  private static String text(@Nullable String detail) {
    try {
      Map<String, @Nullable Object> map =
          JsonReader.parse(Objects.requireNonNullElse(detail, "{}").getBytes(UTF_8));
      if (map.get("text") instanceof String text) {
        return text;
      }
      List<String> low = new ArrayList<>();
      map.forEach(
          (source, score) -> {
            if (score instanceof Number number && number.doubleValue() < 1) {
              low.add(source);
            }
          });
      return low.isEmpty() ? "" : "low: " + String.join(", ", low);
    } catch (BrokenLineException e) {
      return "";
    }
  }
}
