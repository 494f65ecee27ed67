package io.agentlog.postgres;

import io.agentlog.config.SchemaMode;
import io.agentlog.log.Finding;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * Looks at a fleet's tables. They are for a connector that judges JVMs; who writes rows alone needs
 * no right on them, and hears of them only where they are not as the connector needs them.
 */
final class FleetCheck {
  private static final String AREA = "postgres";
  private static final List<String> RIGHTS = List.of("SELECT", "INSERT", "UPDATE");

  private final PostgresTarget target;
  private final boolean judges;
  private final List<Finding> findings = new ArrayList<>();

  /** {@code judges} is true for a connector that judges JVMs. */
  FleetCheck(PostgresTarget target, boolean judges) {
    this.target = target;
    this.judges = judges;
  }

  /** Looks; says nothing to whom the tables don't concern. */
  List<Finding> run(Connection connection) throws SQLException {
    Schema schema = Schema.read(connection, Track.FLEET);
    List<String> tables = new ArrayList<>(Track.FLEET.names());
    tables.removeIf(Predicate.not(schema::isThere));
    if (!judges && tables.isEmpty()) {
      return findings;
    }
    if (!schema.foreign().isEmpty()) {
      add(Migrations.foreign(schema, target));
    }
    schema.missingKeys().forEach(key -> add("at %s %s".formatted(target, key)));
    if (schema.isUnusable() && !isMadeLater(connection)) {
      add(
          "the schema at %s is missing %s, without which no JVM of a fleet is judged: run java -jar agentlog.jar migrate, once as a user who may make and alter tables there"
              .formatted(target, String.join(", ", schema.missing())));
    }
    if (judges && !tables.isEmpty()) {
      lookAtRights(connection, tables);
    }
    return findings;
  }

  /** True if the connector makes what is missing. */
  private boolean isMadeLater(Connection connection) throws SQLException {
    return judges
        && target.schemaMode() == SchemaMode.MIGRATE
        && DatabaseCheck.mayMigrate(connection, Track.FLEET);
  }

  private void lookAtRights(Connection connection, List<String> tables) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(DatabaseCheck.RIGHTS_SQL)) {
      statement.setArray(1, connection.createArrayOf("text", tables.toArray()));
      statement.setArray(2, connection.createArrayOf("text", RIGHTS.toArray()));
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          add(DatabaseCheck.missingRight(target, rows.getString(1), rows.getString(2)));
        }
      }
    }
  }

  private void add(String text) {
    findings.add(judges ? Finding.wrong(AREA, text) : Finding.warn(AREA, text));
  }
}
