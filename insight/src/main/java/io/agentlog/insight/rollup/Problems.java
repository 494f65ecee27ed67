package io.agentlog.insight.rollup;

import io.agentlog.postgres.TableTransactions;
import io.agentlog.sink.SinkUnavailableException;
import java.sql.SQLException;

/** Says what an error of the database means for the dashboard's own tables. */
public final class Problems {
  private static final String MISSING_TABLE = "42P01";
  private static final String MISSING_COLUMN = "42703";
  private static final String MISSING_RIGHT = "42501";

  private Problems() {}

  /** True if another program has changed the same rows a moment before. */
  public static boolean isRace(SQLException e) {
    return "40001".equals(e.getSQLState());
  }

  /** Says what a failed statement means, and what to do. */
  public static SinkUnavailableException outage(SQLException e, TableTransactions transactions) {
    String state = String.valueOf(e.getSQLState());
    String text =
        switch (state) {
          case MISSING_TABLE, MISSING_COLUMN ->
              "%s has not all tables of the dashboard: run java -jar agentlog-insight.jar migrate"
                  .formatted(transactions.place());
          case MISSING_RIGHT ->
              "user %s may not keep the dashboard's tables at %s: run %s"
                  .formatted(
                      transactions.user(),
                      transactions.place(),
                      Grants.writer(transactions.user()));
          default -> null;
        };
    return text == null ? transactions.outage(e) : new SinkUnavailableException(text, e);
  }
}
