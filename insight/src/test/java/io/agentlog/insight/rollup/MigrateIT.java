package io.agentlog.insight.rollup;

import static java.time.ZoneOffset.UTC;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentlog.backends.Backends;
import io.agentlog.backends.Postgres;
import io.agentlog.config.Config;
import io.agentlog.postgres.Partitioning;
import io.agentlog.postgres.PostgresSink;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Goal: migrate makes what is missing and says so. Method: real databases in each state. */
@Timeout(120)
class MigrateIT {
  private final Postgres database = Backends.postgres().newDatabase();

  @AfterEach
  void close() {
    database.close();
  }

  @Test
  void makesTablesAndIndexesOnce() throws Exception {
    makeAgentTables(config(Map.of()));

    assertThat(migrate(config(Map.of())))
        .anySatisfy(
            line ->
                assertThat(line)
                    .startsWith("made in schema public: agent_insight_rollup")
                    .contains(
                        "agent_insight_alerts, agent_insight_alert_events, agent_insight_outbox,"
                            + " agent_insight_losses, agent_insight_assessments,"
                            + " agent_insight_scores, agent_insight_drops, agent_insight_judged"))
        .anySatisfy(
            line ->
                assertThat(line).matches("index agent_execution_logs_completed: made in [0-9.]+ s"))
        .anySatisfy(
            line ->
                assertThat(line).matches("index agent_execution_logs_updated: made in [0-9.]+ s"));
    assertThat(migrate(config(Map.of())))
        .contains(
            "tables of the dashboard: all are there, in schema public",
            "index agent_execution_logs_completed: is there",
            "index agent_execution_logs_updated: is there");
    assertThat(indexes())
        .contains("agent_execution_logs_completed true", "agent_execution_logs_updated true");
  }

  @Test
  void tablesOfAnOlderDashboardGetWhatTheyLack() throws Exception {
    makeAgentTables(config(Map.of()));
    migrate(config(Map.of()));
    database.execute(
        "ALTER TABLE agent_insight_rollup DROP COLUMN model_calls, DROP COLUMN tool_calls, DROP"
            + " COLUMN token_n, DROP COLUMN input_tokens, DROP COLUMN output_tokens, DROP COLUMN"
            + " cache_read_tokens, DROP COLUMN cache_write_tokens, DROP COLUMN reasoning_tokens,"
            + " DROP COLUMN cost_n, DROP COLUMN cost, DROP COLUMN cost_currency");

    try (Connection reader = database.connect();
        Statement statement = reader.createStatement()) {
      reader.setAutoCommit(false);
      statement.execute("SELECT FROM agent_insight_rollup");
      assertThatThrownBy(() -> migrate(config(Map.of())))
          .hasMessageContaining("another session holds a lock")
          .hasMessageContaining("run migrate again later");
    }
    assertThat(migrate(config(Map.of())))
        .contains("made in schema public: columns of agent_insight_rollup");
    try (Rollup rollup = new Rollup(config(Map.of()))) {
      assertThat(rollup.tick().figuresAge()).isZero();
    }
    assertThat(migrate(config(Map.of())))
        .contains("tables of the dashboard: all are there, in schema public");
  }

  @Test
  void invalidIndexIsDroppedAndMadeAgain() throws Exception {
    makeAgentTables(config(Map.of()));
    migrate(config(Map.of()));
    database.execute(
        "UPDATE pg_index SET indisvalid = false WHERE indexrelid ="
            + " 'agent_execution_logs_completed'::regclass");
    assertThat(indexes()).contains("agent_execution_logs_completed false");

    assertThat(migrate(config(Map.of())))
        .contains("index agent_execution_logs_completed: an attempt had left it invalid; dropped");
    assertThat(indexes()).contains("agent_execution_logs_completed true");
  }

  @Test
  void tablesOfAnotherSchemaGetTheirsThere() throws Exception {
    database.execute("CREATE SCHEMA \"Agents of X\"; CREATE SCHEMA mine");
    makeAgentTables(config(Map.of("postgres.client.currentSchema", "\"Agents of X\"")));
    Config config = config(Map.of("postgres.client.currentSchema", "mine,\"Agents of X\""));

    assertThat(migrate(config))
        .anySatisfy(line -> assertThat(line).startsWith("made in schema Agents of X: "));
    try (Rollup rollup = new Rollup(config)) {
      assertThat(rollup.tick().figuresAge()).isZero();
    }
    assertThat(
            list(
                "SELECT DISTINCT n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid ="
                    + " c.relnamespace WHERE relname LIKE 'agent_insight_%' OR relname ="
                    + " 'agent_execution_logs_updated'"))
        .containsExactly("Agents of X");
    assertThat(list("SELECT key FROM \"Agents of X\".agent_insight_state"))
        .contains("rollup", "late");
  }

  @Test
  void saysWhatIsInTheWay() throws Exception {
    assertThatThrownBy(() -> migrate(config(Map.of())))
        .hasMessageContaining("there is no table agent_execution_logs")
        .hasMessageContaining("java -jar agentlog.jar migrate");

    database.execute(
        """
        CREATE TABLE agent_execution_logs (execution_id uuid PRIMARY KEY, completed_at timestamptz, updated_at timestamptz)
          PARTITION BY HASH (execution_id)\
        """);
    assertThatThrownBy(() -> migrate(config(Map.of())))
        .hasMessageContaining("agent_execution_logs at")
        .hasMessageContaining("is partitioned")
        .hasMessageContaining(
            "run CREATE INDEX agent_execution_logs_completed ON \"public\".agent_execution_logs"
                + " (completed_at)");
  }

  @Test
  void makesIndexesOfTablesThatArePartitionedByDayPartitionByPartition() throws Exception {
    makeAgentTables(config(Map.of()));
    new Partitioning(config(Map.of()), line -> {}).run(LocalDate.now(UTC).plusDays(2));

    assertThat(migrate(config(Map.of())))
        .anySatisfy(
            line ->
                assertThat(line)
                    .matches("index agent_execution_logs_completed: made in [0-9.]+ s"));

    assertThat(indexes())
        .contains("agent_execution_logs_completed true", "agent_execution_logs_updated true")
        .noneMatch(index -> index.endsWith("false"))
        .filteredOn(index -> index.contains("_completed_"))
        .hasSize(4); // The first partition, two days and the rest.
    assertThat(migrate(config(Map.of())))
        .contains("index agent_execution_logs_completed: is there");
  }

  private static void makeAgentTables(Config config) throws Exception {
    try (PostgresSink sink = new PostgresSink(config)) {
      sink.write(List.of());
    }
  }

  private static List<String> migrate(Config config) throws Exception {
    List<String> lines = new ArrayList<>();
    new Migrate(config).run(lines::add);
    return lines;
  }

  private Config config(Map<String, String> more) {
    return RollupFixture.config(database, more);
  }

  private List<String> indexes() throws Exception {
    return list("SELECT indexrelid::regclass || ' ' || indisvalid FROM pg_index");
  }

  private List<String> list(String sql) throws Exception {
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
}
