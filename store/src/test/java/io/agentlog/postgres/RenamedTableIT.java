package io.agentlog.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A table that its owner has renamed, to begin anew, keeps its indexes and is no longer read by
 * agentlog's views: the new table has its own, under the names that agentlog gives.
 */
@Timeout(180)
class RenamedTableIT extends SinkFixture {
  private static final String INDEXES =
      "SELECT string_agg(c.relname, ' ' ORDER BY c.relname) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = 'agent_execution_logs'::regclass AND i.indisvalid AND NOT i.indisprimary";

  private static final String READERS =
      "SELECT string_agg(DISTINCT v.relname, ' ' ORDER BY v.relname) FROM pg_depend d JOIN pg_rewrite r ON r.oid = d.objid JOIN pg_class v ON v.oid = r.ev_class WHERE d.refobjid = '%s'::regclass AND v.relkind = 'v'";

  @Test
  void newTableHasIndexesAndViewsAndIsPartitioned() throws Exception {
    TestConfig config = config().with("traceability", "true");
    new TableSetup(config).run(false);
    String indexes = query(INDEXES);
    String readers = query(READERS.formatted("agent_execution_logs"));
    database.execute(
        "INSERT INTO agent_execution_logs (execution_id) SELECT gen_random_uuid() FROM generate_series(1, 9); CREATE VIEW mine AS SELECT agent_name FROM agent_execution_logs; ALTER TABLE agent_execution_logs RENAME TO old_logs");

    new TableSetup(config).run(false);

    assertThat(query(INDEXES)).isEqualTo(indexes).contains("agent_execution_logs_running");
    assertThat(query(READERS.formatted("agent_execution_logs"))).isEqualTo(readers);
    assertThat(query(READERS.formatted("old_logs"))).isEqualTo("mine");
    assertThat(
            query(
                "SELECT count(*) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = 'old_logs'::regclass AND c.relname LIKE '%\\_old'"))
        .isEqualTo("6");
    new Partitioning(config, line -> {}).run(DayTables.today().plusDays(2));
    sink(config).write(events(1).all());
    assertThat(query("SELECT count(*) FROM active_agents")).isEqualTo("0");
    assertThat(query("SELECT count(*) FROM old_logs")).isEqualTo("9");
    assertThat(query("SELECT count(*) FROM agent_execution_logs")).isEqualTo("1");
  }

  @Test
  void newTableHasTheIndexesOfAnotherProgram() throws Exception {
    new TableSetup(config()).run(false);
    database.execute(
        "CREATE INDEX theirs ON agent_execution_logs (agent_name); ALTER TABLE agent_execution_logs RENAME TO old_logs");
    new TableSetup(config()).run(false);

    new AddedTables(config(), line -> {})
        .run(
            "SELECT 1",
            List.of(),
            List.of(),
            List.of(
                new AddedTables.Index(
                    "theirs", "agent_execution_logs", "ON %s (agent_name)", 14, "nothing")));

    assertThat(query(INDEXES)).contains("theirs");
  }

  @Test
  void indexThatIsAnotherTablesIsMadeAgainBesideWriters() throws Exception {
    new TableSetup(config()).run(false);
    database.execute(
        """
        CREATE TABLE old_logs (LIKE agent_execution_logs);
        DROP INDEX agent_execution_logs_root;
        CREATE INDEX agent_execution_logs_root ON old_logs (root_execution_id);
        DELETE FROM agentlog_schema_version WHERE version = 6\
        """);

    new TableSetup(config()).run(false);

    assertThat(query(INDEXES)).contains("agent_execution_logs_root");
    assertThat(
            query(
                "SELECT indexrelid::regclass FROM pg_index WHERE indrelid = 'old_logs'::regclass"))
        .isEqualTo("agent_execution_logs_root_old");
  }
}
