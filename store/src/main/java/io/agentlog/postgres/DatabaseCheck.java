package io.agentlog.postgres;

import io.agentlog.config.Config;
import io.agentlog.config.Options;
import io.agentlog.config.SchemaMode;
import io.agentlog.log.Finding;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Checks whether the database would take events, and says what is missing if not. Reads the catalog
 * first, whose answers have remedies, then tries what the sink does. Changes nothing, because all
 * is one transaction that is rolled back. Used once, by one thread.
 */
public final class DatabaseCheck {
  private static final String AREA = "postgres";

  /** Encodings that take every character; {@code SQL_ASCII} takes bytes as they come. */
  private static final Set<String> ENCODINGS = Set.of("UTF8", "SQL_ASCII");

  /** Largest harmless difference: times in rows are this machine's, ages in views the server's. */
  private static final Duration CLOCK_DIFFERENCE_MAX = Duration.ofSeconds(2);

  /** Finds missing rights, of some, on tables, of some: the table and the rights. */
  /** Rows of {@code agent_instances} just stay without the right to remove them. */
  static final String RIGHTS_SQL =
      """
      SELECT n.name, pg_catalog.string_agg(r.privilege, ', ' ORDER BY r.position)
      FROM pg_catalog.unnest(?::text[]) AS n(name)
      JOIN pg_catalog.pg_class c ON c.oid = pg_catalog.to_regclass(n.name)::oid AND c.relkind IN ('r', 'p')
      CROSS JOIN pg_catalog.unnest(?::text[]) WITH ORDINALITY AS r(privilege, position)
      WHERE NOT pg_catalog.has_table_privilege(c.oid, r.privilege) AND NOT (r.privilege = 'DELETE' AND n.name = 'agent_instances')
      GROUP BY n.name ORDER BY n.name\
      """;

  /** Making a table takes a right on the schema; altering a table takes its owner. */
  private static final String MAY_MIGRATE_SQL =
      """
      SELECT COALESCE(pg_catalog.has_schema_privilege(pg_catalog.current_schema()::text, 'CREATE'), false)
             AND NOT EXISTS (SELECT FROM pg_catalog.unnest(?::text[]) AS n(name)
                             JOIN pg_catalog.pg_class c ON c.oid = pg_catalog.to_regclass(n.name)::oid
                             WHERE NOT pg_catalog.pg_has_role(c.relowner, 'USAGE'))\
      """;

  private final PostgresTarget target;
  private final boolean prunes;
  private final Duration ahead;

  /** True if an option is on that records details in every application. */
  private final boolean wantsDetails;

  /** True if details come from an application that uses a framework. */
  private final boolean mayHaveDetails;

  /** True for a connector, which parks nothing. */
  private final boolean isConnector;

  private final boolean judges;

  private final List<Finding> findings = new ArrayList<>();
  private @Nullable Finding away;

  /** Does no I/O. The configuration names the database. */
  public DatabaseCheck(Config config) {
    this(config, false, false);
  }

  private DatabaseCheck(Config config, boolean isConnector, boolean judges) {
    this.isConnector = isConnector;
    this.judges = judges;
    this.target = PostgresTarget.of(config);
    this.prunes = config.find(Options.RETENTION) != null;
    this.ahead = config.get(Options.POSTGRES_PARTITIONS_AHEAD);
    this.wantsDetails = config.get(Options.TRACEABILITY) || config.get(Options.FILES);
    this.mayHaveDetails = DetailStore.mayCome(config);
  }

  /**
   * Returns the check for a connector. Does no I/O.
   *
   * @param judges true if it judges JVMs
   */
  public static DatabaseCheck ofConnector(Config config, boolean judges) {
    return new DatabaseCheck(config, true, judges);
  }

  /** Connects and looks; takes at most the driver's timeouts. Never throws. */
  public List<Finding> run() {
    if (!target.isUsable()) {
      findings.add(Finding.wrong(AREA, target.notUsable()));
      return findings;
    }
    try (Connection connection = new AgentDataSource(target).getConnection()) {
      connection.setAutoCommit(false);
      look(connection);
      connection.rollback();
    } catch (SQLException e) {
      Finding outage =
          Finding.wrong(AREA, String.valueOf(SqlStates.outage(e, target, false).getMessage()));
      findings.add(outage);
      away = SqlStates.isAway(e) ? outage : null;
    }
    return findings;
  }

  /**
   * Returns that of the findings which says that the database is away, which may pass by itself;
   * null if it answered.
   */
  public @Nullable Finding away() {
    return away;
  }

