package io.agentlog.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentlog.log.CapturedLog;
import io.agentlog.sink.SinkUnavailableException;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which scripts run, and what is reported instead. */
class MigrationsTest {
  private static final String PROGRESS = "agent_execution_progress";
  private static final String LOCK = "SELECT pg_advisory_xact_lock(7018690069354278759)";

  /** Part of the query that asks whether this user may read the version. */
  private static final String MAY_READ_VERSION = "SELECT 1 FROM pg_class";

  private static final String VERSION = "SELECT COALESCE(max(version), 0)";
  private static final String RECORD = "INSERT INTO agentlog_schema_version";

  private final CapturedLog log = new CapturedLog();
  private final FakeDatabase database = new FakeDatabase();

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
    CatalogRows.complete().in(version(3));
    migrations("migrate").prepare(database.connection());

    assertThat(database.log()).endsWith("commit");
    assertThat(database.count("SELECT")).isEqualTo(database.statements().size());
    assertThat(database.count(LOCK)).isZero();
  }

  @Test
  void completeTablesRunOnlyTheScriptsOfLaterVersions() throws Exception {
    CatalogRows.complete().in(version(1));
    migrations("migrate").prepare(database.connection());

    assertThat(recorded()).containsExactly(2, "V002__views", 3, "V003__kind");
    assertThat(log.lines())
        .containsExactly(
            "[agentlog] postgres - schema at db:5432/app: ran V002__views",
            "[agentlog] postgres - schema at db:5432/app: ran V003__kind");
  }

  @Test
  void missingTablesRunEveryScriptInOneTransactionUnderTheLock() throws Exception {
    CatalogRows.complete().in(version(0));
    database.on(CatalogRows.COLUMNS, FakeDatabase.rows());
    migrations("migrate").prepare(database.connection());

    assertThat(recorded()).containsExactly(1, "V001__tables", 2, "V002__views", 3, "V003__kind");
    List<String> asked = database.log();
    int locked = asked.indexOf(LOCK);
    assertThat(asked.subList(locked - 3, locked))
        .containsExactly("commit", "timeout 600000", "SET LOCAL lock_timeout = '5s'");
    assertThat(asked.subList(locked, asked.size() - 2)).doesNotContain("commit", "rollback");
    assertThat(asked).endsWith("commit", "timeout 30000");
  }

  @Test
  void columnThatTheNewScriptAddsRunsThatScriptAlone() throws Exception {
    CatalogRows.complete().in(version(2));
    database.on(CatalogRows.COLUMNS, FakeDatabase.rows());
    migrations("migrate").prepare(database.connection());

    assertThat(recorded()).containsExactly(3, "V003__kind");
  }

  @Test
  void tablesThatAreMissingAlthoughTheirScriptRanRunEveryScriptAgain() throws Exception {
    CatalogRows.complete().in(version(3));
    database.on(CatalogRows.COLUMNS, FakeDatabase.rows(), FakeDatabase.rows());
    migrations("migrate").prepare(database.connection());

    assertThat(recorded()).containsExactly(1, "V001__tables", 2, "V002__views", 3, "V003__kind");
  }

  @Test
  void tablesThatAnotherJvmMadeMeanwhileRunNoScript() throws Exception {
    CatalogRows.complete().in(version(3));
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
    CatalogRows.complete().without(PROGRESS, "stage").in(version(3));

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
    rows.in(version(3, 3, 3, 3));
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
  void warningThatAScriptRaisesIsReportedAndAnyOtherIsNot() throws Exception {
    SQLWarning raised = new SQLWarning("rows without a start stay", "01000");
    raised.setNextWarning(new SQLWarning("relation exists, skipping", "42P07"));
    CatalogRows.complete().in(version(2)).on(Migrations.script("V003__kind"), raised);
    migrations("migrate").prepare(database.connection());

    assertThat(log.lines())
        .containsExactly(
            "[agentlog] postgres - WARN schema at db:5432/app: rows without a start stay",
            "[agentlog] postgres - schema at db:5432/app: ran V003__kind");
  }

  @Test
  void missingRightToMakeTheTableOfLeasesDoesNotStopDelivery() throws Exception {
    CatalogRows.complete().withKind("agent_instances", null).in(version(3));
    database.on("CREATE TABLE IF NOT EXISTS agentlog", FakeDatabase.refused("42501"));
    migrations("migrate").prepare(database.connection());

    assertThat(database.log()).endsWith("rollback", "timeout 30000");
    assertThat(database.timeoutMillis()).isEqualTo(30_000);
  }

  @Test
  void migrationThatFailsForAnotherReasonIsThrown() {
    CatalogRows.complete().withKind("agent_instances", null).in(version(3));
    SQLException locked = FakeDatabase.refused("55P03");
    database.on("CREATE TABLE IF NOT EXISTS agentlog", locked);

    assertThatThrownBy(() -> migrations("migrate").prepare(database.connection())).isSameAs(locked);
  }

  @Test
  void missingRightToMakeTheOtherTablesIsThrown() {
    SQLException refused = FakeDatabase.refused("42501");
    version(0).on("CREATE TABLE IF NOT EXISTS agentlog", refused);

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
    assertThat(database.log()).startsWith("SET LOCAL lock_timeout = '5s'");
    assertThat(database.log()).endsWith(run.get(0), "commit");
    assertThat(database.count("ALTER TABLE agent_")).isEqualTo(1);
  }

  @Test
  void everyScriptIsThereAndAnotherNameIsNot() {
    assertThat(Migrations.SCRIPTS)
        .allSatisfy(name -> assertThat(Migrations.script(name)).isNotBlank());
    assertThatIllegalStateException()
        .isThrownBy(() -> Migrations.script("V999__none"))
        .withMessage("migrations/V999__none.sql is missing in the agent's jar");
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

  private static Migrations migrations(String mode) {
    return new Migrations(
        PostgresTarget.of(
            new TestConfig()
                .with("postgres.url", "jdbc:postgresql://db/app?user=me")
                .with("postgres.schema", mode)));
  }
}
