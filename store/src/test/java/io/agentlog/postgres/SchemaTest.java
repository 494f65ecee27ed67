package io.agentlog.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the catalog's rows mean for the sink. */
class SchemaTest {
  private static final String LOGS = "agent_execution_logs";
  private static final String INSTANCES = "agent_instances";

  private final FakeDatabase database = new FakeDatabase();

  @Test
  void completeTablesMissNothingAndObstructNothing() throws SQLException {
    Schema schema = read(CatalogRows.complete());

    assertThat(schema)
        .isEqualTo(
            new Schema(
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                DetailLimits.NONE));
    assertThat(schema.isIncomplete()).isFalse();
    assertThat(schema.isUnusable()).isFalse();
    assertThat(Schema.tableNames()).allMatch(schema::isThere);
    assertThat(database.statements().get(1).parameters())
        .map(Object::toString)
        .containsExactly(
            "text[agent_execution_logs, agent_execution_progress, agent_routing_decisions,"
                + " agent_instances]",
            "text[\"public\".agent_execution_logs, \"public\".agent_execution_progress,"
                + " \"public\".agent_routing_decisions, \"public\".agent_instances]");
  }

  @Test
  void emptyDatabaseMissesEveryTable() throws SQLException {
    Schema schema = Schema.read(database.connection());

    assertThat(schema.missing())
        .containsExactly(
            "table agent_execution_logs",
            "table agent_execution_progress",
            "table agent_routing_decisions");
    assertThat(schema.missingForLeases()).containsExactly("table agent_instances");
    assertThat(schema.isUnusable()).isTrue();
    assertThat(Schema.tableNames()).noneMatch(schema::isThere);
  }

  @Test
  void missingColumnsAreNamedWithTheirTable() throws SQLException {
    Schema schema = read(CatalogRows.complete().without(LOGS, "seen").without(LOGS, "updated_at"));

    assertThat(schema.missing()).containsExactly("agent_execution_logs (seen, updated_at)");
    assertThat(schema.isIncomplete()).isTrue();
    assertThat(schema.isUnusable()).isTrue();
    assertThat(schema.isThere(LOGS)).isTrue();
  }

  @Test
  void missingTableOfLeasesDoesNotStopDelivery() throws SQLException {
    Schema schema = read(CatalogRows.complete().withKind(INSTANCES, null));

    assertThat(schema.missingForLeases()).containsExactly("table agent_instances");
    assertThat(schema.isIncomplete()).isTrue();
    assertThat(schema.isUnusable()).isFalse();
    assertThat(schema.isThere(INSTANCES)).isFalse();
  }

  @Test
  void missingColumnOfReportsIsNoneOfTheLeases() throws SQLException {
    Schema schema = read(CatalogRows.complete().without(INSTANCES, "report"));

    assertThat(schema.missingForReports()).containsExactly("agent_instances (report)");
    assertThat(schema.missingForLeases()).isEmpty();
    assertThat(schema.isIncomplete()).isTrue();
    assertThat(schema.isUnusable()).isFalse();
  }

  @Test
  void objectThatIsNoTableIsForeign() throws SQLException {
    Schema schema =
        read(
            CatalogRows.complete()
                .withKind("agent_execution_progress", "v")
                .withKind("agent_routing_decisions", "S")
                .withKind(INSTANCES, "p")); // A partitioned table is one.

    assertThat(schema.foreign())
        .containsExactly(
            "agent_execution_progress is a view", "agent_routing_decisions is no table");
    assertThat(schema.isThere("agent_execution_progress")).isFalse();
    assertThat(schema.isThere(LOGS)).isTrue();
  }

  @Test
  void notNullOfAColumnThatTheSinkDoesNotAlwaysSetIsAnObstacle() throws SQLException {
    CatalogRows rows =
        CatalogRows.complete()
            .without(LOGS, "user_prompt")
            .with(LOGS, "user_prompt", "text", true, true) // A default doesn't help: NULL is sent.
            .without(LOGS, "status")
            .with(LOGS, "status", "text", true, false) // Every row has one.
            .with(LOGS, "the \"team\"", "text", true, false)
            .with(LOGS, "region", "text", true, true);

    assertThat(read(rows).obstacles())
        .containsExactly(
            new Obstacle(
                "agent_execution_logs.user_prompt is NOT NULL",
                "ALTER TABLE agent_execution_logs ALTER COLUMN \"user_prompt\" DROP NOT NULL"),
            new Obstacle(
                "agent_execution_logs.the \"team\" is NOT NULL",
                "ALTER TABLE agent_execution_logs ALTER COLUMN \"the \"\"team\"\"\" DROP NOT"
                    + " NULL"));
  }

