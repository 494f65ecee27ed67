package io.agentlog.insight.live;

import io.agentlog.insight.query.FiringQuery;
import io.agentlog.insight.query.LiveQuery;
import io.agentlog.insight.query.LiveTrends;
import io.agentlog.sink.SinkUnavailableException;
import java.time.Instant;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Reads what runs, at most twice a second however many ask, and less often where a read takes long.
 * Thread-safe: who asks while another reads waits for that read.
 */
public final class LiveReader {
  /** Time between two reads, in nanoseconds. */
  static final long INTERVAL_NANOS = 500_000_000L;

  /** After a read the database rests so many times as long as the read took. */
  static final int REST_FACTOR = 20;

  private final LiveQuery query;
  private final LiveTrends trends;
  private final FiringQuery alerts;
  private final AtomicLong reads = new AtomicLong();
  private final AtomicLong lastReadNanos = new AtomicLong();

  /** The longest rest. */
  static final long REST_NANOS_MAX = 2_000_000_000L;

  private @Nullable LiveData last;
  private @Nullable SinkUnavailableException failure;
  private long nextNanos = System.nanoTime();

  public LiveReader(LiveQuery query, LiveTrends trends, FiringQuery alerts) {
    this.query = query;
    this.trends = trends;
    this.alerts = alerts;
  }

  /**
   * Returns what was read last, or reads again if that is too long ago.
   *
   * @throws SinkUnavailableException if the database can't be read
   */
  public synchronized LiveData read() throws SinkUnavailableException {
    long begin = System.nanoTime();
    if (begin - nextNanos < 0) {
      return known();
    }
    try {
      last =
          new LiveData(
              reads.incrementAndGet(),
              Instant.now(),
              query.running(trends.usual()),
              query.ended(),
              trends.figures(),
              alerts.list(),
              trends.note());
      failure = null;
    } catch (SinkUnavailableException e) {
      failure = e;
    }
    long nanos = System.nanoTime() - begin;
    lastReadNanos.set(nanos);
    nextNanos =
        begin + nanos + Math.min(REST_NANOS_MAX, Math.max(INTERVAL_NANOS, REST_FACTOR * nanos));
    return known();
  }

  private LiveData known() throws SinkUnavailableException {
    SinkUnavailableException failed = failure;
    if (failed != null) {
      throw new SinkUnavailableException(String.valueOf(failed.getMessage()), failed);
    }
    return Objects.requireNonNull(last);
  }

  /** Returns the nanoseconds until a read would ask the database again. */
  synchronized long restNanos() {
    return Math.max(0, nextNanos - System.nanoTime());
  }

  /** Returns how often the database was read. */
  public long readCount() {
    return reads.get();
  }

  /** Returns how long the last read took, in nanoseconds. */
  public long lastReadNanos() {
    return lastReadNanos.get();
  }
}
