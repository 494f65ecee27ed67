package io.agentlog.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a table has beside rows and indexes is that of its partitions, or is named beforehand. */
@Timeout(180)
class PartitionObjectsIT extends SinkFixture {
  private static final LocalDate SOON = DayTables.today().plusDays(2);

  private final String role = "r_" + database.database();

  @BeforeEach
  void makeTables() throws Exception {
    new TableSetup(config()).run(false);
  }

  @Test
  void settingsOfAutovacuumAreThoseOfEachDay() throws Exception {
    database.execute(
        "ALTER TABLE agent_execution_logs SET (autovacuum_vacuum_scale_factor = 0.02, fillfactor = 90, toast.autovacuum_enabled = off)");

    new Partitioning(config(), line -> {}).run(SOON);

    for (String name : List.of("before", "default", "p" + SOON.toString().replace("-", ""))) {
      assertThat(
              query(
                  "SELECT c.reloptions::text || (SELECT t.reloptions::text FROM pg_class t WHERE t.oid = c.reltoastrelid) FROM pg_class c WHERE c.relname = 'agent_execution_logs_"
                      + name
                      + "'"))
          .as(name)
          .isEqualTo("{autovacuum_vacuum_scale_factor=0.02,fillfactor=90}{autovacuum_enabled=off}");
    }
    assertThat(
            query(
                "SELECT reloptions FROM pg_class WHERE relname = 'agent_execution_progress_default'"))
        .isNull();
  }