  private void look(Connection connection) throws SQLException {
    findings.add(
        Finding.ok(
            AREA,
            "%s answers as PostgreSQL %s to user %s"
                .formatted(
                    target, connection.getMetaData().getDatabaseProductVersion(), target.user())));
    if (Trial.setting(connection, "transaction_read_only").equals("on")) {
      findings.add(Finding.wrong(AREA, SqlStates.readOnly(target)));
    }
    lookAtClock(connection);
    lookAtEncoding(connection);
    Schema schema = Schema.read(connection);
    lookAtTables(connection, schema);
    findings.addAll(new PartitionCheck(target, ahead).run(connection));
    findings.addAll(new FleetCheck(target, judges).run(connection));
    List<String> tables = new ArrayList<>(Schema.tableNames());
    tables.removeIf(Predicate.not(schema::isThere));
    Schema details = Schema.read(connection, Track.DETAILS);
    List<String> detailTables = new ArrayList<>(Track.DETAILS.names());
    detailTables.removeIf(Predicate.not(details::isThere));
    boolean hasDetails = wantsDetails || !detailTables.isEmpty();
    if (wantsDetails) {
      lookAtDetails(connection, details);
    } else if (mayHaveDetails && details.isUnusable()) {
      lookAtFrameworks(connection, details);
    }
    if (!tables.isEmpty()) {
      lookAtRights(connection, tables, Finding.Level.WRONG);
    }
    boolean mayWriteDetails =
        detailTables.isEmpty()
            || lookAtRights(
                connection, detailTables, wantsDetails ? Finding.Level.WRONG : Finding.Level.WARN);
    boolean wrong = findings.stream().anyMatch(f -> f.level() == Finding.Level.WRONG);
    if (!wrong && !schema.isUnusable()) {
      boolean triesDetails = hasDetails && mayWriteDetails && !details.isUnusable();
      tryWrites(connection, schema, triesDetails ? details.limits() : null);
    }
  }

  /** Says that calls of models would wait, where the agent can't make their tables itself. */
  private void lookAtFrameworks(Connection connection, Schema details) throws SQLException {
    if (target.schemaMode() == SchemaMode.MIGRATE && mayMigrate(connection, Track.DETAILS)) {
      return; // Made with the first call of a model, if one comes.
    }
    String text =
        isConnector
            ? "the schema at %s is missing %s: the first detail, such as a call of a model, would hold up its task and all that the task reads. Run java -jar agentlog.jar migrate, once as a user who may make tables there, or take the topic of details out of topics"
            : "the schema at %s is missing %s: calls of models by agents of a framework would wait in a parked file. Run java -jar agentlog.jar migrate, once as a user who may make tables there; an application without a framework needs none of them (agentlog.frameworks=off)";
    findings.add(Finding.warn(AREA, text.formatted(target, String.join(", ", details.missing()))));
  }

  /** Tables of details may be missing until the first detail comes. */
  private void lookAtDetails(Connection connection, Schema details) throws SQLException {
    if (!details.foreign().isEmpty()) {
      findings.add(Finding.wrong(AREA, Migrations.foreign(details, target)));
    }
    for (String missingKey : details.missingKeys()) {
      findings.add(Finding.wrong(AREA, "at %s %s".formatted(target, missingKey)));
    }
    if (details.isUnusable()) {
      findings.add(missing(connection, details, Track.DETAILS));
    } else {
      findings.add(Finding.ok(AREA, "the tables of the trace have all columns"));
    }
    for (Obstacle obstacle : details.obstacles()) {
      findings.add(
          Finding.warn(
              AREA,
              "the tables at %s limit details: %s. Values that agentlog knows not to fit are cut or replaced, with a flag in metadata; other rows that are refused are parked in a file and counted%s"
                  .formatted(
                      target,
                      obstacle.text(),
                      obstacle.remedy() == null
                          ? ""
                          : ". To be free of it, run java -jar agentlog.jar migrate --relax, as the"
                              + " owner of the table")));
    }
  }

  private void lookAtEncoding(Connection connection) throws SQLException {
    String encoding = Trial.setting(connection, "server_encoding");
    if (!ENCODINGS.contains(encoding)) {
      findings.add(
          Finding.warn(
              AREA,
              "the database at %s stores texts as %s: events with a character that this encoding is missing %s. Use a database with ENCODING 'UTF8'"
                  .formatted(target, encoding, whatRefusedEventsDo())));
    }
  }

  private String whatRefusedEventsDo() {
    return isConnector ? "go to the dead letter queue" : "are parked in a file and counted";
  }

  private void tryWrites(Connection connection, Schema schema, @Nullable DetailLimits limits)
      throws SQLException {
    connection.rollback(); // The first statement of a transaction sets its limits.
    try {
      findings.add(
          new Trial(connection)
                  .run(
                      schema.missingForLeases().isEmpty(),
                      schema.missingForReports().isEmpty(),
                      prunes,
                      limits)
              ? Finding.ok(AREA, "a trial of all that agentlog writes was taken, and rolled back")
              : Finding.wrong(
                  AREA,
                  "%s takes a row of a trial and does not store it: look for a trigger or a rule of the table that drops rows"
                      .formatted(target)));
    } catch (SQLException e) {
      if (!SqlStates.isOfStatement(e)) {
        throw e;
      }
      findings.add(
          Finding.wrong(
              AREA,
              "%s refuses a trial of what agentlog writes (%s): look for a trigger, a constraint, a policy or a generated column of the table"
                  .formatted(target, SqlStates.shortText(e))));
    }
  }