  @Test
  void columnOfAnotherTypeIsAnObstacleWithoutARemedy() throws SQLException {
    CatalogRows rows =
        CatalogRows.complete()
            .without(LOGS, "quality_score")
            .with(LOGS, "quality_score", "numeric(3,2)", false, false);

    assertThat(read(rows).obstacles())
        .containsExactly(
            new Obstacle(
                "agent_execution_logs.quality_score is numeric(3,2), not numeric(5,4)", null));
  }

  @Test
  void constraintIsRemovableIfTheSinkWritesAllItsColumns() throws SQLException {
    database.on(
        CatalogRows.CONSTRAINTS,
        FakeDatabase.rows(
            FakeDatabase.row(LOGS, "of status", "CHECK (x)", "\"of status\"", "status"),
            FakeDatabase.row(LOGS, "team_fk", "FOREIGN KEY", "team_fk", "status, team"),
            FakeDatabase.row(LOGS, "expression", "CHECK (y)", "expression", null)));

    assertThat(read(CatalogRows.complete()).obstacles())
        .containsExactly(
            new Obstacle(
                "agent_execution_logs has of status CHECK (x)",
                "ALTER TABLE agent_execution_logs DROP CONSTRAINT \"of status\""),
            new Obstacle("agent_execution_logs has team_fk FOREIGN KEY", null),
            new Obstacle("agent_execution_logs has expression CHECK (y)", null));
  }

  @Test
  void uniqueIndexIsAnObstacleUnlessItHasTheColumnsOfOurs() throws SQLException {
    CatalogRows rows =
        CatalogRows.complete()
            .withUnique(INSTANCES, "instance_id", true)
            .withUnique(LOGS, "correlation_id", true)
            .withUnique(LOGS, "team", true);

    assertThat(read(rows).obstacles())
        .containsExactly(
            new Obstacle("agent_execution_logs has unique i (correlation_id)", "DROP INDEX i"),
            new Obstacle("agent_execution_logs has unique i (team)", null));
  }

  @Test
  void tableWithoutAUsableKeyIsNamedWithTheIndexToMake() throws SQLException {
    CatalogRows rows =
        CatalogRows.complete().withoutUnique(LOGS).withUnique(LOGS, "execution_id", false);

    assertThat(read(rows).missingKeys())
        .containsExactly(
            "agent_execution_logs has no unique index on (execution_id), so a repeated delivery"
                + " would add rows: run CREATE UNIQUE INDEX CONCURRENTLY ON agent_execution_logs"
                + " (execution_id)");
  }

  @Test
  void partitionedTableIsOfferedOnlyWhatPostgresAccepts() throws SQLException {
    CatalogRows rows = CatalogRows.complete().withoutUnique(LOGS);
    database.on(
        "pg_get_partkeydef",
        FakeDatabase.rows(FakeDatabase.row("HASH (execution_id)", "execution_id")),
        FakeDatabase.rows(FakeDatabase.row("RANGE (started_at)", "started_at")));

    assertThat(read(rows).missingKeys().get(0))
        .endsWith("run CREATE UNIQUE INDEX ON agent_execution_logs (execution_id)");
    assertThat(read(rows).missingKeys().get(0))
        .contains("is partitioned by RANGE (started_at), where PostgreSQL allows no unique index")
        .endsWith(
            "rename the table, so that agentlog makes one of its own, or partition it by HASH"
                + " (execution_id)");
  }

  @Test
  void obstacleReadsAsItsText() {
    assertThat(new Obstacle("a.b is NOT NULL", "ALTER")).hasToString("a.b is NOT NULL");
  }

  private Schema read(CatalogRows rows) throws SQLException {
    return Schema.read(rows.in(database).connection());
  }
}
