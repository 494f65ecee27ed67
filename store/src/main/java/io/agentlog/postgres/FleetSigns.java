package io.agentlog.postgres;

import static io.agentlog.postgres.Statements.array;
import static io.agentlog.postgres.Statements.update;
import static io.agentlog.postgres.Statements.value;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Signs of life of a fleet's JVMs, within a transaction of {@link FleetTables}. */
final class FleetSigns {
  private final String fleet;

  /** Why heartbeats were refused, by the ID of their JVM. */
  private final Map<UUID, String> refused = new HashMap<>();

  FleetSigns(String fleet) {
    this.fleet = fleet;
  }

  void forgetRefused() {
    refused.clear();
  }

  Map<UUID, String> refused() {
    return Map.copyOf(refused);
  }

  /**
   * Notes heartbeats, of each JVM one. What the database refuses is found by halves, so that one
   * heartbeat holds up no other; its JVM is only noted to live, if it was noted before.
   */
  void hear(Connection connection, List<HeardInstance> heard, long lastMillis) throws SQLException {
    SQLException thrown =
        attempt(
            connection,
            () ->
                update(
                    connection,
                    FleetSql.HEARD,
                    array("uuid", heard, HeardInstance::instanceId),
                    array("text", heard, HeardInstance::service),
                    array("bigint", heard, HeardInstance::heardMillis),
                    array("bigint", heard, HeardInstance::endOffset),
                    value(fleet),
                    value(lastMillis)));
    if (thrown == null) {
      return;
    }
    int half = heard.size() / 2;
    if (half > 0) {
      hear(connection, heard.subList(0, half), lastMillis);
      hear(connection, heard.subList(half, heard.size()), lastMillis);
    } else {
      HeardInstance instance = heard.get(0);
      refused.put(instance.instanceId(), SqlStates.shortText(thrown));
      noteLife(connection, instance);
    }
  }

  /** Notes that a JVM lives, where not even its time can be written to its lease. */
  private void noteLife(Connection connection, HeardInstance instance) throws SQLException {
    Map<UUID, Long> sign = Map.of(instance.instanceId(), instance.heardMillis());
    if (attempt(connection, () -> renew(connection, sign)) != null) {
      update(
          connection,
          FleetSql.NOTE_LIFE,
          value(instance.heardMillis()),
          value(instance.instanceId()),
          value(fleet));
    }
  }

  /** Runs a statement; returns why the database refused its rows, null if it did not. */
  private static @Nullable SQLException attempt(Connection connection, Rows rows)
      throws SQLException {
    Savepoint before = connection.setSavepoint();
    try {
      rows.write();
      connection.releaseSavepoint(before);
      return null;
    } catch (SQLException e) {
      if (!SqlStates.isOfRow(e)) {
        throw e;
      }
      connection.rollback(before);
      return e;
    }
  }

  /** A statement that writes rows. */
  private interface Rows {
    int write() throws SQLException;
  }

  /** Notes the latest sign of life of each JVM; returns how many rows it changed. */
  int renew(Connection connection, Map<UUID, Long> signs) throws SQLException {
    return update(
        connection,
        FleetSql.RENEW,
        array("uuid", signs.entrySet(), Map.Entry::getKey),
        array("bigint", signs.entrySet(), Map.Entry::getValue),
        value(fleet));
  }
}