  private void lookAtClock(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      Instant before = Instant.now();
      try (ResultSet row = statement.executeQuery("SELECT pg_catalog.clock_timestamp()")) {
        row.next();
        Instant there = row.getObject(1, OffsetDateTime.class).toInstant();
        Instant after = Instant.now();
        // The server read its clock somewhere between the two.
        Instant here = there.isBefore(before) ? before : there.isAfter(after) ? after : there;
        addClockFinding(Duration.between(there, here));
      }
    }
  }

  private void addClockFinding(Duration ahead) {
    if (ahead.abs().compareTo(CLOCK_DIFFERENCE_MAX) <= 0) {
      findings.add(
          Finding.ok(
              "clock", "within %s s of the server's".formatted(CLOCK_DIFFERENCE_MAX.toSeconds())));
      return;
    }
    findings.add(
        Finding.warn(
            "clock",
            "this machine is %s s %s the server at %s, and times in rows are this machine's: synchronise both with NTP"
                .formatted(
                    ahead.abs().toSeconds(),
                    ahead.isNegative() ? "behind" : "ahead of",
                    target.hosts())));
  }

  private void lookAtTables(Connection connection, Schema schema) throws SQLException {
    if (!schema.foreign().isEmpty()) {
      findings.add(Finding.wrong(AREA, Migrations.foreign(schema, target)));
    }
    for (String missingKey : schema.missingKeys()) {
      findings.add(Finding.wrong(AREA, "at %s %s".formatted(target, missingKey)));
    }
    if (schema.isUnusable()) {
      findings.add(missing(connection, schema, Track.EXECUTIONS));
    } else {
      findings.add(Finding.ok(AREA, "the tables have all columns that agentlog writes"));
    }
    if (!schema.missingForLeases().isEmpty() && !schema.isUnusable()) {
      findings.add(
          Finding.warn(
              AREA,
              "%s is missing %s: if a JVM and its disk are lost, its running executions stay in_progress. Run java -jar agentlog.jar migrate, once as a user who may make tables"
                  .formatted(target, String.join(", ", schema.missingForLeases()))));
    }
    if (!schema.missingForReports().isEmpty() && !schema.isUnusable()) {
      findings.add(
          Finding.warn(
              AREA,
              "%s is missing %s: the dashboard can't show counters and sinks of JVMs. Run java -jar agentlog.jar migrate, once as the owner of the table"
                  .formatted(target, String.join(", ", schema.missingForReports()))));
    }
    lookAtObstacles(schema.obstacles());
  }

  private Finding missing(Connection connection, Schema schema, Track track) throws SQLException {
    String problem =
        "the schema at %s is missing %s".formatted(target, String.join(", ", schema.missing()));
    if (target.schemaMode() == SchemaMode.MIGRATE && mayMigrate(connection, track)) {
      return Finding.warn(
          AREA,
          problem + ": the agent adds it with its first event (agentlog.postgres.schema=migrate)");
    }
    return Finding.wrong(
        AREA,
        problem
            + ": run java -jar agentlog.jar migrate, once as a user who may make and alter tables"
            + " there");
  }

  static boolean mayMigrate(Connection connection, Track track) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(MAY_MIGRATE_SQL)) {
      statement.setArray(1, connection.createArrayOf("text", track.names().toArray()));
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return row.getBoolean(1);
      }
    }
  }

  private void lookAtObstacles(List<Obstacle> obstacles) {
    for (Obstacle obstacle : obstacles) {
      String text = "the tables at %s may refuse some rows: %s".formatted(target, obstacle.text());
      findings.add(
          obstacle.remedy() == null
              ? Finding.warn(AREA, text + ". Refused events " + whatRefusedEventsDo())
              : Finding.wrong(
                  AREA,
                  text
                      + ". Run java -jar agentlog.jar migrate --relax, as the owner of the table;"
                      + " it runs "
                      + obstacle.remedy()));
    }
  }

  /** Adds a finding of a level for each table on which a right is missing; true if none is. */
  private boolean lookAtRights(Connection connection, List<String> tables, Finding.Level level)
      throws SQLException {
    List<String> needed = new ArrayList<>(List.of("SELECT", "INSERT", "UPDATE"));
    if (prunes) {
      needed.add("DELETE");
    }
    boolean all = true;
    try (PreparedStatement statement = connection.prepareStatement(RIGHTS_SQL)) {
      statement.setArray(1, connection.createArrayOf("text", tables.toArray()));
      statement.setArray(2, connection.createArrayOf("text", needed.toArray()));
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          all = false;
          findings.add(
              new Finding(level, AREA, missingRight(target, rows.getString(1), rows.getString(2))));
        }
      }
    }
    if (all) {
      findings.add(
          Finding.ok(
              AREA,
              "user %s may %s on %s"
                  .formatted(target.user(), String.join(", ", needed), String.join(", ", tables))));
    }
    return all;
  }

  static String missingRight(PostgresTarget target, String table, String rights) {
    return "user %1$s may not %2$s on %3$s at %4$s: run GRANT %2$s ON %3$s TO %5$s"
        .formatted(target.user(), rights, table, target, SqlStates.quoted(target.user()));
  }
}
