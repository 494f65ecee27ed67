package io.agentlog.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whoever reads while rows are moved to the day that they belong to sees them all. */
@Timeout(180)
class DayReadersIT extends DayFixture {
  private static final int ROWS = 1_000;

  private final List<CompletableFuture<String>> readers = new ArrayList<>();

  @Test
  void readerThatWaitsForADayThatHasBegunSeesItsRows() throws Exception {
    days(-1, -1);
    fill(0, ROWS);
    try (Connection connection = database.connect()) {
      DayPartitions of = executions(connection);
      Connection watched = HookedConnection.after(connection, sql -> readAfter("WITH moved", sql));
      assertThat(DayMaking.make(watched, of, today)).isEqualTo(DayMaking.Made.DONE);
    }
    assertThat(readers).hasSize(1).first().returns("" + ROWS, CompletableFuture::join);
  }

  @Test
  void readerThatWaitsForADayToComeSeesItsRows() throws Exception {
    days(-1, 1);
    fill(2, ROWS);
    try (Connection connection = database.connect()) {
      DayPartitions of = executions(connection);
      Connection watched =
          HookedConnection.after(connection, sql -> readAfter("ATTACH PARTITION", sql));
      assertThat(DayBesideRows.make(watched, of, today.plusDays(2))).isEqualTo(DayMaking.Made.DONE);
    }
    assertThat(readers).hasSize(1).first().returns("" + ROWS, CompletableFuture::join);
  }

  private static DayPartitions executions(Connection connection) throws Exception {
    connection.setAutoCommit(false);
    DayPartitions of = DayPartitions.read(connection).get(0);
    connection.commit();
    return of;
  }

  /** Lets a reader come after a statement, and wait. */
  private void readAfter(String part, String sql) throws Exception {
    if (sql.contains(part)) {
      readers.add(
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  return query("SELECT count(*) FROM agent_execution_logs");
                } catch (Exception e) {
                  return e.toString();
                }
              }));
      while (query("SELECT count(*) FROM pg_locks WHERE NOT granted").equals("0")) {
        assertThat(readers.get(0)).isNotDone();
        Thread.onSpinWait();
      }
    }
  }
}
