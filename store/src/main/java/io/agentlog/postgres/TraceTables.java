package io.agentlog.postgres;

import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The tables of the whole trace in one database, and the statements that read them. They are made
 * with the first detail, and another logger or an older agentlog may have made them with other
 * columns: a table or column that is not there is not named by a statement. Immutable.
 */
public final class TraceTables {
  /** Versions of an agent's instructions that are counted; a later one has no number. */
  public static final int VERSIONS_MAX = 1_000;

  /** Characters that are read of a path. */
  private static final int PATH_MAX = 4_096;

  /** Characters that are read of any other name. */
  private static final int NAME_MAX = 300;

  private static final List<String> NAMES =
      List.of(
          "agent_prompts",
          "agent_prompt_texts",
          "agent_file_operations",
          "agent_intelligence_usage",
          "agent_model_calls",
          "agent_execution_logs");

  private static final int PROMPTS = 0;
  private static final int TEXTS = 1;
  private static final int FILES = 2;
  private static final int KNOWLEDGE = 3;
  private static final int MODEL_CALLS = 4;
  private static final int EXECUTIONS = 5;

  private static final List<String> TOKENS =
      List.of(
          "input_tokens",
          "output_tokens",
          "cache_read_tokens",
          "cache_write_tokens",
          "reasoning_tokens");

  /** Finds the tables. {@link #table} reads its rows. */
  public static final String FIND =
      """
      SELECT t.n, has_table_privilege(c.oid, 'SELECT') AS readable,
             (SELECT array_agg(a.attname::text) FROM pg_attribute a
              WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns
      FROM unnest(ARRAY['%s']) WITH ORDINALITY AS t (name, n) JOIN pg_class c ON c.oid = to_regclass(t.name)\
      """
          .formatted(String.join("', '", NAMES));

  /**
   * The versions of an agent's instructions, in the order in which the agent first had them. The
   * parameter is the agent's name. Walks along {@code agent_prompts_versions} from one hash to the
   * next, so that it reads one entry a version and not one an execution.
   */
  public static final String VERSIONS =
      """
      WITH RECURSIVE version (hash, first_at, n) AS (
        (SELECT p.agent_instructions_hash, p.created_at, 1 FROM agent_prompts p
         WHERE p.agent_name = ? AND p.agent_instructions_hash IS NOT NULL
         ORDER BY p.agent_instructions_hash, p.created_at LIMIT 1)
        UNION ALL
        SELECT next.hash, next.first_at, next.n
        FROM version v CROSS JOIN LATERAL (
          SELECT p.agent_instructions_hash AS hash, p.created_at AS first_at, v.n + 1 AS n FROM agent_prompts p
          WHERE p.agent_name = ? AND p.agent_instructions_hash > v.hash
          ORDER BY p.agent_instructions_hash, p.created_at LIMIT 1) AS next
        WHERE v.n <= %s)
      SELECT hash, first_at, dense_rank() OVER (ORDER BY first_at, hash) AS version FROM version ORDER BY version\
      """
          .formatted(VERSIONS_MAX);

  private static final Set<String> HEAD = Set.of("at", "place", "event", "agent", "execution_id");

  private final Map<Integer, Table> tables = new HashMap<>();

  /** A database with the tables that a reading of {@link #FIND} has found. */
  public TraceTables(List<Table> found) {
    found.forEach(table -> tables.put(table.number(), table));
  }

  /** One of the tables. */
  public record Table(int number, boolean isReadable, Set<String> columns) {
    /** Makes the columns immutable. */
    public Table {
      columns = Set.copyOf(columns);
    }
  }

  /**
   * A prompt, a file operation, an item of knowledge or a call of a model.
   *
   * @param seq of the execution's one sequence; null in rows of another logger
   * @param event the wire name of its type
   * @param executionId null in a row of another logger that names the request alone
   * @param values those that are not null, by the name of their column: texts, numbers, booleans
   */
  public record Detail(
      java.time.@Nullable Instant at,
      @Nullable Integer seq,
      String event,
      @Nullable String agent,
      @Nullable UUID executionId,
      Map<String, Object> values) {}

