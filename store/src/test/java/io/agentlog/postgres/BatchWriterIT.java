package io.agentlog.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.event.Event;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Goal: inserting rows as new leaves the tables as merging alone would have made them. Method: the
 * same batches are inserted by the writer into one database and merged into another.
 */
@Timeout(120)
class BatchWriterIT extends SinkFixture {
  private static final String ROWS =
      "SELECT string_agg((to_jsonb(t) - 'created_at' - 'updated_at')::text, ' ' ORDER BY execution_id)"
          + " FROM agent_execution_logs t";
  private static final String PROGRESS =
      "SELECT string_agg(t::text, ' ' ORDER BY t::text) FROM agent_execution_progress t";
  private static final String TRANSACTIONS =
      "SELECT count(DISTINCT xmin::text) FROM agent_execution_logs";

  private final BatchWriter writer = new BatchWriter();

  @BeforeEach
  void makeTables() throws Exception {
    sink(config()).write(List.of(events(0).started()));
    database.execute("CREATE SCHEMA merged");
    sink(config().with("postgres.client.currentSchema", "merged"))
        .write(List.of(events(0).started()));
  }

  @Test
  void newRowsAreThoseThatTheMergeMakes() throws Exception {
    write(all(1, 50));
    write(all(51, 60));

    assertSame("61");
  }

  @Test
  void endsOfExecutionsThatBeganBeforeAreMergedBesideNewRows() throws Exception {
    List<Event> begun = new ArrayList<>();
    for (int n = 1; n <= 10; n++) {
      begun.add(events(n).started());
    }
    write(begun);
    List<Event> mixed = new ArrayList<>();
    for (int n = 1; n <= 10; n++) {
      mixed.add(events(n).progress(1));
      mixed.add(events(n).completed());
    }
    mixed.addAll(all(11, 20));
    write(mixed);

    assertSame("21");
    assertThat(query("SELECT count(*) FROM agent_execution_logs WHERE status = 'success'"))
        .isEqualTo("20");
  }

  @Test
  void batchThatIsThereAlreadyChangesNothing() throws Exception {
    write(all(1, 20));
    String before = query("SELECT string_agg(xmin::text, ' ') FROM agent_execution_logs");

    write(all(1, 20));
    List<Event> half = new ArrayList<>(all(15, 20));
    half.addAll(all(21, 25));
    write(half);

    assertSame("26");
    assertThat(query("SELECT string_agg(xmin::text, ' ') FROM agent_execution_logs"))
        .startsWith(before);
  }

  @Test
  void eventThatComesTwiceInABatchIsOneRow() throws Exception {
    List<Event> twice = new ArrayList<>(all(1, 3));
    twice.addAll(all(1, 3));
    write(twice);

    assertSame("4");
  }

  @Test
  void executionsThatAreOutOfOrderAreMergedTogether() throws Exception {
    List<Event> events = new ArrayList<>(all(1, 5));
    events.add(events(6).completed()); // Its start comes later, though its key is the largest.
    write(events);
    write(List.of(events(6).started()));

    assertSame("7");
    assertThat(query(TRANSACTIONS)).isEqualTo("3");
  }

  private void write(List<Event> events) throws SQLException {
    Batch batch = Batch.of(events);
    try (Connection connection = connection(config())) {
      writer.write(batch, connection);
    }
    try (Connection connection =
        connection(config().with("postgres.client.currentSchema", "merged"))) {
      Tables.EXECUTIONS.execute(connection, batch.rows());
      Tables.PROGRESS.execute(connection, batch.progress());
      connection.commit();
    }
  }

  private void assertSame(String executions) throws SQLException {
    assertThat(query("SELECT count(*) FROM agent_execution_logs")).isEqualTo(executions);
    for (String rows : List.of(ROWS, PROGRESS)) {
      assertThat(query(rows))
          .isEqualTo(query(rows.replace("agent_execution", "merged.agent_execution")));
    }
  }

  private static Connection connection(TestConfig config) throws SQLException {
    Connection connection = new AgentDataSource(PostgresTarget.of(config)).getConnection();
    connection.setAutoCommit(false);
    return connection;
  }

  private static List<Event> all(int from, int to) {
    List<Event> events = new ArrayList<>();
    for (int n = from; n <= to; n++) {
      events.addAll(events(n).all());
    }
    return events;
  }
}
