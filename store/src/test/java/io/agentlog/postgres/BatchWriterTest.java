package io.agentlog.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentlog.event.Event;
import io.agentlog.event.ExecutionEvents;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Which statements a batch becomes. */
class BatchWriterTest {
  private static final ExecutionEvents OLD = events(1);
  private static final ExecutionEvents NEW = events(2);

  private static final String EXECUTIONS = "INTO agent_execution_logs";
  private static final String PROGRESS = "INTO agent_execution_progress";
  private static final String LIMIT = "set_config('lock_timeout', ";
  private static final String DECISIONS = "INTO agent_routing_decisions";

  private final FakeDatabase database = new FakeDatabase();
  private final BatchWriter writer = new BatchWriter();

  @Test
  void executionsThatGoOnAreMergedAndNewOnesInsertedInOneTransaction() throws SQLException {
    database.on(EXECUTIONS, 1, 1).on(PROGRESS, 1).on(DECISIONS, 1);
    Written written = write(OLD.completed(), NEW.started(), NEW.progress(1), decision());

    assertThat(written).isEqualTo(new Written(2, 1, 1));
    assertThat(sql())
        .containsExactly(
            Tables.EXECUTIONS.sql(),
            Tables.NEW_EXECUTIONS.sql(),
            Tables.NEW_PROGRESS.sql(),
            Tables.NEW_DECISIONS.sql());
    assertThat(database.log()).hasSize(6).endsWith("commit").doesNotContain("rollback");
    assertThat(firstIds(0)).containsExactly(OLD.started().header().executionId().toString());
    assertThat(firstIds(1)).containsExactly(NEW.started().header().executionId().toString());
  }

  @Test
  void eachTransactionBeginsWithItsLimits() throws SQLException {
    database.on(EXECUTIONS, FakeDatabase.refused("23505"));
    write(NEW.started());

    List<String> ran = database.statements().stream().map(FakeDatabase.Ran::sql).toList();
    assertThat(ran).hasSize(4);
    assertThat(ran.get(0)).contains(LIMIT + "'5000'");
    assertThat(ran.get(2)).isEqualTo(ran.get(0)); // A rollback takes them away.
  }

  @Test
  void tableWithoutRowsGetsNoStatement() throws SQLException {
    database.on(EXECUTIONS, 1);

    assertThat(write(NEW.started())).isEqualTo(new Written(1, 0, 0));
    assertThat(sql()).containsExactly(Tables.NEW_EXECUTIONS.sql());
  }

  @Test
  void duplicateKeyRollsBackAndMergesTheWholeBatch() throws SQLException {
    database.on(EXECUTIONS, FakeDatabase.refused("23505"), 1).on(PROGRESS, 0).on(DECISIONS, 0);
    Written written = write(NEW.started(), NEW.progress(1), decision());

    assertThat(written).isEqualTo(new Written(1, 0, 0));
    assertThat(sql())
        .containsExactly(
            Tables.NEW_EXECUTIONS.sql(),
            Tables.EXECUTIONS.sql(),
            Tables.PROGRESS.sql(),
            Tables.DECISIONS.sql());
    assertThat(database.log().get(2)).isEqualTo("rollback");
    assertThat(database.log()).endsWith("commit");
  }

  @Test
  void batchAfterADuplicateKeyIsMergedWithoutAnotherInsert() throws SQLException {
    database.on(EXECUTIONS, FakeDatabase.refused("23505"));
    write(NEW.started());
    database.statements().clear();
    write(events(3).started(), events(3).progress(1));

    assertThat(sql()).containsExactly(Tables.EXECUTIONS.sql(), Tables.PROGRESS.sql());
  }

  /** Without it each partition that moves to another reader costs the server's log an error. */
  @Test
  void batchOfAnExpectedReplayIsMergedWithoutAnInsertBefore() throws SQLException {
    writer.expectReplay();
    write(NEW.started(), NEW.progress(1));

    assertThat(sql()).containsExactly(Tables.EXECUTIONS.sql(), Tables.PROGRESS.sql());
  }

  @Test
  void anyOtherErrorIsThrownAndNothingMoreIsTried() throws SQLException {
    SQLException refused = FakeDatabase.refused("23502");
    database.on(PROGRESS, refused);

    assertThatThrownBy(() -> write(NEW.started(), NEW.progress(1))).isSameAs(refused);
    assertThat(sql()).hasSize(2);
    assertThat(database.log()).doesNotContain("rollback", "commit");
    database.statements().clear();
    write(NEW.started());
    assertThat(sql()).containsExactly(Tables.NEW_EXECUTIONS.sql());
  }

  @Test
  void smallBatchIsWrittenOverTheFirstConnectionAlone() throws SQLException {
    PostgresTarget target = PostgresTarget.of(new TestConfig().with("postgres.host", "db"));
    List<Event> all = new ArrayList<>();
    for (int i = 0; i < SecondConnection.HALVED_ROWS_MIN - 1; i++) {
      all.add(events(i).started());
    }
    database.on(EXECUTIONS, 99);
    try (ConnectionPool unopened = new ConnectionPool(target);
        SecondConnection second = new SecondConnection(unopened)) {

      assertThat(second.write(Batch.of(all), database.connection()))
          .isEqualTo(new Written(99, 0, 0));
    }
    assertThat(sql()).containsExactly(Tables.NEW_EXECUTIONS.sql());
  }

  @Test
  void largeBatchIsWrittenOverOneConnectionWhereNoSecondIsWanted() throws SQLException {
    List<Event> all = new ArrayList<>();
    for (int i = 0; i < SecondConnection.HALVED_ROWS_MIN; i++) {
      all.add(events(i).started());
    }
    database.on(EXECUTIONS, 100);
    PostgresTarget nowhere = PostgresTarget.of(new TestConfig().with("postgres.host", "db"));
    try (ConnectionPool unopened = new ConnectionPool(nowhere);
        SecondConnection second = new SecondConnection(unopened)) {
      second.turnOff();

      assertThat(second.write(Batch.of(all), database.connection()))
          .isEqualTo(new Written(100, 0, 0));
    }
  }

  @Test
  void numbersOfTwoHalvesAddUpTableByTable() {
    assertThat(new Written(1, 20, 300).plus(new Written(4_000, 50_000, 600_000)))
        .isEqualTo(new Written(4_001, 50_020, 600_300));
  }

  private Written write(Event... events) throws SQLException {
    return writer.write(Batch.of(List.of(events)), database.connection());
  }

  /** The statements but those that set limits. */
  private List<String> sql() {
    return rows().map(FakeDatabase.Ran::sql).toList();
  }

  private Stream<FakeDatabase.Ran> rows() {
    return database.statements().stream().filter(ran -> !ran.sql().contains(LIMIT));
  }

  /** The texts of the first array of a statement, which holds the keys. */
  private Object[] firstIds(int statement) throws SQLException {
    java.sql.Array ids = (java.sql.Array) rows().toList().get(statement).parameters().get(0);
    return (Object[]) ids.getArray();
  }

  private static Event decision() {
    return NEW.decision(ExecutionEvents.DECISION_1, 3);
  }

  private static ExecutionEvents events(int index) {
    return new ExecutionEvents(new UUID(0x019a_0000_0000_7000L, index), false);
  }
}
