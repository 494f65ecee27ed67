package io.agentlog.postgres;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.joining;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One version of the tables: statements that may run again, each ended by a semicolon at the end of
 * a line. The statements name agentlog's tables and views without a schema; {@link #of} qualifies
 * the names, so that no statement depends on the search path. Immutable.
 *
 * @param version number at the start of the name
 * @param name of the file, without the ending
 */
record Script(int version, String name, List<Step> steps) {
  /** Kinds of statements. The kind decides how a statement runs on a table that others use. */
  enum Kind {
    /** Makes a table, unless it is there. */
    TABLE("CREATE TABLE IF NOT EXISTS"),
    /** Adds the columns that a table lacks; locks all others out for a moment. */
    COLUMNS("ALTER TABLE"),
    /** Makes an index, unless it is there; writers of the table wait unless it is concurrent. */
    INDEX("CREATE INDEX IF NOT EXISTS"),
    /** Makes a view. */
    VIEW("CREATE VIEW"),
    /** Comments on the view before it. */
    COMMENT("COMMENT ON VIEW");

    private final String head;

    Kind(String head) {
      this.head = head;
    }
  }

  /**
   * One statement.
   *
   * @param name of the table, index or view, without schema
   * @param table that the statement changes or indexes; the name for other kinds
   * @param columns that the statement adds
   * @param sql with qualified names
   */
  record Step(Kind kind, String name, String table, List<String> columns, String sql) {}

  private static final Pattern COMMENT_LINE = Pattern.compile("(?m)^--.*\\R?");
  private static final Pattern END = Pattern.compile(";\\s*(?:\\R|$)");
  private static final Pattern ADDED = Pattern.compile("ADD COLUMN IF NOT EXISTS (\\w+)");
  private static final Pattern TABLE_NAME =
      Pattern.compile(
          "\\b(?:"
              + String.join("|", Track.EXECUTIONS.names())
              + "|"
              + String.join("|", Track.DETAILS.names())
              + "|"
              + String.join("|", Track.FLEET.names())
              + ")\\b");
  private static final Pattern HEAD = Pattern.compile("([A-Z ]+) (\\w+)(?: ON (\\w+))?");

  Script {
    steps = List.copyOf(steps);
  }

  /**
   * Reads a script from the jar.
   *
   * @param home schema of the tables, without quotes
   */
  static Script of(String name, String home) {
    List<Step> steps = new ArrayList<>();
    for (String statement : END.split(COMMENT_LINE.matcher(text(name)).replaceAll(""), -1)) {
      if (!statement.isBlank()) {
        steps.add(step(statement.strip(), SqlStates.quoted(home) + "."));
      }
    }
    return new Script(version(name), name, steps);
  }

  /** Returns the number in a name such as {@code V001__tables}. */
  static int version(String name) {
    return Integer.parseInt(name.substring(1, name.indexOf('_')));
  }

  private static Step step(String statement, String schema) {
    Matcher head = HEAD.matcher(statement);
    if (head.lookingAt()) {
      for (Kind kind : Kind.values()) {
        if (kind.head.equals(head.group(1))) {
          return step(kind, statement, head, schema);
        }
      }
    }
    throw new IllegalStateException("no statement of a migration: " + statement);
  }

  private static Step step(Kind kind, String statement, Matcher head, String schema) {
    String name = head.group(2);
    String sql = TABLE_NAME.matcher(statement).replaceAll(Matcher.quoteReplacement(schema) + "$0");
    if (kind == Kind.VIEW || kind == Kind.COMMENT) {
      sql = sql.substring(0, head.start(2)) + schema + sql.substring(head.start(2));
    }
    String table = kind == Kind.INDEX ? head.group(3) : name;
    List<String> columns = ADDED.matcher(statement).results().map(m -> m.group(1)).toList();
    return new Step(kind, name, table, columns, sql);
  }

  /** Returns the file. */
  static String text(String name) {
    String path = "migrations/" + name + ".sql";
    try (@Nullable InputStream in = Script.class.getResourceAsStream(path)) {
      if (in == null) {
        throw new IllegalStateException(path + " is missing in the agent's jar");
      }
      return new String(in.readAllBytes(), UTF_8).lines().collect(joining("\n"));
    } catch (IOException e) {
      throw new IllegalStateException("the agent's jar can't be read at " + path, e);
    }
  }
}
