package io.agentlog.connect;

import io.agentlog.log.AgentLog;
import io.agentlog.log.MinuteSummary;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.sink.ErrantRecordReporter;
import org.apache.kafka.connect.sink.SinkRecord;
import org.jspecify.annotations.Nullable;

/**
 * Hands refused records to Connect, which sends each to the dead letter queue as it was, or stops
 * the task, as {@code errors.tolerance} says. Belongs to the task's thread.
 */
final class RefusedRecords {
  /** Room for the headers in which Connect tells why, with a stack, and for lengths. */
  static final int HEADERS_BYTES_MAX = 16 << 10;

  /** How often a record is reported whose report is answered at once. */
  private static final int ATTEMPTS_MAX = 2;

  private final @Nullable ErrantRecordReporter reporter;
  private final long bytesMax;
  private final TaskCounters counters;
  private final LongSupplier nanoTime;
  private final MinuteSummary line;
  private final Set<String> topicsWithEvents = new HashSet<>();

  /** Reports of records that may come again, by the place that each was read from. */
  private final Map<String, Future<Void>> reports = new LinkedHashMap<>();

  /**
   * Hands records to a reporter.
   *
   * @param reporter null if no record may be refused
   * @param bytesMax largest record that the producer of the dead letter queue takes, with headers
   */
  RefusedRecords(
      @Nullable ErrantRecordReporter reporter,
      long bytesMax,
      TaskCounters counters,
      LongSupplier nanoTime) {
    this.reporter = reporter;
    this.bytesMax = bytesMax;
    this.counters = counters;
    this.nanoTime = nanoTime;
    this.line =
        new MinuteSummary(
            nanoTime,
            (count, last) ->
                AgentLog.warn(
                    "connect",
                    "%s records refused, and reported as errors.tolerance says; the last: %s"
                        .formatted(count, last)));
  }

  /** Notes that a topic has events of agentlog. */
  void sawEvent(String topic) {
    topicsWithEvents.add(topic);
  }

  /**
   * Reports a record, unless that was done and the record came again; see {@link #awaitReports}.
   *
   * @throws ConnectException if records may not be refused, or this one would be lost, which ends
   *     the task
   */
  void report(SinkRecord record, RefusedRecordException reason) {
    String text = String.valueOf(reason.getMessage());
    ErrantRecordReporter to = reporter;
    if (to == null) {
      throw new ConnectException(
          text
              + ". To go on after such records, set errors.tolerance=all and "
              + ConnectorConfig.DEAD_LETTER_TOPIC);
    }
    long size = RecordDecoder.sizeBytes(record) + HEADERS_BYTES_MAX;
    if (size > bytesMax) { // Connect would log that the producer refuses it, and go on.
      throw new ConnectException(
          "%s. With its headers it may have %s bytes, too many for the dead letter queue: set %s above that, and max.message.bytes of the queue's topic"
              .formatted(text, size, ConnectorConfig.REQUEST_SIZE_MAX));
    }
    String place = RecordDecoder.place(record);
    if (reports.containsKey(place)) {
      return;
    }
    boolean isStranger = !topicsWithEvents.contains(record.originalTopic());
    line.add( // Before the report, which may wait for a queue that is away.
        isStranger
            ? text
                + ". So far this task has read no event of agentlog from "
                + record.originalTopic()
            : text);
    reports.put(place, reported(to, record, reason, place));
    counters.refusedRecords.incrementAndGet();
  }

  /**
   * Reports a record. Connect forgets one whose sending failed at once, because a right is missing
   * or {@code max.block.ms} is over, and its answer is that of a record without a queue. What is
   * taken is answered only later, but for the rarest chance, so an answer at once is asked for
   * again, and the second one is believed: a record that is in the queue twice harms nobody.
   */
  private static Future<Void> reported(
      ErrantRecordReporter to, SinkRecord record, RefusedRecordException reason, String place) {
    for (int i = 0; i < ATTEMPTS_MAX; i++) {
      Future<Void> report = to.report(record, reason);
      if (!report.isDone()) {
        return report;
      }
    }
    throw notTaken(place, null);
  }

  private static ConnectException notTaken(String place, @Nullable Throwable cause) {
    return new ConnectException(
        place
            + " is refused, and can't be written to the dead letter queue"
            + (cause == null ? ": the worker's log says why" : ""),
        cause);
  }

  /**
   * Waits until all that was reported is in the dead letter queue. Connect waits, too, but when the
   * queue refuses one of them it ends the task and commits the offsets all the same.
   *
   * @return false if the time is over; nothing is reported twice then
   * @throws ConnectException if the queue refuses one, which ends the task
   */
  boolean awaitReports(long nanos) {
    long startNanos = nanoTime.getAsLong();
    for (Map.Entry<String, Future<Void>> report : reports.entrySet()) {
      long left = Math.max(0, nanos - (nanoTime.getAsLong() - startNanos));
      try {
        report.getValue().get(left, TimeUnit.NANOSECONDS);
      } catch (TimeoutException e) {
        return false;
      } catch (ExecutionException e) {
        throw notTaken(report.getKey(), e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      }
    }
    reports.clear();
    return true;
  }

  /** Forgets the reports of records that go elsewhere. */
  void forget() {
    reports.clear();
  }

  /** Prints the rest of a burst once a minute has passed. */
  void printIfDue() {
    line.printIfDue();
  }
}
