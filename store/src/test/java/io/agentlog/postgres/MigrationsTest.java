package io.agentlog.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentlog.log.CapturedLog;
import io.agentlog.sink.SinkUnavailableException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which scripts run, and what is reported instead. */
class MigrationsTest {
  private static final String PROGRESS = "agent_execution_progress";
  private static final String LOCK = "pg_advisory_xact_lock(7018690069354278759)";
  private static final String IS_THERE = "c.relname = ?::name";

  /** Part of the query that asks whether this user may read the version. */
  private static final String MAY_READ_VERSION = "has_table_privilege";

  private static final String VERSION = "max(version)";
  private static final String RECORD = "INSERT INTO \"public\".agentlog_schema_version";

  private final CapturedLog log = new CapturedLog();
  private final FakeDatabase database = new FakeDatabase();
  private long now;

  @AfterEach
  void close() {
    log.close();
  }

  @Test
  void schemaThatIsOffIsNotLookedAt() throws Exception {
    migrations("off").prepare(database.connection());

    assertThat(database.log()).isEmpty();
  }

  @Test
  void completeTablesOfThisVersionAreOnlyRead() throws Exception {
    CatalogRows.complete().in(version(6));
    migrations("migrate").prepare(database.connection());

    assertThat(database.log()).endsWith("commit");
    assertThat(database.count("SELECT")).isEqualTo(database.statements().size());
    assertThat(database.count(LOCK)).isZero();
  }

  @Test
  void completeTablesRunOnlyTheScriptsOfLaterVersions() throws Exception {
    CatalogRows.complete().in(version(1));
    Migrations migrations = migrations("migrate");
    migrations.prepare(database.connection());

    assertThat(recorded()).containsExactly(3, "V003__kind", 4, "V004__views", 5, "V005__report");
    assertThat(migrations.missingIndexes())
        .extracting(Script.Step::name)
        .containsExactly("agent_execution_logs_root"); // The last script is recorded with it.
    assertThat(database.count("CREATE VIEW \"public\".agent_trace AS")).isEqualTo(1);
    assertThat(log.lines())
        .containsExactly(
            "[agentlog] postgres - schema at db:5432/app: ran V003__kind",
            "[agentlog] postgres - schema at db:5432/app: ran V004__views",
            "[agentlog] postgres - schema at db:5432/app: ran V005__report");
  }

  @Test
  void viewsOfTheEarlierVersionAreNotMadeAgain() throws Exception {
    CatalogRows.complete().in(version(3));
    migrations("migrate").prepare(database.connection());

    assertThat(recorded()).containsExactly(4, "V004__views", 5, "V005__report");
    assertThat(database.count("CREATE VIEW")).isEqualTo(1);
    assertThat(database.count("CREATE VIEW \"public\".v_agentlog_tree_usage AS")).isEqualTo(1);
  }

  @Test
  void tablesThatAreMissingAreMadeInOneTransactionWhereNothingButTheCatalogIsSearched()
      throws Exception {
    CatalogRows.complete().in(version(0));
    database.on(CatalogRows.COLUMNS, FakeDatabase.rows());
    migrations("migrate").prepare(database.connection());

    assertThat(recorded())
        .containsExactly(
            1,
            "V001__tables",
            3,
            "V003__kind",
            4,
            "V004__views",
            5,
            "V005__report",
            6,
            "V006__usage");
    List<String> asked = database.log();
    int locked = asked.indexOf("SELECT pg_catalog." + LOCK);
    assertThat(asked.subList(locked - 2, locked + 2))
        .containsExactly(
            "SET LOCAL lock_timeout = '5s'",
            "SET LOCAL search_path = pg_catalog, pg_temp",
            "SELECT pg_catalog." + LOCK,
            "SET LOCAL lock_timeout = 50");
    int last =
        asked.lastIndexOf(
            "INSERT INTO \"public\".agentlog_schema_version (version, script) VALUES (?, ?) ON"
                + " CONFLICT (version) DO NOTHING");
    assertThat(asked.subList(locked, last)).doesNotContain("commit", "rollback");
    assertThat(database.count("CREATE INDEX IF NOT EXISTS")).isEqualTo(7);
  }

