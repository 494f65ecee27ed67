package io.agentlog.insight.rollup;

import static java.util.Objects.requireNonNull;

import io.agentlog.backends.Postgres;
import io.agentlog.config.Config;
import io.agentlog.config.ConfigLoader;
import io.agentlog.event.Event;
import io.agentlog.postgres.PostgresSink;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/** A database with the agent's tables and the dashboard's, and a rollup over them. */
final class RollupFixture implements AutoCloseable {
  /** Everything that a row of a table says, but for when it was computed. */
  static final Map<String, String> ROWS =
      Map.of(
          "agent_insight_rollup",
          "level, bucket, agent_name, project_name, ended, succeeded, failed, cancelled,"
              + " provisional, roots, roots_failed, duration_us, duration_bins, duration_counts,"
              + " quality_n, quality_sum, quality_bins, quality_counts, model_calls, tool_calls,"
              + " token_n, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens,"
              + " reasoning_tokens, cost_n, cost, cost_currency",
          "agent_insight_errors",
          "level, bucket, agent_name, project_name, error_type, fingerprint, n, provisional,"
              + " first_seen, last_seen, example",
          "agent_insight_provisional",
          "execution_id, minute, seen");

  final Postgres database;
  final Rollup rollup;
  private final PostgresSink sink;
  private final List<Rollup> others = new ArrayList<>();

  RollupFixture(Postgres database) throws Exception {
    this.database = database;
    sink = new PostgresSink(config());
    sink.write(List.of());
    new Migrate(config()).run(line -> {});
    rollup = new Rollup(config());
  }

  Config config() {
    return config(database, Map.of());
  }

  static Config config(Postgres database, Map<String, String> more) {
    Properties properties = new Properties();
    properties.putAll(
        Map.of(
            "agentlog.postgres.url", database.jdbcUrl(),
            "agentlog.postgres.user", database.user(),
            "agentlog.postgres.password", database.password()));
    more.forEach((key, value) -> properties.put("agentlog." + key, value));
    return ConfigLoader.load(null, properties, Map.of());
  }

  /** A second program at the same database. */
  Rollup other() {
    Rollup other = new Rollup(config());
    others.add(other);
    return other;
  }

  void write(List<Event> events) throws Exception {
    sink.write(events);
  }

  /** Lets a minute pass for the rollup: all that it did is a minute longer ago. */
  void passMinute() {
    database.execute(
        "UPDATE agent_insight_state SET cursor = cursor - interval '61 seconds' WHERE key IN"
            + " ('rollup', 'late', 'ledger', 'days')");
  }

  /** Ticks ten seconds later, or later still if the last tick took so long that it rests. */
  void tickOnce() throws Exception {
    do {
      database.execute(
          "UPDATE agent_insight_state SET cursor = cursor - interval '10 seconds' WHERE key ="
              + " 'rollup'");
    } while (requireNonNull(rollup.tick().figuresAge()).toSeconds() >= 10);
  }

  /** Looks once for what has changed, and ticks until nothing is left to do. */
  void settle() throws Exception {
    passMinute();
    do {
      tickOnce();
    } while (query(
            "SELECT (SELECT count(*) FROM agent_insight_dirty WHERE duty IN ('rollup', 'days')) +"
                + " (SELECT count(*) FROM agent_insight_state WHERE key = 'reconcile-position' AND"
                + " cursor IS NOT NULL)")
        != 0);
  }

  /** Compares all rows with what was counted, and ticks until nothing is left to do. */
  void reconcile() throws Exception {
    rollup.requestReconcile();
    settle();
  }

  /** Puts the tables aside as {@code kept_...} and computes them anew from the agent's rows. */
  void startFromScratch() throws Exception {
    for (String table : ROWS.keySet()) {
      database.execute(
          "DROP TABLE IF EXISTS kept_%1$s; CREATE TABLE kept_%1$s AS SELECT * FROM %1$s; TRUNCATE %1$s"
              .formatted(table));
    }
    database.execute("TRUNCATE agent_insight_state, agent_insight_dirty");
    try (Rollup fresh = new Rollup(config())) {
      while (fresh.tick().historyLeft() != null) {
        // The next part.
      }
    }
  }

  /** Returns rows that are in one of a table and its copy but not in the other. */
  List<String> differences(String table) throws SQLException {
    String recent =
        ROWS.get(table).startsWith("level")
            ? " WHERE level > 1 OR bucket >= (SELECT cursor FROM agent_insight_state WHERE key ="
                + " 'minutes')"
            : "";
    String kept = "SELECT %s FROM kept_%s%s".formatted(ROWS.get(table), table, recent);
    String fresh = "SELECT %s FROM %s%s".formatted(ROWS.get(table), table, recent);
    return list(
        "(SELECT 'kept' || k::text FROM (%1$s EXCEPT %2$s) AS k) UNION ALL (SELECT 'from scratch' || f::text FROM (%2$s EXCEPT %1$s) AS f) LIMIT 20"
            .formatted(kept, fresh));
  }

  long query(String sql) throws SQLException {
    return Long.parseLong(list(sql).get(0));
  }

  List<String> list(String sql) throws SQLException {
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      List<String> list = new ArrayList<>();
      while (rows.next()) {
        list.add(rows.getString(1));
      }
      return list;
    }
  }

  @Override
  public void close() {
    rollup.close();
    others.forEach(Rollup::close);
    sink.close();
    database.close();
  }
}