  /** Reads a row of {@link #FIND}. */
  public static Table table(ResultSet row) throws SQLException {
    return new Table(
        row.getInt("n") - 1,
        row.getBoolean("readable"),
        Set.of((String[]) row.getArray("columns").getArray()));
  }

  /** Returns the tables that are there and may not be read. */
  public List<String> unreadable() {
    return tables.values().stream()
        .filter(table -> !table.isReadable())
        .map(table -> NAMES.get(table.number()))
        .sorted()
        .toList();
  }

  /** Returns whether the versions of instructions can be read. */
  public boolean hasVersions() {
    return has(PROMPTS, "agent_name")
        && has(PROMPTS, "agent_instructions_hash")
        && has(PROMPTS, "created_at");
  }

  /**
   * Returns a statement for each table that can be read. The parameters of each are the execution
   * IDs as an array's text, the correlation ID of rows without an execution or null, and the most
   * rows; {@link #detail} reads them.
   *
   * @param withTexts whether prompts, instructions, queries, summaries and error messages are read
   * @param textMax characters that are read of each of these
   */
  public List<String> statements(boolean withTexts, int textMax) {
    List<String> statements = new ArrayList<>();
    if (isReadable(PROMPTS)) {
      Select select = new Select(PROMPTS, "prompt", withTexts, textMax);
      select.add("user_prompt_length", "agent_instructions_length");
      select.names("user_prompt_hash", "agent_instructions_hash");
      select.texts("user_prompt");
      if (withTexts) {
        select.instructions();
      }
      statements.add(select.sql());
    }
    if (isReadable(FILES)) {
      Select select = new Select(FILES, "file_operation", withTexts, textMax);
      select.names("operation_type");
      select.left("file_path", PATH_MAX);
      select.names("file_path_hash");
      select.add("file_size_bytes");
      select.names("content_hash_before", "content_hash_after");
      select.add("content_changed");
      select.names("tool_name");
      select.add("success", "bytes_read", "bytes_written", "duration_ms");
      select.texts("error_message");
      select.flags("moved_from", "count", "hash_missing");
      statements.add(select.sql());
    }
    if (isReadable(KNOWLEDGE)) {
      Select select = new Select(KNOWLEDGE, "intelligence_usage", withTexts, textMax);
      select.names("intelligence_type", "intelligence_source", "collection_name");
      select.names("intelligence_name");
      select.add("intelligence_id", "query_results_rank", "confidence_score", "query_time_ms");
      select.add("was_applied", "contributed_to_success", "quality_impact");
      select.texts("usage_context", "query_used", "intelligence_summary");
      statements.add(select.sql());
    }
    if (isReadable(MODEL_CALLS)) {
      Select select = new Select(MODEL_CALLS, "model_call", withTexts, textMax);
      select.names("framework", "provider", "request_model", "response_model", "operation");
      select.add("streaming", "started_at", "duration_us", "first_token_us");
      TOKENS.forEach(select::add);
      select.add("cost", "cost_currency");
      select.names("price_version", "finish_reason", "error_type");
      select.texts("error_message");
      select.flags("delegated", "rounds_hidden");
      statements.add(select.sql());
    }
    return statements;
  }

  /**
   * Returns the statement that reads what executions have used, of those that called a model or a
   * tool; null if the table is of an older agentlog. Its parameters are the execution IDs as an
   * array's text, and the most rows; {@link #detail} reads it.
   */
  public @Nullable String usage() {
    if (!has(EXECUTIONS, "usage_seq")) {
      return null;
    }
    Select select = new Select(EXECUTIONS, "usage", false, 0);
    select.names("model");
    select.add("model_calls", "tool_calls");
    TOKENS.forEach(select::add);
    select.add("cost", "cost_currency");
    return select.list
        + " FROM agent_execution_logs t WHERE t.execution_id = ANY (?::uuid[]) AND t.usage_seq > 0"
        + " LIMIT ?";
  }