  @Test
  void columnsOfATableThatIsInUseAreATransactionOfTheirOwnAndItsIndexesAreLeft() throws Exception {
    CatalogRows.complete().in(version(0));
    database.on(CatalogRows.COLUMNS, FakeDatabase.rows());
    List<Object> there = new ArrayList<>(Collections.nCopies(2, isThere()));
    there.addAll(Collections.nCopies(8, FakeDatabase.rows())); // A column, then indexes.
    database.on(IS_THERE, there.toArray());
    Migrations migrations = migrations("migrate");
    migrations.prepare(database.connection());

    List<String> asked = database.log();
    int altered = asked.indexOf("ALTER TABLE \"public\".agent_execution_logs");
    assertThat(asked.get(altered - 1)).isEqualTo("SET LOCAL lock_timeout = 50");
    assertThat(asked.get(altered + 1)).isEqualTo("commit");
    assertThat(migrations.missingIndexes())
        .extracting(Script.Step::table)
        .containsOnly("agent_execution_logs")
        .hasSize(6);
    assertThat(recorded()).isEmpty();
  }

  @Test
  void lockOfAnotherSessionIsAskedForAgainSeldom() throws Exception {
    CatalogRows.complete().without(PROGRESS, "stage").in(version(0, 0, 0, 0, 0, 0));
    database.on("ADD COLUMN", FakeDatabase.refused("55P03"), FakeDatabase.refused("55P03"));
    Migrations migrations = migrations("migrate");
    for (int attempts : new int[] {1, 1, 2, 2, 2}) {
      assertThatThrownBy(() -> migrations.prepare(database.connection()))
          .isInstanceOf(SinkUnavailableException.class)
          .hasMessageContaining("another session holds a lock on the table");
      assertThat(database.count("ADD COLUMN")).isEqualTo(attempts);
      now += Migrations.RETRY_NANOS; // A quarter is added to the wait, which doubles each time.
    }
  }

  @Test
  void tablesThatAreMissingAlthoughTheirScriptRanRunEveryScriptAgain() throws Exception {
    CatalogRows.complete().in(version(6));
    database.on(CatalogRows.COLUMNS, FakeDatabase.rows(), FakeDatabase.rows());
    migrations("migrate").prepare(database.connection());

    assertThat(recorded())
        .containsExactly(
            1,
            "V001__tables",
            3,
            "V003__kind",
            4,
            "V004__views",
            5,
            "V005__report",
            6,
            "V006__usage");
  }

  @Test
  void tablesThatAnotherJvmMadeMeanwhileRunNoScript() throws Exception {
    CatalogRows.complete().in(version(6));
    database.on(CatalogRows.COLUMNS, FakeDatabase.rows());
    migrations("migrate").prepare(database.connection());

    assertThat(database.count(LOCK)).isEqualTo(1);
    assertThat(recorded()).isEmpty();
  }

  @Test
  void versionThatThisUserMayNotReadCausesNoMigration() throws Exception {
    CatalogRows.complete().in(database);
    migrations("migrate").prepare(database.connection());

    assertThat(database.count(VERSION)).isZero();
    assertThat(database.count(LOCK)).isZero();
  }

  @Test
  void validationNeverChangesAnything() throws Exception {
    CatalogRows.complete().in(version(1));
    migrations("validate").prepare(database.connection());

    assertThat(database.count(LOCK)).isZero();
  }

  @Test
  void missingColumnIsAnOutageThatSaysWhatToDo() {
    CatalogRows.complete().without(PROGRESS, "stage").in(version(6));

    assertThatThrownBy(() -> migrations("validate").prepare(database.connection()))
        .isInstanceOf(SinkUnavailableException.class)
        .hasMessage(
            "the schema at db:5432/app is missing agent_execution_progress (stage): set"
                + " agentlog.postgres.schema=migrate, once as a user who may alter them");
  }

  @Test
  void foreignObjectIsAnOutageAndIsNotMigrated() {
    CatalogRows.complete().withKind(PROGRESS, "v").in(version(0));

    assertThatThrownBy(() -> migrations("migrate").prepare(database.connection()))
        .isInstanceOf(SinkUnavailableException.class)
        .hasMessage(
            "agent_execution_progress is a view at db:5432/app: rename it, or set"
                + " agentlog.postgres.client.currentSchema to a schema of agentlog's own");
    assertThat(database.count(LOCK)).isZero();
  }

  @Test
  void obstaclesAreReportedWhenTheyChange() throws Exception {
    CatalogRows rows = CatalogRows.complete().with(PROGRESS, "team", "text", true, false);
    rows.in(version(6, 6, 6, 6));
    Migrations migrations = migrations("migrate");
    migrations.prepare(database.connection());
    migrations.prepare(database.connection());
    rows.with(PROGRESS, "region", "text", true, false).in(database);
    migrations.prepare(database.connection());

    assertThat(log.lines())
        .containsExactly(
            "[agentlog] postgres - WARN the tables at db:5432/app may refuse some rows:"
                + " agent_execution_progress.team is NOT NULL",
            "[agentlog] postgres - WARN the tables at db:5432/app may refuse some rows:"
                + " agent_execution_progress.team is NOT NULL; agent_execution_progress.region is"
                + " NOT NULL");
  }

