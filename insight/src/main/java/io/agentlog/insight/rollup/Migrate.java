package io.agentlog.insight.rollup;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.agentlog.config.Config;
import io.agentlog.postgres.AddedTables;
import io.agentlog.postgres.AddedTables.Index;
import io.agentlog.sink.SinkUnavailableException;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Makes the dashboard's tables, and two indexes on {@code agent_execution_logs}, for the command
 * {@code migrate}. What is there already stays.
 */
public final class Migrate {
  /** In order; each makes what is missing. */
  private static final List<String> SCRIPTS =
      List.of("V001.sql", "V002.sql", "V003.sql", "V004.sql");

  /** The last column of each script that adds columns to a table of an older dashboard. */
  private static final List<String> COLUMNS = List.of("agent_insight_rollup.cost_currency");

  static final List<Index> INDEXES =
      List.of(
          new Index(
              "agent_execution_logs_completed",
              "agent_execution_logs",
              "ON %s (completed_at) WHERE completed_at IS NOT NULL",
              0,
              ""),
          // Before 16, an update of a row could not stay in its page with an index on updated_at.
          new Index(
              "agent_execution_logs_updated",
              "agent_execution_logs",
              "ON %s USING brin (updated_at) WITH (pages_per_range = 64, autosummarize = on)",
              16,
              "executions that arrive late are counted within the hour instead of the minute"));

  private final Config config;

  public Migrate(Config config) {
    this.config = config;
  }

  /**
   * Makes what is missing. The user needs to own {@code agent_execution_logs} and to be allowed to
   * make tables in its schema.
   *
   * @param out takes a line about each thing that was done
   * @throws SinkUnavailableException if something is missing afterwards; the message says what to
   *     do
   */
  public void run(Consumer<String> out) throws SinkUnavailableException {
    String place = new AddedTables(config, out).run(scripts(), Grants.TABLES, COLUMNS, INDEXES);
    out.accept("the dashboard can use " + place);
    out.accept("rights of a user who only reads the pages: " + Grants.reader("NAME"));
    out.accept("rights of a user who also keeps the tables: " + Grants.writer("NAME"));
    out.accept(
        "and of either, where the database has tables of details: " + Grants.detailReader("NAME"));
  }

  private static String scripts() {
    return SCRIPTS.stream().map(Migrate::text).collect(Collectors.joining("\n"));
  }

  private static String text(String script) {
    try (@Nullable InputStream in = Migrate.class.getResourceAsStream(script)) {
      if (in == null) {
        throw new IllegalStateException(script + " is missing in the jar");
      }
      return new String(in.readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException("the jar can't be read at " + script, e);
    }
  }
}