  @Test
  void tablespaceIsThatOfEachDay() throws Exception {
    String space = "s_" + database.database();
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement()) {
      statement.execute("SET allow_in_place_tablespaces = on"); // A folder of the server's own.
      statement.execute("CREATE TABLESPACE " + space + " LOCATION ''");
    }
    try {
      database.execute("ALTER TABLE agent_execution_logs SET TABLESPACE " + space);
      new Partitioning(config(), line -> {}).run(SOON);
      assertThat(
              query(
                  "SELECT string_agg(DISTINCT s.spcname, ' ') || ' ' || count(*) FROM pg_class c LEFT JOIN pg_tablespace s ON s.oid = c.reltablespace WHERE c.relkind IN ('r', 'p') AND c.relname LIKE 'agent\\_execution\\_logs%'"))
          .startsWith(space + " ");
      assertThat(
              query(
                  "SELECT count(*) FROM pg_class WHERE relkind IN ('r', 'p') AND relname LIKE 'agent\\_execution\\_logs%' AND reltablespace = 0"))
          .isEqualTo("0");
    } finally {
      database.execute("DROP TABLE agent_execution_logs CASCADE");
      database.execute("DROP TABLESPACE " + space);
    }
  }

  @Test
  void viewOfAnotherRoleIsNamedBeforeAnythingIsChanged() throws Exception {
    database.execute(
        "CREATE ROLE %1$s LOGIN PASSWORD 'pw'; CREATE ROLE v%1$s; GRANT USAGE, CREATE ON SCHEMA public TO %1$s, v%1$s; ALTER VIEW active_agents OWNER TO v%1$s"
            .formatted(role));
    try {
      own(role);
      database.execute("ALTER VIEW active_agents OWNER TO v" + role);
      assertThatThrownBy(() -> new Partitioning(as(role), line -> {}).run(SOON))
          .hasMessageContaining("view public.active_agents of role v" + role)
          .hasMessageContaining("GRANT v%1$s TO %1$s".formatted(role));
      assertThat(query("SELECT count(*) FROM pg_partitioned_table")).isEqualTo("0");
      assertThat(query("SELECT count(*) FROM pg_constraint WHERE conname LIKE 'agentlog_part%'"))
          .isEqualTo("0");

      database.execute(
          "GRANT v%1$s TO %1$s; GRANT SELECT ON agent_execution_logs TO v%1$s".formatted(role));
      new Partitioning(as(role), line -> {}).run(SOON);
      assertThat(query("SELECT count(*) FROM active_agents")).isEqualTo("0");
    } finally {
      database.execute(
          "DROP OWNED BY %1$s, v%1$s CASCADE; DROP ROLE %1$s; DROP ROLE v%1$s".formatted(role));
    }
  }

  @Test
  void groupThatOwnsTheTablesIsNamedWhereOneOfItIsWanted() throws Exception {
    database.execute(
        "CREATE ROLE %1$s LOGIN PASSWORD 'pw'; CREATE ROLE g%1$s NOLOGIN; GRANT USAGE, CREATE ON SCHEMA public TO g%1$s; GRANT SELECT ON ALL TABLES IN SCHEMA public TO %1$s"
            .formatted(role));
    try {
      own("g" + role);
      database.execute("REVOKE CREATE ON SCHEMA public FROM g%1$s, PUBLIC".formatted(role));
      assertThatThrownBy(() -> new Partitioning(as(role), line -> {}).run(SOON))
          .hasMessageContaining("run migrate as a member of g" + role);
      database.execute(
          "GRANT g%1$s TO %1$s; GRANT CREATE ON SCHEMA public TO %1$s".formatted(role));
      assertThatThrownBy(() -> new Partitioning(as(role), line -> {}).run(SOON))
          .hasMessageContaining("GRANT USAGE, CREATE ON SCHEMA \"public\" TO \"g" + role + '"');
      database.execute("GRANT CREATE ON SCHEMA public TO g" + role);
      new Partitioning(as(role), line -> {}).run(SOON);
      assertThat(
              query(
                  "SELECT string_agg(DISTINCT pg_get_userbyid(relowner), ' ') FROM pg_class WHERE relispartition"))
          .isEqualTo("g" + role);
      database.execute("REVOKE g%1$s FROM %1$s".formatted(role));
      assertThat(
              new DatabaseCheck(as(role).with("postgres.partitions-ahead", "9d")).run().toString())
          .contains("migrate each day as a member of g" + role);
    } finally {
      database.execute(
          "DROP OWNED BY %1$s, g%1$s CASCADE; DROP ROLE %1$s; DROP ROLE g%1$s".formatted(role));
    }
  }

  @Test
  void sameAimAgainIsNoErrorAndAnEarlierDayIs() throws Exception {
    List<String> lines = new ArrayList<>();
    new Partitioning(config(), lines::add).run(SOON);
    lines.clear();
    new Partitioning(config(), lines::add).run(SOON);
    new Partitioning(config(), lines::add).run(SOON.plusDays(1));
    assertThat(lines)
        .hasSize(2)
        .allMatch(line -> line.endsWith("are partitioned by day already: nothing to switch"));
    assertThatThrownBy(() -> new Partitioning(config(), lines::add).run(SOON.minusDays(1)))
        .hasMessageContaining("are partitioned by day already")
        .hasMessageContaining(
            "all keys below those of %s: partitions that begin on %s can't be made"
                .formatted(SOON, SOON.minusDays(1)));
  }

  @Test
  void textsOfViewsStayAndNamesOfTheTableAreThoseOfTheNewOne() throws Exception {
    database.execute(
        """
        CREATE VIEW mine AS SELECT 'public.agent_execution_logs' AS source, 'it''s public.agent_execution_logs l' AS quoted,
          'public.agent_execution_logs'::regclass AS named, count(*) AS "of public.agent_execution_logs, it's" FROM agent_execution_logs\
        """);

    new Partitioning(config(), line -> {}).run(SOON);

    assertThat(query("SELECT concat_ws(' | ', source, quoted, named) FROM mine"))
        .isEqualTo(
            "public.agent_execution_logs | it's public.agent_execution_logs l | agent_execution_logs");
    assertThat(
            query(
                "SELECT attname FROM pg_attribute WHERE attrelid = 'mine'::regclass AND attnum = 4"))
        .isEqualTo("of public.agent_execution_logs, it's");
  }

  @Test
  void checkThatANewTableCanNotTakeOverIsNamedBeforeAnythingIsChanged() throws Exception {
    for (String kind : List.of("NOT VALID", "NO INHERIT")) {
      database.execute(
          "ALTER TABLE agent_execution_logs ADD CONSTRAINT mine CHECK (agent_name <> 'y') " + kind);
      assertThatThrownBy(() -> new Partitioning(config(), line -> {}).run(SOON))
          .hasMessageContaining("check mine, which is " + kind);
      assertThat(query("SELECT count(*) FROM pg_partitioned_table")).isEqualTo("0");
      database.execute("ALTER TABLE agent_execution_logs DROP CONSTRAINT mine");
    }
    database.execute( // A killed command has left it.
        "ALTER TABLE agent_execution_logs ADD CONSTRAINT agentlog_partition_cut CHECK (execution_id < '%1$s') NOT VALID, ADD CONSTRAINT valid CHECK (agent_name <> 'y')"
            .formatted(DayTable.floor(SOON)));

    new Partitioning(config(), line -> {}).run(SOON);

    assertThat(query("SELECT count(*) FROM pg_constraint WHERE conname = 'agentlog_partition_cut'"))
        .isEqualTo("0");
  }

  @Test
  void identityForReplicationIsThatOfEachDay() throws Exception {
    database.execute(
        "ALTER TABLE agent_execution_logs REPLICA IDENTITY FULL; ALTER TABLE agent_model_calls REPLICA IDENTITY NOTHING");

    new Partitioning(config(), line -> {}).run(SOON);

    for (String table : List.of("logs f", "progress d", "calls n")) {
      String[] part = table.split(" ", 2);
      assertThat(
              query(
                  "SELECT string_agg(DISTINCT relreplident::text, '') || count(*) FROM pg_class WHERE relkind IN ('r', 'p') AND relname ~ '^agent_(execution|model)_%s(_before|_default|_p\\d{8}|)$'"
                      .formatted(part[0])))
          .as(table)
          .isEqualTo(part[1] + "5");
    }
  }

  /** What docs/operations.md says about publications. */
  @Test
  void publicationByTheRootOfPartitionsGoesOnWithOneTable() throws Exception {
    database.execute(
        "CREATE PUBLICATION p FOR ALL TABLES WITH (publish_via_partition_root = true)");

    new Partitioning(config(), line -> {}).run(SOON);

    assertThat(
            query(
                "SELECT string_agg(tablename, ' ') FROM pg_publication_tables WHERE tablename LIKE 'agent\\_execution\\_logs%'"))
        .isEqualTo("agent_execution_logs");
  }

  @Test
  void anotherMemberOfTheOwningGroupSwitchesATableThatCameLater() throws Exception {
    database.execute(
        "CREATE ROLE g%1$s; CREATE ROLE %1$s LOGIN PASSWORD 'pw' IN ROLE g%1$s; CREATE ROLE b%1$s LOGIN PASSWORD 'pw' IN ROLE g%1$s; GRANT USAGE, CREATE ON SCHEMA public TO g%1$s"
            .formatted(role));
    try {
      own("g" + role);
      database.execute("ALTER TABLE agent_model_calls RENAME TO hidden");
      new Partitioning(as(role), line -> {}).run(SOON);
      database.execute("ALTER TABLE hidden RENAME TO agent_model_calls");
      new Partitioning(as("b" + role), line -> {}).run(SOON);
      assertThat(query("SELECT count(*) FROM pg_partitioned_table")).isEqualTo("7");
      assertThat(
              query(
                  "SELECT pg_get_userbyid(proowner) FROM pg_proc WHERE proname = 'agentlog_floor'"))
          .isEqualTo("g" + role);
    } finally {
      database.execute(
          "DROP OWNED BY %1$s, b%1$s, g%1$s CASCADE; DROP ROLE %1$s; DROP ROLE b%1$s; DROP ROLE g%1$s"
              .formatted(role));
    }
  }

  @Test
  void functionOfAnotherMeaningIsReplaced() throws Exception {
    database.execute(
        "CREATE FUNCTION agentlog_floor(moment timestamptz) RETURNS uuid LANGUAGE sql IMMUTABLE STRICT RETURN '00000000-0000-0000-0000-000000000000'::uuid");
    new Partitioning(config(), line -> {}).run(SOON);
    assertThat(query("SELECT agentlog_floor('%sT00:00:00Z')".formatted(SOON)))
        .isEqualTo(DayTable.floor(SOON));
  }

  /** What docs/operations.md says about max_locks_per_transaction. */
  @Test
  void dayCostsAStatementWithoutAKeyNineLocksAndOneOfAllTablesThirtyOne() throws Exception {
    new Partitioning(config(), line -> {}).run(SOON);
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.executeQuery("SELECT count(*) FROM agent_execution_logs").close();
      assertThat(locksOfADay(statement)).isEqualTo(9);
      for (DayTable table : DayTable.ALL) {
        statement.executeQuery("SELECT count(*) FROM " + table).close();
      }
      assertThat(locksOfADay(statement)).isEqualTo(31);
    }
  }

  private static int locksOfADay(Statement statement) throws Exception {
    try (ResultSet row =
        statement.executeQuery(
            "SELECT count(*) FROM pg_locks l LEFT JOIN pg_index i ON i.indexrelid = l.relation JOIN pg_class c ON c.oid = COALESCE(i.indrelid, l.relation) WHERE l.pid = pg_backend_pid() AND c.relname LIKE '%\\_p"
                + SOON.toString().replace("-", "")
                + "'")) {
      row.next();
      return row.getInt(1);
    }
  }

  private void own(String owner) throws Exception {
    database.execute(
        query(
            "SELECT string_agg('ALTER ' || CASE relkind WHEN 'v' THEN 'VIEW ' ELSE 'TABLE ' END || oid::regclass || ' OWNER TO %s', '; ') FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v')"
                .formatted(owner)));
  }

  private TestConfig as(String user) {
    return config().with("postgres.user", user).with("postgres.password", "pw");
  }
}