  @Test
  void viewThatCantBeMadeIsLeftOutAndReported() throws Exception {
    CatalogRows.complete().in(version(1));
    database.on("CREATE VIEW \"public\".agent_trace", FakeDatabase.refused("42883"));
    migrations("migrate").prepare(database.connection());

    assertThat(log.lines())
        .contains(
            "[agentlog] postgres - WARN schema at db:5432/app: view agent_trace is left out:"
                + " SQLSTATE 42883: no");
    assertThat(database.count("COMMENT ON VIEW \"public\".agent_trace")).isZero();
    assertThat(database.count("COMMENT ON VIEW")).isEqualTo(10);
  }

  @Test
  void missingRightToMakeTheTableOfLeasesDoesNotStopDelivery() throws Exception {
    CatalogRows.complete().withKind("agent_instances", null).in(version(6));
    database.on(LOCK, FakeDatabase.refused("42501"));
    migrations("migrate").prepare(database.connection());

    assertThat(database.log()).endsWith("rollback");
  }

  @Test
  void migrationThatFailsForAnotherReasonIsThrown() {
    CatalogRows.complete().withKind("agent_instances", null).in(version(6));
    SQLException locked = FakeDatabase.refused("53200");
    database.on(LOCK, locked);

    assertThatThrownBy(() -> migrations("migrate").prepare(database.connection())).isSameAs(locked);
  }

  @Test
  void missingRightToMakeTheOtherTablesIsThrown() {
    SQLException refused = FakeDatabase.refused("42501");
    version(0).on(LOCK, refused);

    assertThatThrownBy(() -> migrations("migrate").prepare(database.connection()))
        .isSameAs(refused);
  }

  @Test
  void relaxRunsEveryRemedyAndCommitsOnce() throws Exception {
    CatalogRows.complete()
        .with(PROGRESS, "team", "text", true, false)
        .without(PROGRESS, "stage")
        .with(PROGRESS, "stage", "character varying(9)", false, false) // It has no remedy.
        .in(database);
    List<String> run = migrations("migrate").relax(database.connection());

    assertThat(run)
        .containsExactly(
            "ALTER TABLE agent_execution_progress ALTER COLUMN \"team\" DROP NOT NULL");
    assertThat(database.log())
        .containsSubsequence("SET LOCAL lock_timeout = 50", run.get(0), "commit");
    assertThat(database.count("ALTER TABLE agent_")).isEqualTo(1);
  }

  @Test
  void everyScriptHasQualifiedNamesAloneAndAnotherNameIsNotThere() {
    String home = "Agent \"Logs\"";
    for (String name : Track.EXECUTIONS.scripts()) {
      for (Script.Step step : Script.of(name, home).steps()) {
        assertThat(step.sql())
            .doesNotContainPattern(
                "(?<!\"\\.)\\bagent_(execution_logs|execution_progress|routing_decisions|instances)\\b")
            .contains(
                "\"Agent \"\"Logs\"\"\"."
                    + (step.kind() == Script.Kind.INDEX ? step.table() : step.name()));
      }
    }
    assertThatIllegalStateException()
        .isThrownBy(() -> Script.text("V999__none"))
        .withMessage("migrations/V999__none.sql is missing in the agent's jar");
  }

  private static List<Object[]> isThere() {
    return FakeDatabase.rows(FakeDatabase.row(1));
  }

  /** Answers with the version of the tables, each time it is asked for. */
  private FakeDatabase version(int... versions) {
    int[] all = versions.length == 1 ? new int[] {versions[0], versions[0]} : versions;
    List<Object> answers = new ArrayList<>();
    List<Object> may = new ArrayList<>();
    for (int version : all) {
      answers.add(FakeDatabase.rows(FakeDatabase.row(version)));
      may.add(FakeDatabase.rows(FakeDatabase.row(1)));
    }
    return database.on(VERSION, answers.toArray()).on(MAY_READ_VERSION, may.toArray());
  }

  /** Version and name of each script that was written down as run. */
  private List<Object> recorded() {
    return database.statements().stream()
        .filter(ran -> ran.sql().startsWith(RECORD))
        .flatMap(ran -> ran.parameters().stream())
        .toList();
  }

  private Migrations migrations(String mode) {
    return new Migrations(
        PostgresTarget.of(
            new TestConfig()
                .with("postgres.url", "jdbc:postgresql://db/app?user=me")
                .with("postgres.schema", mode)),
        () -> now,
        () -> 1);
  }
}