  /** Reads a row of one of the {@link #statements}. */
  public static Detail detail(ResultSet row) throws SQLException {
    ResultSetMetaData columns = row.getMetaData();
    Map<String, Object> values = new LinkedHashMap<>();
    for (int i = 1; i <= columns.getColumnCount(); i++) {
      String name = columns.getColumnLabel(i);
      Object value = HEAD.contains(name) ? null : row.getObject(i);
      if (value != null) {
        values.put(
            name, value instanceof Number || value instanceof Boolean ? value : value.toString());
      }
    }
    OffsetDateTime at = row.getObject("at", OffsetDateTime.class);
    return new Detail(
        at == null ? null : at.toInstant(),
        row.getObject("place", Integer.class),
        row.getString("event"),
        row.getString("agent"),
        row.getObject("execution_id", UUID.class),
        values);
  }

  private boolean isReadable(int table) {
    Table found = tables.get(table);
    return found != null && found.isReadable();
  }

  private boolean has(int table, String column) {
    Table found = tables.get(table);
    return found != null && found.isReadable() && found.columns().contains(column);
  }

  /** One statement, of the columns that are there. */
  private final class Select {
    private final int table;
    private final boolean withTexts;
    private final int textMax;
    private final StringBuilder list = new StringBuilder("SELECT ");

    private Select(int table, String event, boolean withTexts, int textMax) {
      this.table = table;
      this.withTexts = withTexts;
      this.textMax = textMax;
      list.append(orNull("created_at", "timestamptz")).append(" AS at, ");
      list.append(orNull("seq", "integer")).append(" AS place, '").append(event);
      list.append("' AS event, ").append(orNull("agent_name", "text")).append(" AS agent, ");
      list.append(orNull("execution_id", "uuid")).append(" AS execution_id");
    }

    private String orNull(String column, String type) {
      return has(table, column) ? "t." + column : "NULL::" + type;
    }

    private void add(String... columns) {
      for (String column : columns) {
        if (has(table, column)) {
          list.append(", t.").append(column);
        }
      }
    }

    private void names(String... columns) {
      for (String column : columns) {
        left(column, NAME_MAX);
      }
    }

    private void texts(String... columns) {
      for (String column : columns) {
        if (withTexts) {
          left(column, textMax);
        }
      }
    }

    private void left(String column, int max) {
      if (has(table, column)) {
        list.append(", left(t.%1$s::text, %2$s) AS %1$s".formatted(column, max));
      }
    }

    /** Adds values of the metadata that agentlog itself writes. */
    private void flags(String... keys) {
      for (String key : keys) {
        if (has(table, "metadata")) {
          list.append(", left(t.metadata ->> '%1$s', %2$s) AS %1$s".formatted(key, PATH_MAX));
        }
      }
    }

    /** Adds the text of the instructions, which is stored once under its hash. */
    private void instructions() {
      boolean hasTexts = has(TEXTS, "sha256") && has(TEXTS, "text");
      boolean isInRow = has(PROMPTS, "agent_instructions");
      String once =
          hasTexts && has(PROMPTS, "agent_instructions_hash")
              ? "(SELECT s.text FROM agent_prompt_texts s WHERE s.sha256 ="
                  + " t.agent_instructions_hash)"
              : "NULL";
      list.append(
          ", left(coalesce(%s, %s), %s) AS agent_instructions"
              .formatted(isInRow ? "t.agent_instructions" : "NULL", once, textMax));
    }

    private String sql() {
      boolean hasExecution = has(table, "execution_id");
      String ofExecution =
          hasExecution ? "t.execution_id = ANY (?::uuid[])" : "cardinality(?::uuid[]) < 0";
      String ofRequest =
          !has(table, "correlation_id")
              ? "(?::uuid IS NULL AND false)"
              : (hasExecution ? "(t.execution_id IS NULL AND " : "(")
                  + "t.correlation_id = ?::uuid)";
      String order = has(table, "created_at") ? "t.created_at NULLS FIRST" : "1";
      return list
          + " FROM "
          + NAMES.get(table)
          + " t WHERE "
          + ofExecution
          + " OR "
          + ofRequest
          + " ORDER BY "
          + order
          + (has(table, "seq") ? ", t.seq" : "")
          + " LIMIT ?";
    }
  }
}
