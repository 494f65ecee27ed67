package io.agentlog.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentlog.log.Finding;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Goal: a fleet's tables are made by {@code migrate}, and a connector that may not make them says
 * what is missing. Method: a real database and roles; time is a number.
 */
@Timeout(120)
class FleetSchemaIT extends SinkFixture {
  private static final String MISSING = "is missing table agent_fleet_progress";

  private final AtomicLong nanos = new AtomicLong();
  private final List<ConnectionPool> pools = new java.util.ArrayList<>();

  @AfterEach
  void closePools() {
    pools.forEach(ConnectionPool::close);
  }

  /** The server would keep the locks of a host that lost power until TCP gives it up. */
  @Test
  void serverEndsATransactionOfAFleetThatNobodyGoesOnWith() throws Exception {
    try (Connection connection = database.connect()) {
      connection.setAutoCommit(false);
      StatementLimit.beginOfFleet(connection);
      try (Statement statement = connection.createStatement();
          ResultSet row =
              statement.executeQuery(
                  "SELECT current_setting('idle_in_transaction_session_timeout') || ' ' || current_setting('lock_timeout')")) {
        row.next();
        assertThat(row.getString(1)).isEqualTo("10s 500ms");
      }
      connection.rollback();
    }
  }

  @Test
  void migrateMakesTheTablesAndWhoMayOnlyWriteThemUsesThem() throws Exception {
    new TableSetup(config()).run(false);
    String user = role("SELECT, INSERT, UPDATE");
    TestConfig writer = of(user);

    assertThat(DatabaseCheck.ofConnector(writer, true).run())
        .noneMatch(finding -> finding.level() == Finding.Level.WRONG);
    FleetTables fleet = fleet(writer);
    assertThat(fleet.takeOver(new java.util.UUID(1, 1))).isNull();
    assertThat(fleet.topics()).containsExactly("agent-instances");
  }

  /** The limit is agentlog's own: no setting of the user's is to be raised. */
  @Test
  void statementThatTakesTooLongIsToldAsSuch() throws Exception {
    new TableSetup(config()).run(false);
    FleetTables fleet = fleet(config());
    fleet.position();
    database.execute(
        "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(20); RETURN NEW; END'");
    database.execute(
        "CREATE TRIGGER slow BEFORE INSERT ON agent_fleet_progress FOR EACH ROW EXECUTE FUNCTION slow()");

    assertThatThrownBy(() -> fleet.takeOver(new java.util.UUID(1, 1)))
        .hasMessageContaining("longer than the 3 s that agentlog gives a statement")
        .hasMessageNotContaining("statement_timeout");
  }

  @Test
  void missingTablesAreToldInOneSentenceAndLookedForAgainAMinuteLater() throws Exception {
    sink(config()).connect();
    FleetTables fleet = fleet(config().with("postgres.schema", "validate"));

    assertThatThrownBy(fleet::position)
        .hasMessageContaining(MISSING)
        .hasMessageContaining("set agentlog.postgres.schema=migrate");
    new TableSetup(config()).run(false);
    nanos.addAndGet(FleetPause.RETRY_NANOS - 1);
    assertThatThrownBy(fleet::position).hasMessageContaining(MISSING);
    nanos.addAndGet(1);
    assertThat(fleet.position()).isNull();
  }

  @Test
  void missingRightIsToldWithTheTables() throws Exception {
    new TableSetup(config()).run(false);
    String user = role("SELECT");
    FleetTables fleet = fleet(of(user));

    for (int attempt = 0; attempt < 2; attempt++) {
      assertThatThrownBy(() -> fleet.takeOver(new java.util.UUID(1, 1)))
          .hasMessageContaining(
              "run GRANT SELECT, INSERT, UPDATE ON agent_fleet_progress, agent_fleet_instances TO");
    }
    assertThat(wrong(of(user), true))
        .contains("may not INSERT, UPDATE on agent_fleet_progress", "on agent_fleet_instances");
    assertThat(wrong(of(user), false)).doesNotContain("fleet");
    database.execute("GRANT INSERT, UPDATE ON agent_fleet_progress TO " + user);
    nanos.addAndGet(TimeUnit.MINUTES.toNanos(1));
    assertThat(fleet.takeOver(new java.util.UUID(1, 1))).isNull();
  }

  @Test
  void checkNamesWhatAConnectorIsMissingAndTellsOthersOnlyOfTablesThatAreThere() throws Exception {
    sink(config()).connect();
    TestConfig validating = config().with("postgres.schema", "validate");
    assertThat(wrong(validating, true)).contains(MISSING, "agentlog.jar migrate");
    assertThat(new DatabaseCheck(validating).run().toString()).doesNotContain("fleet");
    assertThat(wrong(config(), true)).isEmpty();

    new TableSetup(config()).run(false);
    database.execute("ALTER TABLE agent_fleet_instances DROP COLUMN noted_at");

    assertThat(new DatabaseCheck(validating).run())
        .anyMatch(
            finding ->
                finding.level() == Finding.Level.WARN
                    && finding.text().contains("agent_fleet_instances (noted_at)"));
    assertThatThrownBy(() -> new TableSetup(validating).run(false))
        .hasMessageContaining("agent_fleet_instances (noted_at)");
    new TableSetup(config()).run(false);
    assertThat(wrong(validating, true)).isEmpty();
  }

  private FleetTables fleet(TestConfig config) {
    PostgresTarget target = PostgresTarget.of(config);
    ConnectionPool pool = new ConnectionPool(target);
    pools.add(pool);
    return new FleetTables("fleet", "agent-instances", target, pool, nanos::get, () -> 0);
  }

  private String role(String rights) {
    String user = "fleet_" + Long.toHexString(System.nanoTime());
    database.execute(
        "CREATE ROLE %1$s LOGIN PASSWORD 'pw'; GRANT SELECT, INSERT, UPDATE ON agent_execution_logs, agent_execution_progress, agent_routing_decisions, agent_instances TO %1$s; GRANT %2$s ON agent_fleet_progress, agent_fleet_instances TO %1$s"
            .formatted(user, rights));
    return user;
  }

  private TestConfig of(String user) {
    return config()
        .with("postgres.user", user)
        .with("postgres.password", "pw")
        .with("postgres.schema", "validate");
  }

  private static String wrong(TestConfig config, boolean judges) {
    return DatabaseCheck.ofConnector(config, judges).run().stream()
        .filter(finding -> finding.level() == Finding.Level.WRONG)
        .map(Finding::text)
        .collect(java.util.stream.Collectors.joining("; "));
  }
}
