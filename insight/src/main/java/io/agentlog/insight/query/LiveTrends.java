package io.agentlog.insight.query;

import io.agentlog.insight.page.LivePage;
import io.agentlog.sink.SinkUnavailableException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The last hour and day as the live page shows them. Thread-safe. */
public final class LiveTrends {
  private final Database database;

  public LiveTrends(Database database) {
    this.database = database;
  }

  /** Returns the usual longest duration by agent: the p95 of a day, in microseconds. */
  public Map<String, Long> usual() throws SinkUnavailableException {
    return Map.of();
  }

  /** Returns figures of the last hour; empty if they are not known. */
  public List<LivePage.Figure> figures() throws SinkUnavailableException {
    return List.of();
  }

  /** Returns what is missing, and what to do; null if nothing is. */
  public @Nullable String note() {
    return null;
  }
}
