package io.agentlog.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentlog.event.Event;
import io.agentlog.event.EventType;
import io.agentlog.event.ExecutionEvents;
import io.agentlog.sink.SinkUnavailableException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Goal: tables in use become partitioned by day without a row being rewritten, lost or refused.
 * Method: the tables of a real database, with rows, views, indexes and rights, before and after.
 */
@Timeout(180)
class PartitionSwitchIT extends SinkFixture {
  private static final Pattern SCAN =
      Pattern.compile(
          "(?:Seq|Index|Heap).* Scan .*on (agent_execution_logs_(?:p\\d{8}|default|before)) ");

  /** Tomorrow is too soon at the end of a day. */
  private static final LocalDate SOON = DayTables.today().plusDays(2);

  private static final List<String> TABLES = DayTable.ALL.stream().map(DayTable::name).toList();

  @BeforeEach
  void makeTables() throws Exception {
    new TableSetup(config()).run(false);
  }

  @Test
  void tableWithItsRowsIndexesViewsAndRightsBecomesTheFirstPartition() throws Exception {
    PostgresSink sink = sink(config());
    sink.write(withoutDecisions(events(1)));
    database.execute(
        "INSERT INTO agent_routing_decisions (id) VALUES ('019a0000-0000-7000-8000-000000000001')");
    String role = "r_" + database.database();
    database.execute(
        """
        CREATE ROLE %1$s LOGIN PASSWORD 'pw';
        GRANT SELECT, INSERT, UPDATE ON agent_execution_logs TO %1$s;
        GRANT SELECT (id) ON agent_routing_decisions TO %1$s WITH GRANT OPTION;
        ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC;
        COMMENT ON TABLE agent_execution_logs IS 'kept by team 7';
        CREATE INDEX brin_of_ours ON agent_execution_logs USING brin (updated_at) WITH (pages_per_range = 64, autosummarize = on);
        CREATE VIEW mine WITH (security_barrier) AS SELECT agent_execution_logs.execution_id, stage FROM agent_execution_logs
          JOIN agent_execution_progress p USING (execution_id) WHERE agent_execution_logs.status <> 'x';
        GRANT SELECT ON mine TO %1$s\
        """
            .formatted(role));
    String rows = rows();
    String nodes = nodes("%s");

    new Partitioning(config(), line -> {}).run(SOON);

    assertThat(nodes("%s_before")).isEqualTo(nodes);
    assertThat(rows()).isEqualTo(rows);
    assertThat(
            query(
                "SELECT string_agg(DISTINCT relkind::text, '') FROM pg_class WHERE relname = ANY ('{%s}')"
                    .formatted(String.join(",", TABLES))))
        .isEqualTo("p");
    assertThat(query("SELECT obj_description('agent_execution_logs'::regclass)"))
        .isEqualTo("agentlog: partitions by day. kept by team 7");
    assertThat(query("SELECT count(*) FROM pg_constraint WHERE conname = 'agentlog_partition_cut'"))
        .isEqualTo("0");
    assertThat(
            query(
                "SELECT string_agg(c.relname, ' ' ORDER BY c.relname) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = 'agent_execution_logs'::regclass AND indisvalid"))
        .isEqualTo(
            "agent_execution_logs_agent agent_execution_logs_correlation agent_execution_logs_failed"
                + " agent_execution_logs_pkey agent_execution_logs_root agent_execution_logs_running"
                + " agent_execution_logs_started brin_of_ours");
    assertThat(
            query(
                "SELECT count(*) FROM pg_inherits h JOIN pg_class c ON c.oid = h.inhrelid WHERE c.relkind = 'i' AND c.relname LIKE 'agent\\_execution\\_logs\\_%\\_before' OR c.relname = 'brin_of_ours_before'"))
        .isEqualTo("8");
    assertThat(
            query(
                "SELECT string_agg(relname, ' ') FROM pg_class WHERE oid IN (SELECT d.refobjid FROM pg_depend d JOIN pg_rewrite r ON r.oid = d.objid) AND (relname LIKE '%\\_before' OR relname LIKE '%\\_days')"))
        .isNull();
    assertThat(query("SELECT reloptions::text FROM pg_class WHERE relname = 'mine'"))
        .contains("security_barrier");
    for (LocalDate day = DayTables.today();
        day.isBefore(DayTables.today().plusDays(4));
        day = day.plusDays(1)) {
      LocalDate covered = day;
      try (Connection connection = database.connect()) {
        assertThat(DayPartitions.read(connection)).hasSize(7).allMatch(of -> of.covers(covered));
      }
    }
    // A reader of a partition itself would pass by the rights of the table.
    assertThat(
            query(
                "SELECT string_agg(relname, ' ') FROM pg_class WHERE relispartition AND relkind = 'r' AND relname NOT LIKE '%_before' AND has_table_privilege('"
                    + role
                    + "', oid, 'SELECT')"))
        .isNull();
    assertThat(
            query(
                "SELECT has_table_privilege('%1$s', 'agent_execution_logs', 'UPDATE') || ' ' || has_table_privilege('%1$s', 'agent_routing_decisions', 'SELECT') || ' ' || has_column_privilege('%1$s', 'agent_routing_decisions', 'id', 'SELECT') || ' ' || has_table_privilege('%1$s', 'mine', 'SELECT')"
                    .formatted(role)))
        .isEqualTo("true false true true");
    sink.write(events(1).all());
    sink.write(events(2).all());
    assertThat(query("SELECT count(*) FROM agent_execution_logs_before")).isEqualTo("2");
    database.execute("DROP OWNED BY " + role + "; DROP ROLE " + role);
  }

