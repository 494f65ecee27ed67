package io.agentlog.postgres;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Names of agentlog's tables in statements. */
final class TableNames {
  private static final Pattern TABLE =
      Pattern.compile(
          "\\bagent_(?:execution_logs|execution_progress|routing_decisions|"
              + "instances|model_calls|prompts|prompt_texts|file_operations|intelligence_usage|insight_[a-z_]+)\\b");

  private TableNames() {}

  /**
   * Returns the statement with the schema before each of our tables, for a session that searches
   * {@code pg_catalog} alone, so that nobody's table or function is found instead.
   *
   * @param schema as SQL writes it
   */
  static String qualified(String sql, String schema) {
    return TABLE.matcher(sql).replaceAll(Matcher.quoteReplacement(schema) + ".$0");
  }
}
