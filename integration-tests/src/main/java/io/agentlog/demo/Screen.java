package io.agentlog.demo;

import java.io.PrintStream;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The demo's output: headings, tables and a bar that moves on a terminal. */
final class Screen {
  private static final int CELL_WIDTH_MAX = 60;
  private static final int BAR_WIDTH = 30;

  private final PrintStream out;
  private final boolean terminal;
  private long lastQuarter = -1;

  /**
   * Prints to a stream.
   *
   * @param terminal whether a printed line can be overwritten
   */
  Screen(PrintStream out, boolean terminal) {
    this.out = out;
    this.terminal = terminal;
  }

  void line(String text) {
    out.println(text);
  }

  void heading(String text) {
    out.println();
    out.println(terminal ? "\033[1m" + text + "\033[0m" : "== " + text);
  }

  /** Shows a bar: on a terminal it overwrites the last one, else it appears at each quarter. */
  void bar(String what, long done, long total) {
    long filled = total == 0 ? BAR_WIDTH : Math.min(BAR_WIDTH, done * BAR_WIDTH / total);
    String bar =
        "  [%s%s] %d/%d %s"
            .formatted(
                "#".repeat((int) filled),
                ".".repeat((int) (BAR_WIDTH - filled)),
                done,
                total,
                what);
    if (terminal) {
      out.print("\r\033[K" + bar);
      out.flush();
    } else {
      long quarter = total == 0 ? 4 : done * 4 / total;
      if (quarter != lastQuarter) {
        out.println(bar);
      }
      lastQuarter = quarter;
    }
  }

  void barEnds() {
    if (terminal) {
      out.println();
    }
  }

  /** Prints a query and its result. */
  void query(Connection connection, String sql) throws SQLException {
    out.println("  " + sql.strip().replaceAll("\\s+", " ") + ";");
    try (Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      table(result);
    }
  }

  private void table(ResultSet result) throws SQLException {
    ResultSetMetaData columns = result.getMetaData();
    List<List<String>> rows = new ArrayList<>();
    List<String> names = new ArrayList<>();
    for (int i = 1; i <= columns.getColumnCount(); i++) {
      names.add(columns.getColumnLabel(i));
    }
    rows.add(names);
    while (result.next()) {
      List<String> row = new ArrayList<>();
      for (int i = 1; i <= names.size(); i++) {
        row.add(cell(result.getString(i)));
      }
      rows.add(row);
    }
    int[] widths = new int[names.size()];
    for (List<String> row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder("   ");
      for (int i = 0; i < widths.length; i++) {
        line.append(' ').append(row.get(i)).append(" ".repeat(widths[i] - row.get(i).length() + 1));
      }
      out.println(line.toString().stripTrailing());
    }
  }

  /** The value as one line of bounded width, without control characters. */
  static String cell(@Nullable String value) {
    if (value == null) {
      return "-";
    }
    String clean = value.replaceAll("\\p{Cntrl}+", " ");
    return clean.length() <= CELL_WIDTH_MAX
        ? clean
        : clean.substring(0, CELL_WIDTH_MAX - 3) + "...";
  }
}