  @Test
  void writersGoOnWhileTheTablesAreSwitched() throws Exception {
    AtomicBoolean ended = new AtomicBoolean();
    AtomicInteger written = new AtomicInteger();
    List<PostgresSink> sinks = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      sinks.add(sink(config()));
    }

    concurrently(
        4,
        n -> {
          if (n == 3) {
            while (written.get() < 30) {
              Thread.onSpinWait();
            }
            try {
              new Partitioning(config(), line -> {}).run(SOON);
            } finally {
              int before = written.get();
              while (written.get() < before + 30) {
                Thread.onSpinWait();
              }
              ended.set(true);
            }
          } else {
            while (!ended.get()) { // No exception: none was refused, and none waited in vain.
              sinks.get(n).write(withoutDecisions(events(written.incrementAndGet())));
            }
          }
        });

    assertThat(query("SELECT count(*) FROM agent_execution_logs"))
        .isEqualTo(String.valueOf(written.get()));
    assertThat(query("SELECT count(DISTINCT execution_id) FROM agent_execution_progress"))
        .isEqualTo(String.valueOf(written.get()));
  }

  @Test
  void fewKeysOfTheOtherLoggerAreSetAsideAndStayVisible() throws Exception {
    fill(1_000);
    database.execute(
        "INSERT INTO agent_execution_logs (execution_id, agent_name) SELECT ('f' || substr(gen_random_uuid()::text, 2))::uuid, 'python' FROM generate_series(1, 10)");

    new Partitioning(config(), line -> {}).run(SOON);

    assertThat(query("SELECT count(*) FROM agent_execution_logs_default")).isEqualTo("10");
    assertThat(query("SELECT count(*) FROM agent_execution_logs_before")).isEqualTo("1000");
    assertThat(query("SELECT count(*) FROM agent_execution_logs WHERE agent_name = 'python'"))
        .isEqualTo("10");
  }

  @Test
  void moreOfThemAreDeclinedAndNothingIsChanged() throws Exception {
    fill(1_000);
    database.execute(
        "INSERT INTO agent_execution_logs (execution_id, agent_name) SELECT ('f' || substr(gen_random_uuid()::text, 2))::uuid, 'python' FROM generate_series(1, 11)");
    String catalog = catalog();

    assertThatThrownBy(() -> new Partitioning(config(), line -> {}).run(SOON))
        .isInstanceOf(SinkUnavailableException.class)
        .hasMessageContaining("11 of 1011 keys of agent_execution_logs")
        .hasMessageContaining("rename agent_execution_logs");

    assertThat(catalog()).isEqualTo(catalog);
  }

  @Test
  void dayThatIsNotToComeIsDeclined() throws Exception {
    String catalog = catalog();
    for (LocalDate day : List.of(DayTables.today(), DayTables.today().plusDays(400))) {
      assertThatThrownBy(() -> new Partitioning(config(), line -> {}).run(day))
          .hasMessageContaining("does not begin 30 minutes to 366 days from now");
    }
    assertThat(catalog()).isEqualTo(catalog);
  }

  @Test
  void firstDayThatCanStillBeGivenIsNamed() throws Exception {
    LocalDate today = DayTables.today();
    try (Connection connection = database.connect()) {
      connection.setAutoCommit(false);
      assertThatThrownBy(
              () ->
                  new Partitioning(config(), line -> {})
                      .run(
                          connection,
                          "public",
                          today.plusDays(1),
                          today.atTime(23, 45).toInstant(ZoneOffset.UTC)))
          .hasMessageContaining("give a day from %s to ".formatted(today.plusDays(2)));
    }
  }

  /** The server ends the session while the rows are looked at, so that the check stays. */
  @Test
  void checkThatCanNotBeDroppedIsNamedWithItsRemedy() throws Exception {
    database.execute(
        "CREATE FUNCTION stop() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); END'; CREATE EVENT TRIGGER stop ON ddl_command_start WHEN TAG IN ('CREATE TABLE') EXECUTE FUNCTION stop()");
    assertThatThrownBy(() -> new Partitioning(config(), line -> {}).run(SOON))
        .hasMessageContaining("rows of %s wait as long as it is there".formatted(SOON))
        .hasMessageContaining(
            "run ALTER TABLE \"public\".agent_execution_logs DROP CONSTRAINT agentlog_partition_cut, or migrate");
    database.execute("DROP EVENT TRIGGER stop");
    assertThat(query("SELECT count(*) FROM pg_constraint WHERE conname = 'agentlog_partition_cut'"))
        .isEqualTo("1");

    new Partitioning(config(), line -> {}).run(SOON);
  }

  @Test
  void whoeverDoesNotOwnTheTablesIsToldTheOwner() throws Exception {
    String role = "r_" + database.database();
    database.execute(
        "CREATE ROLE "
            + role
            + " LOGIN PASSWORD 'pw'; GRANT ALL ON ALL TABLES IN SCHEMA public TO "
            + role);
    TestConfig other = config().with("postgres.user", role).with("postgres.password", "pw");
    assertThatThrownBy(() -> new Partitioning(other, line -> {}).run(SOON))
        .hasMessageContaining("user %s does not own agent_execution_logs".formatted(role))
        .hasMessageContaining("run migrate as " + database.user());
    database.execute("DROP OWNED BY " + role + "; DROP ROLE " + role);
  }

  @Test
  void tableThatItsOwnerHasPartitionedIsDeclined() throws Exception {
    new Partitioning(config(), line -> {}).run(SOON);
    database.execute("COMMENT ON TABLE agent_execution_logs IS NULL");
    assertThatThrownBy(() -> new Partitioning(config(), line -> {}).run(SOON))
        .hasMessageContaining("agent_execution_logs at")
        .hasMessageContaining("is partitioned already, and not by agentlog");
  }

  @Test
  void whatCanNotBeMovedIsNamedBeforeAnythingIsChanged() throws Exception {
    List<String> objects =
        List.of(
            "CREATE TABLE t (e uuid REFERENCES agent_execution_logs)",
            "CREATE MATERIALIZED VIEW m AS SELECT agent_name FROM agent_execution_logs",
            "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END'; CREATE TRIGGER g BEFORE INSERT ON agent_execution_progress FOR EACH ROW EXECUTE FUNCTION f()",
            "CREATE UNIQUE INDEX u ON agent_routing_decisions (correlation_id, created_at)",
            "ALTER TABLE agent_execution_logs ENABLE ROW LEVEL SECURITY",
            "CREATE FUNCTION h(agent_execution_logs) RETURNS int LANGUAGE sql AS 'SELECT 1'",
            "CREATE VIEW w AS SELECT agent_name FROM agent_execution_logs; CREATE RULE r AS ON UPDATE TO w DO INSTEAD UPDATE agent_execution_logs SET agent_name = NEW.agent_name",
            "ALTER TABLE agent_execution_logs REPLICA IDENTITY NOTHING; CREATE PUBLICATION pub FOR ALL TABLES WITH (publish = 'insert, delete')");
    List<String> removed =
        List.of(
            "DROP TABLE t",
            "DROP MATERIALIZED VIEW m",
            "DROP TRIGGER g ON agent_execution_progress",
            "DROP INDEX u",
            "ALTER TABLE agent_execution_logs DISABLE ROW LEVEL SECURITY",
            "DROP FUNCTION h(agent_execution_logs)",
            "DROP VIEW w",
            "DROP PUBLICATION pub");
    List<String> named =
        List.of(
            "foreign key|t_e_fkey",
            "materialized view public.m",
            "trigger g",
            "index u",
            "row security",
            "function public.h",
            "rule r on view public.w",
            "REPLICA IDENTITY NOTHING, by which publication pub");
    for (int i = 0; i < objects.size(); i++) {
      database.execute(objects.get(i));
      String part = named.get(i).substring(named.get(i).indexOf('|') + 1);
      assertThatThrownBy(() -> new Partitioning(config(), line -> {}).run(SOON))
          .as(objects.get(i))
          .hasMessageContaining("can't have")
          .hasMessageContaining(part);
      database.execute(removed.get(i));
    }
    assertThat(query("SELECT count(*) FROM pg_constraint WHERE conname = 'agentlog_partition_cut'"))
        .isEqualTo("0");
    new Partitioning(config(), line -> {}).run(SOON);
  }

  @Test
  void checkThatAKilledCommandLeftIsDroppedByTheNextWriter() throws Exception {
    AtomicLong nanos = new AtomicLong();
    database.execute(
        "ALTER TABLE agent_execution_logs ADD CONSTRAINT agentlog_partition_cut CHECK (execution_id < '"
            + DayTable.floor(DayTables.today().plusDays(1))
            + "'::uuid) NOT VALID");
    assertThat(new DatabaseCheck(config()).run().toString())
        .contains("run ALTER TABLE agent_execution_logs DROP CONSTRAINT agentlog_partition_cut");
    PostgresSink sink =
        add(new PostgresSink(config(), ExecutionEvents.INSTANCE, "router", nanos::get));
    sink.write(events(1).all());
    nanos.addAndGet(2 * ComingDays.RETRY_NANOS);
    sink.maintain();
    assertThat(query("SELECT count(*) FROM pg_constraint WHERE conname = 'agentlog_partition_cut'"))
        .isEqualTo("0");
  }

  @Test
  void viewsOfTheLastDayLeaveOlderPartitionsOut() throws Exception {
    LocalDate today = DayTables.today();
    DayTables.cut(database, config(), today.minusDays(89));
    try (Connection connection = database.connect()) {
      for (int i = -89; i < 4; i++) {
        DayTables.make(connection, today.plusDays(i), Tables.EXECUTIONS.table());
      }
    }
    assertThat(touched("agent_completion_stats_24h"))
        .contains(name(today))
        .isSubsetOf(name(today.minusDays(1)), name(today), "agent_execution_logs_default");
    assertThat(touched("agent_completion_stats_7d")).contains(name(today.minusDays(7))).hasSize(9);
    assertThat(touched("agent_performance")).hasSize(9);
  }

  private static String name(LocalDate day) {
    return DayTable.ALL.get(0).partition(day);
  }

  /** Returns the partitions that a view reads, without those of days to come, which are empty. */
  private Set<String> touched(String view) throws Exception {
    Set<String> touched = new TreeSet<>();
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("EXPLAIN (ANALYZE) SELECT * FROM " + view)) {
      while (row.next()) {
        Matcher scan = SCAN.matcher(row.getString(1));
        if (scan.find() && !row.getString(1).contains("never executed")) {
          touched.add(scan.group(1));
        }
      }
    }
    for (int days = 1; days < 4; days++) {
      touched.remove(name(DayTables.today().plusDays(days)));
    }
    return touched;
  }

  /** The keys of their decisions are those of a day far away. */
  private static List<Event> withoutDecisions(ExecutionEvents events) {
    return events.all().stream()
        .filter(event -> event.type() != EventType.ROUTING_DECISION)
        .toList();
  }

  private void fill(int count) {
    database.execute(
        "INSERT INTO agent_execution_logs (execution_id, agent_name) SELECT ('019a0000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, 'old' FROM generate_series(1, "
            + count
            + ") AS n");
  }

  private String rows() throws Exception {
    return query(
        "SELECT concat((SELECT md5(string_agg(l::text, '' ORDER BY execution_id)) FROM agent_execution_logs l), (SELECT md5(string_agg(p::text, '' ORDER BY execution_id, seq)) FROM agent_execution_progress p), (SELECT string_agg(d::text, '' ORDER BY id) FROM agent_routing_decisions d))");
  }

  private String nodes(String pattern) throws Exception {
    StringBuilder nodes = new StringBuilder();
    for (String table : TABLES) {
      nodes
          .append(query("SELECT pg_relation_filenode('" + pattern.formatted(table) + "')"))
          .append(' ');
    }
    return nodes.toString();
  }

  private String catalog() throws Exception {
    return query(
        "SELECT concat((SELECT string_agg(relname || relkind::text, ' ' ORDER BY relname) FROM pg_class WHERE relnamespace = 'public'::regnamespace), (SELECT string_agg(conname, ' ' ORDER BY conname) FROM pg_constraint))");
  }
}
