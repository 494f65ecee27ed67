package io.agentlog.postgres;

import io.agentlog.sink.SinkUnavailableException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Says what an error of the database means for a program that only reads, and what to do. */
final class ReadErrors {
  /** A table or column that is not there. */
  private static final Pattern MISSING =
      Pattern.compile("SQLSTATE (42P01|42703): .*", Pattern.DOTALL);

  private static final Pattern DENIED = Pattern.compile("denied for \\w+ (\\w+)$");
  private static final String OWN_TABLES = "agent_insight";

  private ReadErrors() {}

  /** Returns the outage for an error. */
  static SinkUnavailableException outage(SQLException thrown, PostgresTarget target) {
    String sentence = sentence(thrown, SqlStates.shortText(thrown), target);
    return sentence == null
        ? SqlStates.outage(thrown, target, false)
        : new SinkUnavailableException(sentence, thrown, Duration.ZERO);
  }

  private static @Nullable String sentence(
      SQLException thrown, String text, PostgresTarget target) {
    if (SqlStates.isMissingRight(thrown)) {
      String user = SqlStates.quoted(target.user());
      return "user %s may not read all tables at %s (%s): run GRANT %s TO %s"
          .formatted(user, target, text, missingRight(text, target), user);
    }
    if (SqlStates.isCancelled(thrown)) {
      return "%s ended a statement that took too long: choose a shorter window or fewer filters, or try again"
          .formatted(target);
    }
    if (MISSING.matcher(text).matches()) {
      String jar = text.contains(OWN_TABLES) ? "agentlog-insight.jar" : "agentlog.jar";
      return "a table or column is missing at %s (%s): run java -jar %s migrate as the owner of the tables"
          .formatted(target, text, jar);
    }
    return null;
  }

  private static String missingRight(String text, PostgresTarget target) {
    if (text.contains("schema")) {
      return "USAGE ON SCHEMA " + SqlStates.quoted(target.schema());
    }
    Matcher named = DENIED.matcher(text);
    boolean isOther = named.find() && !Schema.tableNames().contains(named.group(1));
    return "SELECT ON " + (isOther ? named.group(1) : String.join(", ", Schema.tableNames()));
  }
}
