package io.agentlog.insight.query;

import io.agentlog.insight.page.LivePage.Firing;
import io.agentlog.sink.SinkUnavailableException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The alerts that fire, for the mark that all pages have. Asks the database at most every {@link
 * #KEPT}, and never lets a page wait for another's question. Thread-safe.
 */
public final class FiringQuery {
  /** Alerts that are read; more are not counted. */
  public static final int LISTED_MAX = 20;

  /** How long an answer is good. */
  static final Duration KEPT = Duration.ofSeconds(5);

  /** How long after a failure, or without tables, nothing is asked. */
  static final Duration KEPT_FAILURE = Duration.ofSeconds(30);

  private static final String STATEMENT =
      "SELECT incident_id, rule, labels, since FROM agent_insight_alerts"
          + " WHERE state = 'firing' AND incident_id IS NOT NULL ORDER BY since DESC LIMIT ?";

  private final Database database;
  private final AlertTables tables;
  private final ReentrantLock asking = new ReentrantLock();
  private volatile List<Firing> last = List.of();
  private volatile long nextNanos = System.nanoTime();

  public FiringQuery(Database database) {
    this.database = database;
    this.tables = new AlertTables(database);
  }

  /** Returns how many fire; 0 if that is not known. */
  public int count() {
    return list().size();
  }

  /** Returns those that fire, the latest first; none if that is not known. */
  public List<Firing> list() {
    if (System.nanoTime() - nextNanos >= 0 && asking.tryLock()) {
      try {
        read();
      } finally {
        asking.unlock();
      }
    }
    return last;
  }

  private void read() {
    Duration kept = KEPT_FAILURE;
    try {
      if (tables.problem() == null) {
        last =
            database.list(
                STATEMENT,
                row ->
                    new Firing(
                        Objects.requireNonNull(Database.id(row, "incident_id")),
                        row.getString("rule"),
                        AlertQuery.labels(row.getString("labels")),
                        Objects.requireNonNull(Database.time(row, "since"))),
                LISTED_MAX);
        kept = KEPT;
      } else {
        last = List.of();
      }
    } catch (SinkUnavailableException e) {
      last = List.of(); // The page itself says what is the matter.
    }
    nextNanos = System.nanoTime() + kept.toNanos();
  }
}
