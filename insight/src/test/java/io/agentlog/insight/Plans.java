package io.agentlog.insight;

import io.agentlog.backends.Postgres;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Collections;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Plans of statements, as the server makes them for any parameters. */
public final class Plans {
  private static final Pattern PARAMETER = Pattern.compile("\\?");

  private Plans() {}

  /**
   * Returns how the server would read large tables, whatever the size of those that are there: it
   * reads a table as a whole only if no index leads to the rows.
   *
   * @param sql with a question mark for each parameter
   */
  public static String ofLargeTables(Postgres database, String sql) throws SQLException {
    StringBuilder numbered = new StringBuilder();
    Matcher parameters = PARAMETER.matcher(sql);
    int count = 0;
    while (parameters.find()) {
      count++;
      parameters.appendReplacement(numbered, Matcher.quoteReplacement("$" + count));
    }
    parameters.appendTail(numbered);
    StringBuilder plan = new StringBuilder();
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement()) {
      statement.execute(
          "SET enable_seqscan = off; SET enable_bitmapscan = off; SET plan_cache_mode ="
              + " force_generic_plan");
      statement.execute("PREPARE asked AS " + numbered);
      String values =
          count == 0 ? "" : "(" + String.join(", ", Collections.nCopies(count, "NULL")) + ")";
      try (ResultSet rows = statement.executeQuery("EXPLAIN EXECUTE asked" + values)) {
        while (rows.next()) {
          plan.append(rows.getString(1)).append('\n');
        }
      }
    }
    return plan.toString();
  }
}
