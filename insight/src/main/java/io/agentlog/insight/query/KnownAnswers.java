package io.agentlog.insight.query;

import io.agentlog.insight.query.RollupState.Duty;
import io.agentlog.sink.SinkUnavailableException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the answers to the last questions about a table until it is computed again, for all who
 * look at the same page. Thread-safe: two who ask at the same time may both read.
 */
final class KnownAnswers<T> {
  /** Answers that are kept; one of a page of 90 days takes some 500 kB. */
  private static final int KEPT_MAX = 8;

  // Each computation moves the tick, or takes a part of the history.
  private static final String VERSION =
      """
      SELECT (SELECT tick FROM agent_insight_state WHERE key = ?) AS tick, count(*) AS open, sum(extract(epoch FROM begins))::text AS begins,
             sum(extract(epoch FROM ends))::text AS ends
      FROM agent_insight_dirty WHERE duty = ?""";

  private final Database database;
  private final Duty duty;
  private final Map<List<@Nullable Object>, Known<T>> known = new LinkedHashMap<>(16, 0.75f, true);

  KnownAnswers(Database database, Duty duty) {
    this.database = database;
    this.duty = duty;
  }

  /** Reads an answer. */
  @FunctionalInterface
  interface Reader<T> {
    T read() throws SinkUnavailableException;
  }

  private record Version(long tick, long open, @Nullable String begins, @Nullable String ends) {}

  private record Known<T>(Version version, T answer) {}

  /**
   * Returns the answer to a question.
   *
   * @param question whatever the answer depends on but for the table
   */
  T get(List<@Nullable Object> question, Reader<T> reader) throws SinkUnavailableException {
    Version version =
        database
            .list(
                VERSION,
                row ->
                    new Version(
                        row.getLong("tick"),
                        row.getLong("open"),
                        row.getString("begins"),
                        row.getString("ends")),
                duty.key(),
                duty.key())
            .get(0);
    synchronized (known) {
      Known<T> kept = known.get(question);
      if (kept != null && kept.version.equals(version)) {
        return kept.answer;
      }
    }
    T answer = reader.read();
    synchronized (known) {
      known.put(question, new Known<>(version, answer));
      if (known.size() > KEPT_MAX) {
        known.remove(known.keySet().iterator().next());
      }
    }
    return answer;
  }
}
